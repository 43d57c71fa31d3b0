"""Search arXiv with its query API, which answers with Atom feeds.

Rate: one request in three seconds (terms of use). A page has at most 2000 records; 100 are requested.
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError

from auxjepa.config import ConfigError
from auxjepa_review.records import Work
from auxjepa_review.search.concepts import Terms
from auxjepa_review.search.sources import source as base
from auxjepa_review.search.sources.client import SourceError

ATOM, SEARCH, ARXIV = (
    "{http://www.w3.org/2005/Atom}",
    "{http://a9.com/-/spec/opensearch/1.1/}",
    "{http://arxiv.org/schemas/atom}",
)


class Arxiv(base.Source):
    """The arXiv API, https://info.arxiv.org/help/api/user-manual.html."""

    name, title, address, rate, most = "arxiv", "arXiv", "https://export.arxiv.org", 3.0, 100

    def phrase(self, terms: Terms) -> str:
        """Return methods AND (benchmarks OR settings), each in quotes in all fields; the question's words without
        concepts."""
        groups = [_either(terms.either("method")), _either(terms.either("benchmark", "setting"))]
        if any(groups):
            return " AND ".join(group for group in groups if group)
        return " AND ".join(f"all:{word}" for word in _words(terms)[:5])

    def request(self, text: str, start: int, size: int) -> tuple[str, dict[str, str]]:
        """Return the request of a page, sorted by relevance."""
        return "/api/query", {
            "search_query": text,
            "start": str(start),
            "max_results": str(size),
            "sortBy": "relevance",
            "sortOrder": "descending",
        }

    def read(self, body: bytes) -> base.Page:
        """Read an Atom feed. A refused query is a feed with one entry called 'Error'."""
        feed = parse(body)
        if feed.tag != f"{ATOM}feed":
            raise ValueError(f"<{base.text(feed.tag)[:60]}> where an Atom feed was expected")
        total = feed.findtext(f"{SEARCH}totalResults", "").strip()
        if not total.isdecimal():
            raise ValueError("an Atom feed without a number of results")
        entries = feed.findall(f"{ATOM}entry")
        for entry in entries:
            if "/api/errors" in entry.findtext(f"{ATOM}id", ""):
                raise SourceError(f"arXiv refused the query: {base.text(entry.findtext(f'{ATOM}summary'))[:200]}")
        works = [work for entry in entries if (work := _work(entry))]
        return base.Page(tuple(works), int(total[:12]), len(entries) - len(works))


def parse(body: bytes) -> Element:
    """Parse XML without document types and entities.

    Raises:
        ValueError: the XML is malformed, or has document types or entities.
    """
    try:
        from defusedxml import ElementTree
    except ImportError:
        raise ConfigError("arXiv's answers need defusedxml: pip install 'auxjepa[review]'") from None
    try:
        root: Any = ElementTree.fromstring(body, forbid_dtd=True)
    except ParseError as error:
        start = base.text(body[:60].decode("utf-8", "replace"))
        raise ValueError(f"no XML ({error}): {start!r}") from None
    except ValueError as error:
        raise ValueError(f"XML with a document type or entities ({type(error).__name__})") from None
    return root


def _work(entry: Element) -> Work | None:
    title = base.text(entry.findtext(f"{ATOM}title"))
    address = entry.findtext(f"{ATOM}id", "").strip()
    number = base.arxiv_id(address)
    if not title or not number:
        return None
    published = entry.findtext(f"{ATOM}published", "")[:4]
    return Work(
        title=title,
        authors=tuple(
            a for author in entry.findall(f"{ATOM}author") if (a := base.text(author.findtext(f"{ATOM}name")))
        ),
        year=base.year(int(published)) if published.isdecimal() else None,
        venue=base.text(entry.findtext(f"{ARXIV}journal_ref")),
        doi=base.doi(entry.findtext(f"{ARXIV}doi")),
        arxiv=number,
        url=f"https://arxiv.org/abs/{number}",
        abstract=base.text(entry.findtext(f"{ATOM}summary")),
        source="arxiv",
    )


def _either(phrases: list[str]) -> str:
    parts = [f'all:"{_plain(phrase)}"' for phrase in phrases]
    return f"({' OR '.join(parts)})" if len(parts) > 1 else "".join(parts)


def _words(terms: Terms) -> list[str]:
    return [word for phrase in terms.words for word in _plain(phrase).split()]


def _plain(phrase: str) -> str:
    """Return only letters and digits, because quotes, brackets and hyphens have a meaning in a query."""
    return " ".join("".join(c if c.isalnum() else " " for c in phrase).split())
