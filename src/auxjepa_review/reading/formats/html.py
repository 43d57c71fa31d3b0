"""Read web pages: their visible text with headings and tables, and the description of the work in their head.

No resource that a page names is loaded, and no script is run.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from auxjepa_review.reading.formats import Raw
from auxjepa_review.reading.formats.text import decode

INVISIBLE = ("script", "style", "template", "noscript", "svg", "iframe", "object", "canvas", "audio", "video", "head")
"""Elements whose content is not shown as text."""
_BLOCKS = """p div section article main aside header footer nav ul ol li dl dt dd table caption thead tbody tfoot
blockquote pre figure figcaption address form fieldset hr h1 h2 h3 h4 h5 h6"""
BLOCK = frozenset(_BLOCKS.split())
CELLS = ("td", "th")
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)
_META = {
    "citation_title": "title",
    "dc.title": "title",
    "citation_author": "authors",
    "dc.creator": "authors",
    "author": "authors",
    "citation_publication_date": "date",
    "citation_date": "date",
    "citation_online_date": "date",
    "dc.date": "date",
    "citation_doi": "doi",
    "citation_arxiv_id": "arxiv",
}


def read(data: bytes) -> Raw:
    """Read one page."""
    declared = _CHARSET.search(data[:4096])
    parser = _Page()
    parser.feed(decode(data, declared[1].decode("ascii") if declared else ""))
    parser.close()
    text = parser.text()
    if parser.title and "title" not in parser.about:
        parser.about["title"] = [" ".join("".join(parser.title).split())]
    single = {name: parser.about[name][0] for name in ("title", "date", "doi", "arxiv") if name in parser.about}
    return Raw([text] if text else [], authors=parser.about.get("authors", []), links=parser.links, **single)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.about: dict[str, list[str]] = {}
        self.title: list[str] = []
        self.links: list[str] = []
        self._parts: list[str] = []
        self._silent: list[str] = []
        self._in_title = self._in_pre = False
        self._row = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self._meta(attributes)
        elif tag == "title":
            self._in_title = not self._silent or self._silent == ["head"]
        elif tag in INVISIBLE:
            self._silent.append(tag)
        elif tag == "body":
            self._silent.clear()
        if self._silent:
            return
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"][:2000])
        self._layout(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INVISIBLE:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag in self._silent:
            del self._silent[self._silent.index(tag) :]
        elif not self._silent:
            if tag == "pre":
                self._in_pre = False
            if tag == "tr":
                self._parts.append("\n")
            elif tag in BLOCK and not self._row:
                self._parts.append("\n\n")
            if tag == "tr" or tag == "table":
                self._row = 0

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif not self._silent:
            self._parts.append(data if self._in_pre else re.sub(r"[ \t\r\n\f]+", " ", data))

    def text(self) -> str:
        lines = (re.sub(r" +", " ", line).strip(" ") for line in "".join(self._parts).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line if line.strip() else "" for line in lines)).strip("\n")

    def _layout(self, tag: str) -> None:
        if tag == "br":
            self._parts.append(" " if self._row else "\n")
        elif tag == "tr":
            self._parts.append("\n")
            self._row = 1
        elif tag in CELLS and self._row:
            self._parts.append("\t" if self._row > 1 else "")
            self._row += 1
        elif tag in BLOCK and not self._row:
            self._in_pre = self._in_pre or tag == "pre"
            self._parts.append("\n\n" + ("#" * int(tag[1]) + " " if re.fullmatch("h[1-6]", tag) else ""))

    def _meta(self, attributes: dict[str, str]) -> None:
        name = _META.get(attributes.get("name", attributes.get("property", "")).lower())
        if name and attributes.get("content", "").strip():
            self.about.setdefault(name, []).append(" ".join(attributes["content"].split()))
