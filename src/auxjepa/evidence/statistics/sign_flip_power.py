"""Power of the exact two-sided sign-flip test for normal differences.

The test is a t test with another critical value. With residuals ``r = d - mean(d)``, standard deviation ``s`` and
direction ``u = r / s``, the one-sided p is at most ``k / 2**n`` exactly where ``sqrt(n) mean / s`` is above ``c(u)``.
This is the ``k``-th largest value of ``-sqrt(n)`` times the mean of ``u`` over a non-empty subset of the seeds. For
normal differences the direction is independent of mean and standard deviation. So the power is the mean of noncentral t
probabilities over directions, which makes it smooth and monotone in the effect. Only the directions are drawn, with a
fixed seed.

Source:
    Hartigan (1969), "Using Subsample Values as Typical Values", for the order statistics of subset means.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from jaxtyping import Float
from scipy import special

from auxjepa.evidence.statistics.rounding import ROUNDING

EXACT_UP_TO = 16
"""Number of pairs up to which all sign patterns are used. Above it, the t test's critical value is used. Its power is
at most 1 point too high for up to 12 comparisons, and at most 3 points for 72 comparisons on 17 pairs."""
MOST_DIRECTIONS = 8192
MOST_VALUES = 2**22
"""Number of subset means that are computed for one table."""
BLOCK = 2**20
"""Number of subset means that are in memory at a time."""
GROUPS = 128
"""Number of critical values of a table: means of equally many neighbours."""


def sign_flip_power(standardised: float, pairs: int, alpha: float = 0.05, comparisons: int = 1) -> float:
    """Return the probability that the two-sided sign-flip test finds an effect, after the first step of Holm.

    The power is 0 where even differences of equal signs cannot reach ``alpha / comparisons``.

    Args:
        standardised: true effect, in standard deviations of a per-seed difference.
        pairs: number of pairs.
        alpha: significance level.
        comparisons: number of comparisons that share ``alpha``.
    """
    critical = critical_values(pairs, alpha / comparisons)
    if critical is None:
        return 0.0
    shift, freedom = abs(standardised) * math.sqrt(pairs), pairs - 1
    # For very large effects the power is 1 to ten digits, and the functions below return NaN.
    is_certain = shift - critical > 8 * np.sqrt(1 + critical**2 / (2 * freedom))
    right = np.where(is_certain, 1.0, 1 - special.nctdtr(freedom, shift, np.where(is_certain, 0.0, critical)))
    # The probability of the wrong sign is below 1e-8 from a shift of 4 on, where scipy's lower tail returns NaN.
    wrong = special.nctdtr(freedom, shift, -critical) if shift < 4 else np.zeros(1)
    return float(right.mean() + wrong.mean())


def critical_values(pairs: int, level: float) -> Float[np.ndarray, " G"] | None:
    """Return equally likely critical values of ``sqrt(n) mean / sd``; None where the test never rejects.

    Args:
        pairs: number of pairs.
        level: two-sided level of the test.
    """
    if pairs < 2:
        return None
    # The last seed has a fixed sign here: patterns with all signs reversed have the same absolute sum.
    patterns = math.floor(level * 2.0 ** (min(pairs, 1000) - 1) * (1 + ROUNDING))
    if patterns < 1:
        return None
    if pairs > EXACT_UP_TO:
        return np.array([float(special.stdtrit(pairs - 1, 1 - level / 2))])
    return _table(pairs, patterns)


@lru_cache(maxsize=512)
def _table(pairs: int, patterns: int) -> Float[np.ndarray, " G"]:
    subsets = 2**pairs - 1
    directions = min(MOST_DIRECTIONS, MOST_VALUES // (subsets + 1))
    rng = np.random.default_rng([pairs, 0])
    drawn = rng.normal(size=(directions, pairs))
    drawn -= drawn.mean(axis=1, keepdims=True)
    drawn /= drawn.std(axis=1, ddof=1, keepdims=True)
    values = [_kth_largest(block, patterns) for block in np.array_split(drawn, math.ceil(directions * subsets / BLOCK))]
    ordered = np.sort(np.concatenate(values)) * math.sqrt(pairs)
    return np.array([group.mean() for group in np.array_split(ordered, min(GROUPS, directions))])


def _kth_largest(directions: Float[np.ndarray, "R n"], k: int) -> Float[np.ndarray, " R"]:
    """Return the k-th largest value of minus the mean over a non-empty subset, for each row."""
    sums, sizes = np.zeros((len(directions), 1)), np.zeros(1)
    for column in directions.T[:, :, None]:
        sums, sizes = np.concatenate([sums, sums + column], axis=1), np.concatenate([sizes, sizes + 1])
    means = -sums[:, 1:] / sizes[1:]
    place = means.shape[1] - k
    return np.partition(means, place, axis=1)[:, place]
