"""Search OpenAlex by full text.

Rate: 100 requests a second are allowed, and this client sends at most ten. Without a key only few searches a day are
possible; ``$OPENALEX_API_KEY`` can hold a free key. A page has at most 100 records, and page numbers reach 10,000.
"""

from __future__ import annotations

import os
from typing import Any

from auxjepa_review.records import Work
from auxjepa_review.search.concepts import Terms
from auxjepa_review.search.sources import source as base

KEY = "OPENALEX_API_KEY"
_FIELDS = (
    "id,doi,title,publication_year,language,authorships,primary_location,best_oa_location,locations,"
    "abstract_inverted_index"
)


class OpenAlex(base.Source):
    """The OpenAlex API, https://developers.openalex.org."""

    name, title, address, rate, most = "openalex", "OpenAlex", "https://api.openalex.org", 0.1, 100

    def phrase(self, terms: Terms) -> str:
        """Return methods AND (benchmarks OR settings), each in quotes; the question's words without concepts."""
        groups = [terms.either("method"), terms.either("benchmark", "setting")]
        joined = [" OR ".join(f'"{p.replace(chr(34), "")}"' for p in group) for group in groups if group]
        return " AND ".join(f"({group})" for group in joined) or terms.plain()

    def request(self, text: str, start: int, size: int) -> tuple[str, dict[str, str]]:
        """Return the request of a page, sorted by relevance (the default order of a search)."""
        return "/works", {
            "search": text,
            "per_page": str(size),
            "page": str(start // size + 1),
            "select": _FIELDS,
        }

    def headers(self) -> dict[str, str]:
        """Return the header with the key, if there is one."""
        key = os.environ.get(KEY, "")
        return {"Authorization": f"Bearer {key}"} if key else {}

    def read(self, body: bytes) -> base.Page:
        """Read ``meta.count`` and ``results``."""
        content = base.load(body)
        records = base.items(content, "results")
        works = [work for record in records if (work := _work(record))]
        return base.Page(tuple(works), base.number(base.path(content, "meta", "count")), len(records) - len(works))


def _work(record: Any) -> Work | None:
    title = base.text(base.path(record, "title")) or base.text(base.path(record, "display_name"))
    if not title:
        return None
    doi = base.doi(base.path(record, "doi"))
    locations = base.path(record, "locations")
    places = [base.path(record, "primary_location"), *(locations if isinstance(locations, list) else [])]
    open_places = [base.path(record, "best_oa_location"), *(p for p in places if base.path(p, "is_oa") is True)]
    addresses = [base.text(base.path(place, "landing_page_url")) for place in places]
    numbers = [number for address in [*addresses, doi] if (number := base.arxiv_id(address))]
    authors = base.path(record, "authorships")
    return Work(
        title=title,
        authors=tuple(
            name
            for a in (authors if isinstance(authors, list) else [])
            if (name := base.text(base.path(a, "author", "display_name")))
        ),
        year=base.year(base.path(record, "publication_year")),
        venue=base.text(base.path(record, "primary_location", "source", "display_name")),
        doi=doi,
        arxiv=numbers[0] if numbers else "",
        url=next((a for a in addresses if a.startswith(("https://", "http://"))), base.text(base.path(record, "id"))),
        fulltext=next((a for place in open_places if (a := base.address(base.path(place, "pdf_url")))), ""),
        abstract=abstract(base.path(record, "abstract_inverted_index")),
        language=base.text(base.path(record, "language"))[:12].lower(),
        source="openalex",
    )


def abstract(index: Any) -> str:
    """Return the text of an inverted index ``{word: [positions]}``; '' for anything else."""
    if not isinstance(index, dict):
        return ""
    placed = [
        (place, word)
        for word, places in index.items()
        if isinstance(places, list)
        for place in places
        if isinstance(place, int)
    ]
    return base.text(" ".join(word for _, word in sorted(placed)))
