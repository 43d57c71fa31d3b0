"""Intervals for a mean over seeds (Student t, BCa bootstrap) and for a share of test examples (Wilson).

An interval over seeds is for other seeds. A Wilson interval is for other test clips. Neither interval contains the
other source of doubt.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy import special

from auxjepa.evidence.statistics.records import Estimate
from auxjepa.evidence.statistics.rounding import standard_deviation

FEWEST_UNITS = 9
"""Smallest number of units from which the variance between units is estimated."""
EXACT_UP_TO = 6
"""Number of values up to which all resamples are enumerated: 6 values have 46,656 equally likely resamples."""


def t_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """Return the Student t interval of the mean.

    Equal values give an interval without width, which is no statement about other seeds: :func:`seed_interval` returns
    None for them.

    Args:
        values: at least 2 values.
        confidence: confidence of the interval.

    Raises:
        ValueError: with fewer than 2 values.
    """
    x = np.asarray(values, float)
    if len(x) < 2:
        raise ValueError(f"a t interval needs at least 2 values, got {len(x)}")
    half = float(special.stdtrit(len(x) - 1, (1 + confidence) / 2) * standard_deviation(values) / math.sqrt(len(x)))
    return float(x.mean()) - half, float(x.mean()) + half


def seed_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float] | None:
    """Return the Student t interval of the mean over seeds; None for a single value and for equal values.

    Args:
        values: one value a seed.
        confidence: confidence of the interval.
    """
    if len(values) < 2 or not standard_deviation(values):
        return None
    return t_interval(values, confidence)


def mean_estimate(values: Sequence[float] | Float[np.ndarray, " S"], confidence: float = 0.95) -> Estimate:
    """Return the mean over seeds with Student's interval; a single value and equal values have no interval.

    Args:
        values: one value a seed.
        confidence: confidence of the interval.
    """
    return Estimate(float(np.mean(values)), seed_interval(list(values), confidence))


def bca_interval(
    values: Sequence[float], confidence: float = 0.95, resamples: int = 9999, seed: int = 0
) -> tuple[float, float]:
    """Return the bias-corrected and accelerated (BCa) bootstrap interval of the mean.

    Up to 6 values all resamples are enumerated, so there is no Monte Carlo noise. With few values the interval is too
    narrow (docs/evidence/calibration.md has its coverage): quote the t interval.

    Args:
        values: at least 3 values.
        confidence: confidence of the interval.
        resamples: number of resamples that are drawn from more than 6 values.
        seed: seed of the draws.

    Raises:
        ValueError: with fewer than 3 values.

    Source:
        Efron (1987), "Better Bootstrap Confidence Intervals", with the jackknife acceleration.
    """
    x = np.asarray(values, float)
    n = len(x)
    if n < 3:
        raise ValueError(f"a BCa interval needs at least 3 values, got {n}")
    mean = float(x.mean())
    deviation = x - mean
    # With values that are equal up to rounding, the correction divides 0 by 0 and resampling changes nothing.
    if not standard_deviation(values):
        return mean, mean
    index = _all_resamples(n) if n <= EXACT_UP_TO else np.random.default_rng(seed).integers(0, n, (resamples, n))
    means = x[index].mean(axis=1)
    # A tie with the mean counts half, so rounding does not decide on which side of the mean it is.
    tie = 1e-9 * np.abs(deviation).max()
    below = (np.mean(means < mean - tie) + np.mean(means <= mean + tie)) / 2
    bias = special.ndtri(below)
    # Without value i the mean moves against the deviation of i, so the jackknife's influences are the deviations.
    acceleration = np.sum(deviation**3) / (6 * np.sum(deviation**2) ** 1.5)
    z = bias + special.ndtri(np.array([(1 - confidence) / 2, (1 + confidence) / 2]))
    low, high = np.quantile(means, special.ndtr(bias + z / (1 - acceleration * z)))
    return float(low), float(high)


@lru_cache
def _all_resamples(n: int) -> Int[np.ndarray, "R n"]:
    return np.indices((n,) * n).reshape(n, -1).T


def effective_size(correct: Bool[np.ndarray, " n"], units: Int[np.ndarray, " n"], confidence: float = 0.95) -> float:
    """Return the number of independent examples that determine a share as precisely as these marks do.

    Several marks may be of one unit (video). The number follows from the variance between units, divided by the
    variance of independent marks, with Student's t for its uncertainty. It is at most the number of marks. It is at
    least the number that holds where all marks of a unit are equal (the number of units, if all units have the same
    number of marks). This lower bound is also the result with fewer than 9 units, because a variance needs at least 8
    degrees of freedom.

    Args:
        correct: whether each answer is right.
        units: unit of each mark, any integers.
        confidence: confidence of the interval that the number is for.

    Source:
        Korn and Graubard (1998), "Confidence Intervals for Proportions with Small Expected Number of Positive Counts
        Estimated from Survey Data"; the lower bound: Kish (1965), "Survey Sampling"; 8 degrees of freedom: Parker et
        al. (2017), "National Center for Health Statistics Data Presentation Standards for Proportions".
    """
    place = np.unique(units, return_inverse=True)[1]
    sizes, right = np.bincount(place).astype(float), np.bincount(place, correct)
    n, share = sizes.sum(), float(right.sum() / sizes.sum())
    lowest = float(n**2 / (sizes**2).sum())
    if len(sizes) < FEWEST_UNITS or share in (0.0, 1.0):
        return lowest
    variance = float(np.sum((right - sizes * share) ** 2)) * len(sizes) / (len(sizes) - 1) / n**2
    if variance == 0:
        return float(n)
    tails = float(special.ndtri((1 + confidence) / 2) / special.stdtrit(len(sizes) - 1, (1 + confidence) / 2))
    return float(min(n, max(lowest, share * (1 - share) / variance * tails**2)))


def clustered_wilson(
    correct: Bool[np.ndarray, " n"], units: Int[np.ndarray, " n"], confidence: float = 0.95
) -> tuple[float, float]:
    """Return the Wilson interval of the share of right answers where several marks may be of one unit.

    Args:
        correct: whether each answer is right.
        units: unit of each mark, any integers (:func:`effective_size`).
        confidence: confidence of the interval.

    Raises:
        ValueError: when there are no marks.
    """
    if not len(correct):
        raise ValueError("a Wilson interval needs at least 1 mark, got 0")
    return wilson(float(correct.mean()), effective_size(correct, units, confidence), confidence)


def wilson(share: float, n: int | float, confidence: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of a share of test examples.

    A mean share over several seeds is allowed. It varies less over test samples than the share of one seed, so the
    interval is then too wide rather than too narrow.

    Args:
        share: observed share, 0 to 1.
        n: number of independent examples; a fraction for marks that are not independent.
        confidence: confidence of the interval.

    Raises:
        ValueError: when ``n`` is below 1 or the share is outside 0 to 1.

    Source:
        Wilson (1927), "Probable Inference, the Law of Succession, and Statistical Inference".
    """
    if n < 1 or not 0 <= share <= 1:
        raise ValueError(f"a Wilson interval needs a share in 0..1 of at least 1 example, got {share} of {n}")
    z2 = float(special.ndtri((1 + confidence) / 2)) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)
