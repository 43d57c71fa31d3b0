"""Krippendorff's alpha: how far raters agree beyond chance, whatever is missing (Krippendorff 2011).

1 is perfect agreement, 0 what chance gives, below 0 systematic disagreement. Reviewers with different rubrics look at
different things, so a low alpha here is no fault: it says that no single number could stand for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

Ratings = Sequence[Sequence[float | int | None]]
"""Raters x units; None where a rater didn't rate."""
RESAMPLES = 2000


def alpha(ratings: Ratings, level: Literal["interval", "ordinal"] = "interval") -> float | None:
    """1 - observed / expected disagreement; None where nothing varies or no unit has two ratings.

    Args:
        level: squared differences of values, or of their ranks among all ratings (midranks where there are ties).
    """
    table = _table(ratings)
    if level == "ordinal":
        table = _ranks(table)
    return _alpha(table)


def interval(ratings: Ratings, *, seed: int = 0, share: float = 0.95) -> tuple[float, float] | None:
    """Percentile bootstrap over units, which are what a new sample would bring; None where resamples leave no alpha."""
    table = _table(ratings)
    rng = np.random.default_rng(seed)
    units = table.shape[1] if table.ndim == 2 else 0
    if units < 2:
        return None
    drawn = [_alpha(table[:, rng.integers(0, units, units)]) for _ in range(RESAMPLES)]
    found = [value for value in drawn if value is not None]
    if len(found) < RESAMPLES / 2:
        return None
    low, high = np.quantile(found, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def _table(ratings: Ratings) -> np.ndarray:
    return np.array([[np.nan if v is None else v for v in row] for row in ratings], float)


def _ranks(table: np.ndarray) -> np.ndarray:
    """Midpoints of each value's place among all pairable ratings: their differences are the ordinal metric's."""
    kept = table[:, (~np.isnan(table)).sum(axis=0) >= 2]
    values, counts = np.unique(kept[~np.isnan(kept)], return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    out = np.full_like(table, np.nan)
    for value, place in zip(values, middle, strict=True):
        out[table == value] = place
    return out


def _alpha(table: np.ndarray) -> float | None:
    if table.size == 0:
        return None
    table = table[:, (~np.isnan(table)).sum(axis=0) >= 2]
    n = int((~np.isnan(table)).sum())
    if n < 2 or table.shape[1] < 2:  # within one unit there is nothing to tell apart
        return None
    rated = (~np.isnan(table)).sum(axis=0)
    # A sum of squared differences over ordered pairs is twice the number of values times their spread.
    within = [2 * m * np.nansum((u - np.nanmean(u)) ** 2) / (m - 1) for u, m in zip(table.T, rated, strict=True)]
    observed = sum(within) / n
    every = table[~np.isnan(table)]
    expected = 2 * n * float(((every - every.mean()) ** 2).sum()) / (n * (n - 1))
    return None if expected == 0 else float(1 - observed / expected)
