"""Retrieval between clips and captions: ranks both ways, their summaries, and what chance would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from auxjepa.seeds import generator


@dataclass(frozen=True)
class Ranks:
    """One way of retrieval, one entry a query; of several right candidates, the best placed counts."""

    rank: Int[np.ndarray, " q"]
    """Place of the best right candidate, from 1. Wrong candidates as similar as it come before it (pessimistic), so an
    encoder that gives all clips the same feature retrieves nothing."""
    right: Int[np.ndarray, " q"]
    """How many candidates are right."""
    candidates: Int[np.ndarray, " q"]
    """How many candidates there are."""

    def hits(self, k: int) -> Bool[np.ndarray, " q"]:
        """Whether one of the first ``k`` is right."""
        return self.rank <= k

    def recall(self, k: int) -> float:
        """R@k: percent of queries with a hit."""
        return 100 * float(self.hits(k).mean())

    @property
    def median(self) -> float:
        """Median rank."""
        return float(np.median(self.rank))

    @property
    def reciprocal(self) -> float:
        """Mean reciprocal rank, percent."""
        return 100 * float((1 / self.rank).mean())

    def chance_recall(self, k: int) -> float:
        """Expected R@k of a random order of the candidates (exact)."""
        return 100 * float(np.mean([_within(k, *query) for query in self._queries()]))

    def chance_reciprocal(self) -> float:
        """Expected mean reciprocal rank of a random order (exact)."""
        cache = {query: _reciprocal(*query) for query in set(self._queries())}
        return 100 * float(np.mean([cache[query] for query in self._queries()]))

    def chance_median(self) -> float:
        """Smallest rank that a random order reaches for half of the queries or more (exact)."""
        queries, counts = np.unique(np.array(self._queries()), axis=0, return_counts=True)
        for k in range(1, int(self.candidates.max()) + 1):
            share = sum(n * _within(k, *query) for query, n in zip(queries.tolist(), counts.tolist(), strict=True))
            if share >= counts.sum() / 2:
                return float(k)
        raise AssertionError("every query has a right candidate")

    def _queries(self) -> list[tuple[int, int]]:
        return list(zip(self.right.tolist(), self.candidates.tolist(), strict=True))


@dataclass(frozen=True)
class Retrieval:
    """Captions of clips (``to_text``, one query a clip) and clips of captions (``to_video``, one query a caption)."""

    to_text: Ranks
    to_video: Ranks


@dataclass(frozen=True)
class Robustness:
    """How a score bears the loss of frames."""

    area: float
    """Trapezoid area under the curve of score over share, divided by the range of shares: its mean height."""
    relative_drop: float | None
    """Share of the clean score's lead over chance that is gone at the largest share; nothing where there is no lead."""


def rank(similarity: Float[Tensor, "q c"], right: Bool[Tensor, "q c"]) -> Int[np.ndarray, " q"]:
    """Place of each query's best right candidate, wrong ones of the same similarity before it.

    Raises:
        ValueError: when a query has no right candidate, or a similarity isn't finite.
    """
    if not torch.isfinite(similarity).all():
        raise ValueError("similarities must be finite")
    if not right.any(dim=1).all():
        raise ValueError("a query has no right candidate")
    best = similarity.masked_fill(~right, -torch.inf).amax(dim=1, keepdim=True)
    return 1 + (~right & (similarity >= best)).sum(dim=1).cpu().numpy()


def galleries(clips: int, size: int) -> Int[np.ndarray, " n"]:
    """Gallery of each clip: a random division into galleries of about ``size`` clips, the same for every encoder.

    Where ``size`` doesn't divide the number of clips, galleries are a little larger, and differ by one clip at most.
    """
    number = max(1, clips // size)
    order = torch.randperm(clips, generator=generator(0, "galleries", clips, size)).numpy()
    out = np.empty(clips, np.int64)
    out[order] = np.arange(clips) % number
    return out


def retrieve(
    clips: Float[Tensor, "n d"],
    sentences: Float[Tensor, "m d"],
    owner: Int[Tensor, " m"],
    identity: Int[Tensor, " n"],
    gallery: int,
) -> Retrieval:
    """Ranks by inner product, within galleries of about ``gallery`` clips and their captions.

    Args:
        owner: whose caption each sentence is.
        identity: clips with the same number have interchangeable captions: each caption of one is right for the other
            too.

    Raises:
        ValueError: when a clip has no caption. See also :func:`rank`.
    """
    if len(torch.unique(owner)) < len(clips):
        raise ValueError("every clip needs a caption")
    owner, identity = owner.to(clips.device), identity.to(clips.device)
    group = torch.from_numpy(galleries(len(clips), gallery)).to(clips.device)
    ways = [_empty(len(clips)), _empty(len(sentences))]
    for number in range(int(group.max()) + 1):
        mine = torch.nonzero(group == number).flatten()
        theirs = torch.nonzero(group[owner] == number).flatten()
        similarity = clips[mine].double() @ sentences[theirs].double().T
        right = identity[mine][:, None] == identity[owner[theirs]][None]
        for way, index, s, r in ((ways[0], mine, similarity, right), (ways[1], theirs, similarity.T, right.T)):
            place = index.cpu().numpy()
            way.rank[place] = rank(s, r)
            way.right[place] = r.sum(dim=1).cpu().numpy()
            way.candidates[place] = r.shape[1]
    return Retrieval(*ways)


def robustness(shares: Sequence[float], scores: Sequence[float], chance: float) -> Robustness:
    """Summary of scores of one encoder (one seed) at growing shares of lost frames, the first of them 0.

    Raises:
        ValueError: when shares don't grow from 0, or there are fewer than two.
    """
    x, y = np.array(shares, float), np.array(scores, float)
    if len(x) < 2 or len(x) != len(y) or x[0] != 0 or (np.diff(x) <= 0).any():
        raise ValueError(
            f"robustness needs one score for each of two or more shares that grow from 0, got {list(shares)}"
        )
    area = float(((y[1:] + y[:-1]) / 2 * np.diff(x)).sum() / x[-1])
    lead = y[0] - chance
    return Robustness(area, float((y[0] - y[-1]) / lead) if lead > 0 else None)


def _empty(queries: int) -> Ranks:
    return Ranks(*(np.zeros(queries, np.int64) for _ in range(3)))


def _within(k: int, right: int, candidates: int) -> float:
    """Probability that one of ``right`` is among the first ``k`` of ``candidates`` in random order."""
    return 1 - comb(candidates - right, k) / comb(candidates, k) if k < candidates else 1.0


def _reciprocal(right: int, candidates: int) -> float:
    reached = [_within(k, right, candidates) for k in range(candidates - right + 2)]
    return sum((now - before) / k for k, (before, now) in enumerate(pairwise(reached), start=1))
