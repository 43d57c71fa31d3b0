"""Pareto front of variants on two capabilities, and how stable it is over resamples of the seeds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from auxjepa.evidence.statistics.bootstrap import RESAMPLES
from auxjepa.evidence.statistics.records import FEWEST_SEEDS

Point = tuple[float, float]
ScoresBySeed = Mapping[int, float]


def pareto_front(points: Mapping[str, Point]) -> list[str]:
    """Return the names on the Pareto front, ordered by the first axis; larger is better on both axes.

    Equal points are both on the front.

    Args:
        points: name: value on the first and on the second axis.
    """
    names = [
        name
        for name, (x, y) in points.items()
        if not any(a >= x and b >= y and (a, b) != (x, y) for a, b in points.values())
    ]
    return sorted(names, key=lambda name: points[name])


def front_stability(scores: Mapping[str, tuple[ScoresBySeed, ScoresBySeed]], seed: int = 0) -> dict[str, float]:
    """Return, by name, the share of bootstrap resamples of the seeds in which its means are on the Pareto front.

    Seeds pair variants, so a resample draws the same seeds for all variants. Only seeds that every variant has on both
    axes are drawn. With fewer than 5 such seeds the result is empty. The share is not the probability that a variant
    belongs to the front: with equal variants it depends on the seeds alone.

    Args:
        scores: name: scores by seed on the first and on the second axis.
        seed: seed of the draws.
    """
    sides = [side for pair in scores.values() for side in pair]
    seeds = sorted(set.intersection(*(set(side) for side in sides))) if sides else []
    if len(seeds) < FEWEST_SEEDS:
        return {}
    index = np.random.default_rng(seed).integers(0, len(seeds), (RESAMPLES, len(seeds)))
    means = np.array([[[side[s] for s in seeds] for side in pair] for pair in scores.values()])[:, :, index].mean(-1)
    x, y = means[:, 0], means[:, 1]  # variants by resamples
    better = (x[None] >= x[:, None]) & (y[None] >= y[:, None]) & ((x[None] > x[:, None]) | (y[None] > y[:, None]))
    on_front = ~better.any(axis=1)
    return {name: float(share) for name, share in zip(scores, on_front.mean(axis=1), strict=True)}
