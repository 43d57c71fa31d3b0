"""Intervals for a mean over seeds (Student t, BCa bootstrap) and for a share of test examples (Wilson).

The two answer different questions. The first says how far an effect could move with other seeds, the second how far a
score could move with other test clips. Neither contains the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from jaxtyping import Int
from scipy import special

ROUNDING = 1e-9
"""Values that differ by less, as a share of the largest (of 1 where all are smaller), are equal: computing made the
difference."""
EXACT_UP_TO = 6  # 6 values have 46,656 equally likely resamples: enumerate them instead of drawing


def spread(values: Sequence[float]) -> float:
    """Standard deviation of ``n >= 2`` values; exactly 0 where they are equal up to rounding.

    Whatever is divided by a spread must ask for 0 first: the spread of rounding errors makes an effect size of 1e15.
    """
    x = np.asarray(values, float)
    if float(np.ptp(x)) <= ROUNDING * max(1.0, float(np.abs(x).max())):
        return 0.0
    return float(x.std(ddof=1))


def t_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """Student t interval of the mean of ``n >= 2`` values (equal values give an interval of no width).

    Raises:
        ValueError: with fewer than 2 values.
    """
    x = np.asarray(values, float)
    if len(x) < 2:
        raise ValueError(f"a t interval needs at least 2 values, got {len(x)}")
    half = float(special.stdtrit(len(x) - 1, (1 + confidence) / 2) * spread(values) / math.sqrt(len(x)))
    return float(x.mean()) - half, float(x.mean()) + half


def bca_interval(
    values: Sequence[float], confidence: float = 0.95, resamples: int = 9999, seed: int = 0
) -> tuple[float, float]:
    """Bias-corrected and accelerated bootstrap interval of the mean of ``n >= 3`` values.

    Efron (1987), "Better bootstrap confidence intervals", with the jackknife acceleration. Up to 6 values all resamples
    are enumerated, so that there is no Monte Carlo noise; beyond, ``resamples`` are drawn with ``seed``. With few
    values it is too narrow (docs/evidence/calibration.md has its coverage): the t interval is the one to quote.

    Raises:
        ValueError: with fewer than 3 values.
    """
    x = np.asarray(values, float)
    n = len(x)
    if n < 3:
        raise ValueError(f"a BCa interval needs at least 3 values, got {n}")
    mean = float(x.mean())
    deviation = x - mean
    # Equal values up to rounding: the correction would divide 0 by 0, and there is nothing to resample.
    if not spread(values):
        return mean, mean
    index = _all_resamples(n) if n <= EXACT_UP_TO else np.random.default_rng(seed).integers(0, n, (resamples, n))
    means = x[index].mean(axis=1)
    # A tie with the mean counts half; rounding must not decide which side it is on.
    tie = 1e-9 * np.abs(deviation).max()
    below = (np.mean(means < mean - tie) + np.mean(means <= mean + tie)) / 2
    bias = special.ndtri(below)
    # Leaving out value i moves the mean against its deviation, so the jackknife's influences are the deviations.
    acceleration = np.sum(deviation**3) / (6 * np.sum(deviation**2) ** 1.5)
    z = bias + special.ndtri(np.array([(1 - confidence) / 2, (1 + confidence) / 2]))
    low, high = np.quantile(means, special.ndtr(bias + z / (1 - acceleration * z)))
    return float(low), float(high)


@lru_cache
def _all_resamples(n: int) -> Int[np.ndarray, "R n"]:
    return np.indices((n,) * n).reshape(n, -1).T


def wilson(share: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson score interval of a ``share`` (0 to 1) observed on ``n`` independent examples.

    Wilson (1927). A mean share over several seeds is allowed: it varies less than one seed's over test samples, so the
    interval is then on the safe side.

    Raises:
        ValueError: when ``n < 1`` or the share lies outside 0 to 1.
    """
    if n < 1 or not 0 <= share <= 1:
        raise ValueError(f"a Wilson interval needs a share in 0..1 of at least 1 example, got {share} of {n}")
    z2 = float(special.ndtri((1 + confidence) / 2)) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)
