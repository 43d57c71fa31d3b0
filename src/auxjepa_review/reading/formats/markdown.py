"""Read Markdown: front matter, tables, links and emphasis. All other parts are already text."""

from __future__ import annotations

import re

from auxjepa_review.reading.formats import Raw
from auxjepa_review.reading.formats.text import decode

_FRONT = re.compile(r"\A---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,500})\]\(<?([^()\s<>]{1,2000}(?:\([^()\s]{0,200}\))?)>?(?:\s+\"[^\"\n]{0,500}\")?\)"
)
_EMPHASIS = re.compile(
    r"(?<![\w*])(\*{1,3})(?=\S)([^*\n]{1,2000}?)(?<=\S)\1(?![\w*])|(?<![\w_])(_{1,2})(?=\S)([^_\n]{1,2000}?)(?<=\S)\3(?![\w_])"
)
_SETEXT = re.compile(r"^([^\s#>|-][^\n|]{0,300})\n(=+|-{3,})[ \t]*$", re.MULTILINE)


def read(data: bytes) -> Raw:
    """Read one page with its front matter of ``key: value`` lines: title, authors, date, doi and arxiv.

    No YAML parser reads the front matter, because YAML aliases can grow without bound.
    """
    text = decode(data).replace("\r\n", "\n").replace("\r", "\n")
    front, text = _front(text)
    first, *parts = text.split("<!--")
    text = first + "".join(part.partition("-->")[2] for part in parts)
    links = [match[2] for match in _LINK.finditer(text)]
    text = _LINK.sub(lambda match: match[1], text)
    text = _SETEXT.sub(lambda match: f"{'#' if match[2][0] == '=' else '##'} {match[1].rstrip()}", text)
    text = _EMPHASIS.sub(lambda match: match[2] or match[4], text)
    text = "\n".join(_cells(line) for line in text.split("\n") if not _is_rule(line))
    return Raw(pages=[text] if text.strip() else [], links=links, **front)


def _front(text: str) -> tuple[dict, str]:
    match = _FRONT.match(text)
    if match is None:
        return {}, text
    values: dict[str, list[str]] = {}
    key = ""
    for line in match[1].split("\n"):
        item = re.match(r"\s+-\s+(.*)|\s*-\s+(.*)", line)
        named = re.match(r"([A-Za-z_]+):\s*(.*)", line)
        if named:
            key = named[1].lower().removesuffix("s")
            values[key] = [named[2]] if named[2] else []
        elif item and key:
            values[key].append(item[1] or item[2])
    single = {name: _plain(values[name][0]) for name in ("title", "date", "doi", "arxiv") if values.get(name)}
    authors = values.get("author", [])
    if len(authors) == 1:
        authors = authors[0].strip("[] ").split(",")
    return {**single, "authors": [_plain(author.removeprefix("name:")) for author in authors]}, text[match.end() :]


def _plain(value: str) -> str:
    return value.strip().strip("\"'").strip()


def _is_rule(line: str) -> bool:
    """Check whether a line separates the header of a table from its body."""
    return "|" in line and "-" in line and set(line) <= set(" \t|:-")


def _cells(line: str) -> str:
    """Return a row of a pipe table with tabs in place of its pipes."""
    stripped = line.strip()
    if stripped.count("|") < 2 or "\t" in stripped:
        return line
    cells = re.split(r"(?<!\\)\|", stripped.removeprefix("|").removesuffix("|"))
    return "\t".join(" ".join(cell.replace("\\|", "|").split()) for cell in cells)
