"""Where works are found: online databases by name. Nothing here opens a socket before a client fetches."""

from __future__ import annotations

from auxjepa.literature.sources.arxiv import Arxiv
from auxjepa.literature.sources.base import Hits, Source
from auxjepa.literature.sources.crossref import Crossref
from auxjepa.literature.sources.openalex import OpenAlex
from auxjepa.literature.sources.semantic_scholar import SemanticScholar

SOURCES: dict[str, type[Source]] = {kind.name: kind for kind in (Arxiv, OpenAlex, SemanticScholar, Crossref)}

__all__ = ["SOURCES", "Arxiv", "Crossref", "Hits", "OpenAlex", "SemanticScholar", "Source"]
