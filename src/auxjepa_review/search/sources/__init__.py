"""Where works are found: online databases by name. Nothing here opens a socket before a client fetches."""

from __future__ import annotations

from auxjepa_review.search.sources.arxiv import Arxiv
from auxjepa_review.search.sources.crossref import Crossref
from auxjepa_review.search.sources.openalex import OpenAlex
from auxjepa_review.search.sources.semantic_scholar import SemanticScholar
from auxjepa_review.search.sources.source import Hits, Source

SOURCES: dict[str, type[Source]] = {kind.name: kind for kind in (Arxiv, OpenAlex, SemanticScholar, Crossref)}

__all__ = ["SOURCES", "Arxiv", "Crossref", "Hits", "OpenAlex", "SemanticScholar", "Source"]
