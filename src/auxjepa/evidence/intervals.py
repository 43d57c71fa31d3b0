"""Intervals for a mean over seeds (Student t, BCa bootstrap) and for a share of test examples (Wilson).

The two answer different questions. The first says how far an effect could move with other seeds, the second how far a
score could move with other test clips. Neither contains the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Int
from scipy import special

ROUNDING = 1e-9
"""Values that differ by less, as a share of the largest (of 1 where all are smaller), are equal: computing made the
difference."""
FEWEST_UNITS = 9
"""Units from which on the variance between them is estimated."""
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


def effective_size(correct: Bool[np.ndarray, " n"], units: Int[np.ndarray, " n"], confidence: float = 0.95) -> float:
    """How many independent examples tell as much of a share as these marks, several of which are of one unit (video).

    Korn and Graubard (1998): the variance between units against that of independent marks, with Student's t for its
    uncertainty. Never below what marks count where all of a unit are the same (Kish 1965, the number of units where all
    are equally large), which is also taken with fewer than 9 units: 8 degrees of freedom are the fewest on which a
    variance should rest (Parker et al. 2017, National Center for Health Statistics). Never above the number of marks.

    Args:
        units: which unit each mark is of, any integers.
    """
    place = np.unique(units, return_inverse=True)[1]
    sizes, right = np.bincount(place).astype(float), np.bincount(place, correct)
    n, share = sizes.sum(), float(right.sum() / sizes.sum())
    lowest = float(n**2 / (sizes**2).sum())
    if len(sizes) < FEWEST_UNITS or share in (0.0, 1.0):
        return lowest
    spread = float(np.sum((right - sizes * share) ** 2)) * len(sizes) / (len(sizes) - 1) / n**2
    if spread == 0:
        return float(n)
    tails = float(special.ndtri((1 + confidence) / 2) / special.stdtrit(len(sizes) - 1, (1 + confidence) / 2))
    return float(min(n, max(lowest, share * (1 - share) / spread * tails**2)))


def clustered_wilson(
    correct: Bool[np.ndarray, " n"], units: Int[np.ndarray, " n"], confidence: float = 0.95
) -> tuple[float, float]:
    """Wilson interval of the share of right marks, several of which are of one unit; see :func:`effective_size`.

    Raises:
        ValueError: when there are no marks.
    """
    if not len(correct):
        raise ValueError("a Wilson interval needs at least 1 mark, got 0")
    return wilson(float(correct.mean()), effective_size(correct, units, confidence), confidence)


def wilson(share: float, n: int | float, confidence: float = 0.95) -> tuple[float, float]:
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
