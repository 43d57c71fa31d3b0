"""The corpus as a source: documents that are at hand, ranked by the question's words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from auxjepa_review.records import Document
from auxjepa_review.search.concepts import Terms, content
from auxjepa_review.search.sources.source import Hits

K, B = 1.2, 0.75
"""Of BM25: how soon repetition stops to count, and how much length does (Robertson and Zaragoza 2009)."""


def ranked(documents: Sequence[Document], terms: Terms) -> list[Document]:
    """All documents, best first by BM25 of the question's content words; equal ones in the order given."""
    asked = set(content(terms.question))
    bags = [Counter(w for w in content(f"{d.work.title} {d.text}") if w in asked) for d in documents]
    lengths = [max(len(d.text), 1) for d in documents]
    mean = sum(lengths) / max(len(lengths), 1)
    having = {w: sum(w in bag for bag in bags) for w in asked}

    def score(i: int) -> float:
        return math.fsum(
            math.log(1 + (len(documents) - having[w] + 0.5) / (having[w] + 0.5))
            * (n * (K + 1) / (n + K * (1 - B + B * lengths[i] / mean)))
            for w, n in bags[i].items()
        )

    scores = [score(i) for i in range(len(documents))]
    return [documents[i] for i in sorted(range(len(documents)), key=lambda i: (-scores[i], i))]


def search(documents: Sequence[Document], terms: Terms, now: datetime) -> tuple[Hits, list[Document]]:
    """Every document is a hit: whoever made the corpus has chosen it. With the documents in the hits' order."""
    found = ranked(documents, terms)
    return Hits(works=[d.work for d in found], total=len(found), dates=[now]), found
