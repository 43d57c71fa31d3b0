"""Which documents speak of the paper whose table this package has: only what they say is held against that table."""

from __future__ import annotations

from collections.abc import Sequence

from auxjepa_review.records import Document, Statement
from auxjepa_review.verify.passages import origin, sources

PAPER = "2605.17165"


def resting(documents: Sequence[Document]) -> frozenset[str]:
    """Ids of documents that are the paper, cite it, or draw on one source with a document that does."""
    direct = {d.id for d in documents if d.work.arxiv == PAPER or f"arxiv:{PAPER}" in d.references}
    origins = {d.id: origin(d) for d in documents}
    groups = sources(list(origins), origins).groups if direct else ()
    return frozenset(direct.union(*(group for group in groups if direct & set(group))))


def about_paper(statements: Sequence[Statement], documents: Sequence[Document]) -> list[bool]:
    """Whether each statement stands in a document that rests on the paper."""
    own = resting(documents)
    return [any(m.span.document in own for m in s.mentions) for s in statements]
