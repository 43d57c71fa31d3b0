"""Use the corpus as a source: its documents, ranked by the question's words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from auxjepa_review.records import Document
from auxjepa_review.search.concepts import Terms, content_stems
from auxjepa_review.search.sources.source import Hits

K, B = 1.2, 0.75
"""Constants of BM25 for repetition and length (Robertson and Zaragoza 2009)."""


def rank(documents: Sequence[Document], terms: Terms) -> list[Document]:
    """Return all documents, best first by BM25 of the question's content words; equal ones in the given order."""
    stems = set(content_stems(terms.question))
    bags = [Counter(w for w in content_stems(f"{d.work.title} {d.text}") if w in stems) for d in documents]
    lengths = [max(len(d.text), 1) for d in documents]
    mean = sum(lengths) / max(len(lengths), 1)
    document_counts = {w: sum(w in bag for bag in bags) for w in stems}

    def score(i: int) -> float:
        return math.fsum(
            math.log(1 + (len(documents) - document_counts[w] + 0.5) / (document_counts[w] + 0.5))
            * (n * (K + 1) / (n + K * (1 - B + B * lengths[i] / mean)))
            for w, n in bags[i].items()
        )

    scores = [score(i) for i in range(len(documents))]
    return [documents[i] for i in sorted(range(len(documents)), key=lambda i: (-scores[i], i))]


def search_corpus(documents: Sequence[Document], terms: Terms, now: datetime) -> tuple[Hits, list[Document]]:
    """Return every document as a hit, because its owner chose the corpus, and the documents in the hits' order.

    Args:
        documents: the corpus.
        terms: the parsed question.
        now: present date and time.
    """
    ordered = rank(documents, terms)
    return Hits(works=[d.work for d in ordered], total=len(ordered), dates=[now]), ordered
