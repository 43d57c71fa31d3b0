"""Search Crossref with its REST API, over titles, authors and venues.

Rate: one request for a list a second, or three with an address (``mailto``). A page has at most 1000 records; 100 are
requested.
"""

from __future__ import annotations

import re
from typing import Any

from auxjepa_review.records import Work
from auxjepa_review.search.concepts import Terms
from auxjepa_review.search.sources import source as base
from auxjepa_review.search.sources.client import Client, SourceError

_FIELDS = "DOI,title,author,issued,container-title,abstract,URL"


class Crossref(base.Source):
    """The Crossref API, https://api.crossref.org."""

    name, title, address, rate, most = "crossref", "Crossref", "https://api.crossref.org", 1.0, 100

    def phrase(self, terms: Terms) -> str:
        """Return plain words, because this search has no operators."""
        return terms.plain(8)

    def request(self, text: str, start: int, size: int) -> tuple[str, dict[str, str]]:
        """Return the request of a page, sorted by relevance."""
        return "/works", {"query.bibliographic": text, "rows": str(size), "offset": str(start), "select": _FIELDS}

    def interval(self, client: Client) -> float | int:
        """Return the seconds between two requests, which are fewer with an address."""
        documented = super().interval(client)
        return documented if self._interval is not None or not client.mailto else documented / 3

    def read(self, body: bytes) -> base.Page:
        """Read ``message.total-results`` and ``message.items``."""
        content = base.load(body)
        if content.get("status") == "failed":
            reason = base.text(base.path(content, "message", 0, "message")) or "no reason given"
            raise SourceError(f"Crossref refused the query: {reason[:200]}")
        message = content.get("message")
        if not isinstance(message, dict):
            raise ValueError("no 'message'")
        records = base.items(message, "items")
        works = [work for record in records if (work := _work(record))]
        return base.Page(tuple(works), base.number(message.get("total-results")), len(records) - len(works))


def _work(record: Any) -> Work | None:
    title = base.text(base.path(record, "title", 0))
    doi = base.doi(base.path(record, "DOI"))
    if not title or not doi:
        return None
    authors = base.path(record, "author")
    names = [
        base.text(base.path(a, "name"))
        or f"{base.text(base.path(a, 'given'))} {base.text(base.path(a, 'family'))}".strip()
        for a in (authors if isinstance(authors, list) else [])
    ]
    return Work(
        title=title,
        authors=tuple(name for name in names if name),
        year=base.year(base.path(record, "issued", "date-parts", 0, 0)),
        venue=base.text(base.path(record, "container-title", 0)),
        doi=doi,
        arxiv=base.arxiv_id(doi),
        url=f"https://doi.org/{doi}",
        abstract=re.sub(r"^Abstract[.:]?\s+", "", base.text(base.path(record, "abstract"))),
        source="crossref",
    )
