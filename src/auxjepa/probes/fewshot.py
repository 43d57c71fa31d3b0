"""Few-shot recognition on frozen features: episodes of N classes with K labelled clips each.

An episode draws classes, then K support clips and Q query clips of each class. Its classifier sees the support clips
only. A transductive classifier also sees the features of the queries, but not their labels. The score is the mean over
many episodes. Episodes of one seed are the same for every encoder. Where clips come from longer videos, queries can be
limited to other videos than the support: neighbouring segments of one video are nearly the same picture.

Source: Vinyals et al. 2016 (episodes), Snell et al. 2017 (prototypes), Bertinetto et al. 2019 (ridge), Ren et al. 2018
(soft k-means on queries).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from pydantic import Field
from torch import Tensor

from auxjepa.config import Count, Positive, Typed

AT_ONCE = 100
"""Largest number of episodes that are classified together. It is smaller if their features need over ``MOST_BYTES``."""
MOST_BYTES = 256 << 20
REFINEMENTS = 10


class Episodes(Typed):
    """Settings with which episodes are drawn and classified."""

    ways: Count | None = Field(default=5, description="classes of an episode; all of them when unset")
    shots: Count = 1
    queries: Count = 15
    episodes: Count = 1000
    head: Literal["prototype", "ridge", "logistic"] = "prototype"
    transductive: bool = Field(default=False, description="prototypes are refined on the queries (soft k-means)")
    strength: Positive = Field(default=1.0, description="of ridge or logistic regression's penalty")


def classify(
    features: Float[Tensor, "n D"],
    labels: Int[np.ndarray, " n"],
    how: Episodes,
    seed: int,
    groups: Int[np.ndarray, " n"] | None = None,
) -> Bool[np.ndarray, "E q"]:
    """Return whether each query of each episode is classified correctly.

    Args:
        features: one feature vector for each clip; they are scaled to unit length.
        labels: class of each clip, any integers.
        how: settings of the episodes.
        seed: seed of the episodes.
        groups: video of each clip; if given, the queries of a class come from other videos than its support.

    Raises:
        ValueError: if there are fewer classes than ways.
        ValueError: if a class has too few clips (see :func:`enough`).
    """
    support, query = draw(labels, how, seed, groups)
    unit = F.normalize(features.double(), dim=1)
    correct = []
    an_episode = 8 * unit.shape[1] * (support[0].size + query[0].size)
    at_once = max(1, min(AT_ONCE, MOST_BYTES // an_episode))
    for first in range(0, how.episodes, at_once):
        supports, queries = unit[support[first : first + at_once]], unit[query[first : first + at_once]]
        predicted = _scores(supports, queries.flatten(1, 2), how).argmax(dim=-1).cpu().numpy()
        correct.append(predicted == np.arange(supports.shape[1]).repeat(how.queries))
    return np.concatenate(correct)


def enough(groups: Int[np.ndarray, " k"] | None, clips: int, shots: int, queries: int) -> bool:
    """Return whether a class has enough clips for an episode.

    Without ``groups``, a class needs ``shots + queries`` clips. With ``groups``, it needs ``queries`` clips outside its
    ``shots`` largest videos, so that enough queries remain for every possible support.

    Args:
        groups: video of each clip of the class, or None.
        clips: number of clips of the class.
        shots: number of support clips.
        queries: number of query clips.
    """
    if groups is None:
        return clips >= shots + queries
    largest = np.sort(np.unique(groups, return_counts=True)[1])[::-1]
    return clips - int(largest[:shots].sum()) >= queries


def draw(
    labels: Int[np.ndarray, " n"], how: Episodes, seed: int, groups: Int[np.ndarray, " n"] | None = None
) -> tuple[Int[np.ndarray, "E N K"], Int[np.ndarray, "E N Q"]]:
    """Return the indices of the support clips and of the query clips of every episode.

    Episode ``i`` is the same for every number of episodes.

    Args:
        labels: class of each clip, any integers.
        how: settings of the episodes.
        seed: seed of the episodes.
        groups: video of each clip, see :func:`classify`.

    Raises:
        ValueError: if :func:`classify` would raise it.
    """
    classes = np.unique(labels)
    ways, each = how.ways or len(classes), how.shots + how.queries
    if len(classes) < ways:
        raise ValueError(f"{ways} ways need as many classes, there are {len(classes)}")
    members = {int(c): np.flatnonzero(labels == c) for c in classes}
    for number in sorted(members, key=lambda c: len(members[c])):
        mine = members[number]
        if not enough(None if groups is None else groups[mine], len(mine), how.shots, how.queries):
            request = f"{how.shots} shots and {how.queries} queries"
            apart = "" if groups is None else ", queries from other videos than the shots"
            raise ValueError(f"{request} need {each} clips of every class{apart}, class {number} has {len(mine)}")
    drawn = np.empty((how.episodes, ways, each), dtype=np.int64)
    for episode in range(how.episodes):
        rng = np.random.default_rng(np.random.SeedSequence((seed, episode)))
        chosen = rng.permutation(classes)[:ways] if how.ways else classes
        for way, number in enumerate(chosen.tolist()):
            order = rng.permutation(members[number])
            if groups is not None:
                support, rest = order[: how.shots], order[how.shots :]
                order = np.concatenate([support, rest[~np.isin(groups[rest], groups[support])]])
            drawn[episode, way] = order[:each]
    return drawn[..., : how.shots], drawn[..., how.shots :]


def _scores(
    supports: Float[Tensor, "E N K D"], queries: Float[Tensor, "E q D"], how: Episodes
) -> Float[Tensor, "E q N"]:
    if how.head == "prototype":
        return _prototypes(supports, queries, how.transductive)
    x = supports.flatten(1, 2)
    one = torch.eye(supports.shape[1], dtype=x.dtype, device=x.device)
    targets = one.repeat_interleave(supports.shape[2], dim=0).expand(len(x), -1, -1)
    if how.head == "ridge":
        # The dual problem has one equation for each support clip, which is fewer than one for each channel.
        gram = x @ x.mT + how.strength * torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
        return queries @ (x.mT @ torch.linalg.solve(gram, targets - 1 / supports.shape[1]))
    return _logistic(x, targets, queries, how.strength)


def _prototypes(supports: Tensor, queries: Tensor, transductive: bool) -> Tensor:
    centres = supports.mean(dim=2)
    for _ in range(REFINEMENTS if transductive else 0):
        # The class of a support clip is certain. A query belongs to each class with a weight that depends on distance.
        share = (-_distances(queries, centres) / 0.1).softmax(dim=-1)
        total = supports.sum(dim=2) + share.mT @ queries
        centres = total / (supports.shape[2] + share.sum(dim=1)[..., None])
    return -_distances(queries, centres)


def _distances(queries: Tensor, centres: Tensor) -> Tensor:
    return torch.cdist(queries, centres).square()


def _logistic(x: Tensor, targets: Tensor, queries: Tensor, strength: float) -> Tensor:
    """Return the scores of softmax regression without a bias.

    The steps have a fixed size that follows from the curvature: the loss is smooth and convex.
    """
    weights = x.new_zeros(len(x), x.shape[2], targets.shape[2])
    rate = 1 / (0.5 + strength / x.shape[1])  # at unit length, the curvature is at most 1/2 plus the penalty
    for _ in range(200):
        slope = x.mT @ ((x @ weights).softmax(dim=-1) - targets) / x.shape[1] + strength / x.shape[1] * weights
        weights = weights - rate * slope
    return queries @ weights
