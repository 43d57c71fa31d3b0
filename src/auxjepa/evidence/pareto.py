"""Which variants no other beats on two capabilities at once, and how sure that is given few seeds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from auxjepa.evidence.bootstrap import RESAMPLES

Point = tuple[float, float]
Seeds = Mapping[int, float]


def front(points: Mapping[str, Point]) -> list[str]:
    """Names on the Pareto front (larger is better on both axes), by rising first axis; equal points are both on it."""
    kept = [
        name
        for name, (x, y) in points.items()
        if not any(a >= x and b >= y and (a, b) != (x, y) for a, b in points.values())
    ]
    return sorted(kept, key=lambda name: points[name])


def stability(scores: Mapping[str, tuple[Seeds, Seeds]], seed: int = 0) -> dict[str, float]:
    """Share of bootstrap resamples of the seeds in which a variant's means are on the front.

    Seeds pair variants, so a resample draws the same seeds for all of them: only seeds that every variant has on both
    axes are drawn. Empty without such a seed.
    """
    sides = [side for pair in scores.values() for side in pair]
    seeds = sorted(set.intersection(*(set(side) for side in sides))) if sides else []
    if not seeds:
        return {}
    index = np.random.default_rng(seed).integers(0, len(seeds), (RESAMPLES, len(seeds)))
    means = np.array([[[side[s] for s in seeds] for side in pair] for pair in scores.values()])[:, :, index].mean(-1)
    x, y = means[:, 0], means[:, 1]  # variants by resamples
    better = (x[None] >= x[:, None]) & (y[None] >= y[:, None]) & ((x[None] > x[:, None]) | (y[None] > y[:, None]))
    on = ~better.any(axis=1)
    return {name: float(share) for name, share in zip(scores, on.mean(axis=1), strict=True)}
