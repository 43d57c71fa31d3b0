"""Search Semantic Scholar with the Academic Graph's search by relevance.

Rate: one request a second with a key (``$S2_API_KEY``). All users without a key share one limit and often get status
429, so this client then sends one request in three seconds. A page has at most 100 records, a query at most 1000.
"""

from __future__ import annotations

import os
from typing import Any

from auxjepa_review.records import Work
from auxjepa_review.search.concepts import Terms
from auxjepa_review.search.sources import source as base
from auxjepa_review.search.sources.client import Client

KEY = "S2_API_KEY"
_FIELDS = "title,abstract,year,venue,authors,externalIds,url,openAccessPdf"


class SemanticScholar(base.Source):
    """The Academic Graph API, https://api.semanticscholar.org/api-docs/graph."""

    name, title, address, rate, most = (
        "semantic_scholar",
        "Semantic Scholar",
        "https://api.semanticscholar.org",
        1.0,
        100,
    )
    reach = 1000

    def phrase(self, terms: Terms) -> str:
        """Return plain words, because this search has no operators and finds nothing for words with hyphens."""
        return " ".join("".join(c if c.isalnum() else " " for c in terms.plain(8)).split())

    def request(self, text: str, start: int, size: int) -> tuple[str, dict[str, str]]:
        """Return the request of a page, sorted by relevance."""
        size = min(size, self.reach - start)
        return "/graph/v1/paper/search", {"query": text, "offset": str(start), "limit": str(size), "fields": _FIELDS}

    def headers(self) -> dict[str, str]:
        """Return the header with the key, if there is one."""
        key = os.environ.get(KEY, "")
        return {"x-api-key": key} if key else {}

    def interval(self, client: Client) -> float | int:
        """Return the seconds between two requests, which are more without a key."""
        documented = super().interval(client)
        return documented if self._interval is not None or os.environ.get(KEY) else 3 * documented

    def read(self, body: bytes) -> base.Page:
        """Read ``total`` and ``data``, which is missing if there are no results."""
        content = base.load(body)
        total = base.number(content.get("total"))
        if total is None:
            raise ValueError("no number 'total'")
        records = base.items(content, "data") if "data" in content or total else []
        works = [work for record in records if (work := _work(record))]
        return base.Page(tuple(works), total, len(records) - len(works))


def _work(record: Any) -> Work | None:
    title = base.text(base.path(record, "title"))
    if not title:
        return None
    doi = base.doi(base.path(record, "externalIds", "DOI"))
    authors = base.path(record, "authors")
    return Work(
        title=title,
        authors=tuple(
            name for a in (authors if isinstance(authors, list) else []) if (name := base.text(base.path(a, "name")))
        ),
        year=base.year(base.path(record, "year")),
        venue=base.text(base.path(record, "venue")),
        doi=doi,
        arxiv=base.arxiv_id(base.path(record, "externalIds", "ArXiv")) or base.arxiv_id(doi),
        url=base.text(base.path(record, "url")),
        fulltext=base.address(base.path(record, "openAccessPdf", "url")),
        abstract=base.text(base.path(record, "abstract")),
        source="semantic_scholar",
    )
