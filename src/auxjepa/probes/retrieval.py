"""Retrieval between clips and captions: ranks in both directions, their summaries, and their values by chance."""

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
    """Ranks of one direction of retrieval, one entry for each query. The best of several right candidates counts."""

    rank: Int[np.ndarray, " q"]
    """Rank of the best right candidate, from 1. Wrong candidates with the same similarity are placed before it
    (pessimistic). Therefore an encoder with the same feature for all clips retrieves nothing."""
    right: Int[np.ndarray, " q"]
    """Number of right candidates."""
    candidates: Int[np.ndarray, " q"]
    """Number of candidates."""

    def hits(self, k: int) -> Bool[np.ndarray, " q"]:
        """Return whether one of the first ``k`` candidates is right, for each query.

        Args:
            k: number of candidates.
        """
        return self.rank <= k

    def recall(self, k: int) -> float:
        """Return R@k: the percent of queries with a hit.

        Args:
            k: number of candidates.
        """
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
        """Return the expected R@k of a random order of the candidates (exact).

        Args:
            k: number of candidates.
        """
        return 100 * float(np.mean([_within(k, *query) for query in self._queries()]))

    def chance_reciprocal(self) -> float:
        """Return the expected mean reciprocal rank of a random order (exact)."""
        cache = {query: _reciprocal(*query) for query in set(self._queries())}
        return 100 * float(np.mean([cache[query] for query in self._queries()]))

    def chance_median(self) -> float:
        """Return the smallest rank that a random order reaches for at least half of the queries (exact)."""
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
    """Captions retrieved for clips (``to_text``, one query a clip) and clips for captions (``to_video``, one query a
    caption)."""

    to_text: Ranks
    to_video: Ranks


@dataclass(frozen=True)
class Robustness:
    """Summary of a score under the loss of frames."""

    area: float
    """Area under the curve of score over share (trapezoid rule), divided by the range of shares: the mean height of the
    curve."""
    relative_drop: float | None
    """Share of the clean score's lead over chance that is lost at the largest share; None if there is no lead."""


def rank(similarity: Float[Tensor, "q c"], right: Bool[Tensor, "q c"]) -> Int[np.ndarray, " q"]:
    """Return the rank of each query's best right candidate.

    Wrong candidates of the same similarity are placed before it.

    Args:
        similarity: similarity of each query and candidate.
        right: whether each candidate is right for each query.

    Raises:
        ValueError: if a query has no right candidate.
        ValueError: if a similarity isn't finite.
    """
    if not torch.isfinite(similarity).all():
        raise ValueError("similarities must be finite")
    if not right.any(dim=1).all():
        raise ValueError("a query has no right candidate")
    best = similarity.masked_fill(~right, -torch.inf).amax(dim=1, keepdim=True)
    return 1 + (~right & (similarity >= best)).sum(dim=1).cpu().numpy()


def galleries(clips: int, size: int) -> Int[np.ndarray, " n"]:
    """Return the gallery of each clip: a random division into galleries of about ``size`` clips, equal for every
    encoder.

    If ``size`` doesn't divide the number of clips, galleries are a little larger. Their sizes differ by at most one
    clip.

    Args:
        clips: number of clips.
        size: clips of a gallery.
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
    """Return the ranks by inner product, within galleries of about ``gallery`` clips and their captions.

    Args:
        clips: vectors of clips.
        sentences: vectors of captions.
        owner: clip of each caption.
        identity: number of each clip; each caption of a clip is also right for clips with the same number.
        gallery: clips of a gallery.

    Raises:
        ValueError: if a clip has no caption.
        ValueError: if :func:`rank` raises it.
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
    """Return the summary of one encoder's scores (one seed) at increasing shares of lost frames.

    Args:
        shares: shares of lost frames, the first one 0.
        scores: score at each share.
        chance: score by chance.

    Raises:
        ValueError: if shares don't increase from 0, or there are fewer than two.
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
    """Return the probability that one of ``right`` is among the first ``k`` of ``candidates`` in random order."""
    return 1 - comb(candidates - right, k) / comb(candidates, k) if k < candidates else 1.0


def _reciprocal(right: int, candidates: int) -> float:
    reached = [_within(k, right, candidates) for k in range(candidates - right + 2)]
    return sum((now - before) / k for k, (before, now) in enumerate(pairwise(reached), start=1))
