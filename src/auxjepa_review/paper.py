"""Find the documents about the paper with the package's table: only their claims are compared with that table."""

from __future__ import annotations

from collections.abc import Sequence

from auxjepa_review.records import Document, Statement
from auxjepa_review.verify.sources import find_origin, group_sources

PAPER = "2605.17165"


def documents_on_paper(documents: Sequence[Document]) -> frozenset[str]:
    """Return the ids of documents that are the paper, cite it, or share a source with a document that does."""
    direct = {d.id for d in documents if d.work.arxiv == PAPER or f"arxiv:{PAPER}" in d.references}
    origins = {d.id: find_origin(d) for d in documents}
    groups = group_sources(list(origins), origins).groups if direct else ()
    return frozenset(direct.union(*(group for group in groups if direct & set(group))))


def rests_on_paper(statements: Sequence[Statement], documents: Sequence[Document]) -> list[bool]:
    """Return, for each statement, whether one of its documents rests on the paper."""
    on_paper = documents_on_paper(documents)
    return [any(m.span.document in on_paper for m in s.mentions) for s in statements]
