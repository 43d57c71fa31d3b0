"""Values that are equal up to rounding: their difference is exactly 0, and so is their standard deviation.

The standard deviation of rounding errors makes an effect size of 1e15. So every division by a standard deviation checks
for 0 first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

ROUNDING = 1e-9
"""Largest difference of equal values, as a share of the largest value, or of 1 where all values are smaller."""


def standard_deviation(values: Sequence[float]) -> float:
    """Return the standard deviation of ``n >= 2`` values; exactly 0 where they are equal up to rounding.

    Args:
        values: at least two values.
    """
    x = np.asarray(values, float)
    if float(np.ptp(x)) <= ROUNDING * max(1.0, float(np.abs(x).max())):
        return 0.0
    return float(x.std(ddof=1))


def differences(first: Sequence[float], second: Sequence[float]) -> Float[np.ndarray, " n"]:
    """Return first minus second; exactly 0 where two values are equal up to rounding.

    Args:
        first: ``n`` values.
        second: ``n`` values.
    """
    return remove_rounding(np.subtract(first, second), [*first, *second])


def remove_rounding(values: Float[np.ndarray, ...], scores: Sequence[float]) -> Float[np.ndarray, ...]:
    """Return differences of scores, with exactly 0 in place of those that are only rounding.

    Args:
        values: the differences.
        scores: the scores that were subtracted, in any order.
    """
    least = ROUNDING * max(1.0, float(np.abs(scores).max()))
    return np.where(np.abs(values) <= least, 0.0, values)
