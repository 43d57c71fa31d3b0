"""Find the works that belong to a question, in the corpus and in online databases, and the passages of a document.

The room screens works, records the search in a protocol, and builds the full-text index. It judges no claim: that is
the task of `verify`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa_review.search.embed import ChildEmbedder
    from auxjepa_review.search.index import Embedder, Index
    from auxjepa_review.search.protocol import Protocol, SourceSearch
    from auxjepa_review.search.screen import Decision, Rules
    from auxjepa_review.search.search import SearchResult, abstract_only, is_abstract, search_works
    from auxjepa_review.search.sources import SOURCES, Source
    from auxjepa_review.search.sources.fulltext import FullTexts

__all__ = [
    "SOURCES",
    "ChildEmbedder",
    "Decision",
    "Embedder",
    "FullTexts",
    "Index",
    "Protocol",
    "Rules",
    "SearchResult",
    "Source",
    "SourceSearch",
    "abstract_only",
    "is_abstract",
    "search_works",
]

_MODULES = {
    "auxjepa_review.search.embed": ("ChildEmbedder",),
    "auxjepa_review.search.index": ("Embedder", "Index"),
    "auxjepa_review.search.protocol": ("Protocol", "SourceSearch"),
    "auxjepa_review.search.screen": ("Decision", "Rules"),
    "auxjepa_review.search.search": ("SearchResult", "abstract_only", "is_abstract", "search_works"),
    "auxjepa_review.search.sources": ("SOURCES", "Source"),
    "auxjepa_review.search.sources.fulltext": ("FullTexts",),
}
"""Module: its public names. They are imported on first use, because the child process does not need them."""

__getattr__ = import_on_use(__name__, _MODULES)
