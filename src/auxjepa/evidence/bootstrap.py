"""Bootstrap over seeds: how often each seed is drawn, and percentile intervals that few seeds don't make too narrow."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float
from scipy import stats

RESAMPLES = 1999


def seed_weights(n: int, resamples: int = RESAMPLES, seed: int = 0) -> Float[np.ndarray, "R n"]:
    """Share of each of ``n`` seeds in each resample of ``n`` draws with replacement; rows sum to 1."""
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), resamples) / n


def percentile(statistics: Float[np.ndarray, "R ..."], confidence: float = 0.95) -> Float[np.ndarray, "2 ..."]:
    """Efron's (1979) percentile interval: quantiles of the resampled statistics."""
    return np.quantile(statistics, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)


def expanded_percentile(
    statistics: Float[np.ndarray, "R ..."], n: int, confidence: float = 0.95
) -> Float[np.ndarray, "2 ..."]:
    """Percentile interval at quantiles further out, as ``n`` seeds demand.

    Hesterberg (2015), "What Teachers Should Know About the Bootstrap": the tail is ``Phi(-sqrt(n / (n - 1)) t)`` with
    t of ``n - 1`` degrees of freedom, so that for a mean it is about as wide as the t interval. It can't reach beyond
    the most extreme resample, which is why it is still too narrow with 3 or 4 seeds (docs/evidence/calibration.md).

    Raises:
        ValueError: with fewer than 2 seeds.
    """
    if n < 2:
        raise ValueError(f"a bootstrap interval needs at least 2 seeds, got {n}")
    tail = float(stats.norm.cdf(-math.sqrt(n / (n - 1)) * stats.t.ppf((1 + confidence) / 2, n - 1)))
    return np.quantile(statistics, [tail, 1 - tail], axis=0)
