"""Find works in online databases, and fetch their full texts.

Each database has a file that formulates queries and reads answers; `client` sends all requests. No socket is opened
before a client fetches. Screening and merging of works belong to the room above.
"""

from __future__ import annotations

from auxjepa_review.search.sources.arxiv import Arxiv
from auxjepa_review.search.sources.crossref import Crossref
from auxjepa_review.search.sources.openalex import OpenAlex
from auxjepa_review.search.sources.semantic_scholar import SemanticScholar
from auxjepa_review.search.sources.source import Hits, Source

SOURCES: dict[str, type[Source]] = {kind.name: kind for kind in (Arxiv, OpenAlex, SemanticScholar, Crossref)}

__all__ = ["SOURCES", "Arxiv", "Crossref", "Hits", "OpenAlex", "SemanticScholar", "Source"]
