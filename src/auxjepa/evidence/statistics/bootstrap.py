"""Bootstrap over seeds: the weight of each seed in each resample, and percentile intervals for few seeds."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float
from scipy import stats

from auxjepa.evidence.statistics.records import FEWEST_SEEDS
from auxjepa.evidence.statistics.rounding import ROUNDING

RESAMPLES = 1999


def seed_weights(n: int, resamples: int = RESAMPLES, seed: int = 0) -> Float[np.ndarray, "R n"]:
    """Return the share of each of ``n`` seeds in each resample of ``n`` draws with replacement; rows sum to 1.

    Args:
        n: number of seeds.
        resamples: number of resamples, ``R``.
        seed: seed of the draws.
    """
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), resamples) / n


def percentile(statistics: Float[np.ndarray, "R ..."], confidence: float = 0.95) -> Float[np.ndarray, "2 ..."]:
    """Return the percentile interval: lower and upper quantile of the resampled statistics.

    Args:
        statistics: the statistic of each resample, along the first axis.
        confidence: confidence of the interval.

    Source:
        Efron (1979), "Bootstrap Methods: Another Look at the Jackknife".
    """
    return np.quantile(statistics, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)


def expanded_percentile(
    statistics: Float[np.ndarray, "R ..."], n: int, confidence: float = 0.95
) -> Float[np.ndarray, "2 ..."]:
    """Return the expanded percentile interval: its quantiles are further out, as few seeds need.

    The tail is ``Phi(-sqrt(n / (n - 1)) t)`` with t of ``n - 1`` degrees of freedom. For a mean the interval is then
    about as wide as the t interval. It cannot be wider than the range of the resamples, so it is still too narrow with
    3 or 4 seeds (docs/evidence/calibration.md).

    Args:
        statistics: the statistic of each resample, along the first axis.
        n: number of seeds.
        confidence: confidence of the interval.

    Raises:
        ValueError: with fewer than 2 seeds.

    Source:
        Hesterberg (2015), "What Teachers Should Know About the Bootstrap".
    """
    if n < 2:
        raise ValueError(f"a bootstrap interval needs at least 2 seeds, got {n}")
    tail = float(stats.norm.cdf(-math.sqrt(n / (n - 1)) * stats.t.ppf((1 + confidence) / 2, n - 1)))
    return np.quantile(statistics, [tail, 1 - tail], axis=0)


def bootstrap_interval(
    statistics: Float[np.ndarray, " R"], n: int, confidence: float = 0.95
) -> tuple[float, float] | None:
    """Return the expanded percentile interval; None with fewer than 5 seeds, and where all resamples are equal.

    Args:
        statistics: the statistic of each resample.
        n: number of seeds.
        confidence: confidence of the interval.
    """
    if n < FEWEST_SEEDS or not len(statistics):
        return None
    low, high = (float(end) for end in expanded_percentile(statistics, n, confidence))
    return None if high - low <= ROUNDING * max(1.0, abs(low), abs(high)) else (low, high)
