"""Krippendorff's alpha: how far raters agree beyond chance, with missing ratings (Krippendorff 2011).

1 is perfect agreement, 0 is the agreement that chance gives, and a negative value is systematic disagreement. Reviewers
with different rubrics look at different properties. A low alpha is therefore no fault: it means that a single number
cannot represent all of their marks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from auxjepa.config import ConfigError

Ratings = Sequence[Sequence[float | int | None]]
"""Raters x units; None where a rater did not rate."""
Level = Literal["interval", "ordinal"]
RESAMPLES = 2000
"""Bootstrap samples of an interval."""


def alpha(ratings: Ratings, level: Level = "interval") -> float | None:
    """Return Krippendorff's alpha, or None if no rating varies or fewer than two units have two ratings.

    Args:
        ratings: the ratings of each rater, one list a rater.
        level: "interval" compares values by their squared difference, "ordinal" by that of their ranks.

    Raises:
        ConfigError: the library `krippendorff` is not installed.
    """
    return _alpha(_table(ratings), level)


def interval(ratings: Ratings, *, seed: int = 0, share: float = 0.95) -> tuple[float, float] | None:
    """Return the ends of a percentile bootstrap interval of alpha, or None if most resamples have no alpha.

    Units are resampled, because a new sample would bring new units and not new raters.

    Args:
        ratings: the ratings of each rater, one list a rater.
        seed: seed of the resamples.
        share: coverage of the interval, 0 to 1.

    Raises:
        ConfigError: the library `krippendorff` is not installed.
    """
    table = _table(ratings)
    rng = np.random.default_rng(seed)
    units = table.shape[1] if table.ndim == 2 else 0
    if units < 2:
        return None
    resampled = [_alpha(table[:, rng.integers(0, units, units)], "interval") for _ in range(RESAMPLES)]
    alphas = [value for value in resampled if value is not None]
    if len(alphas) < RESAMPLES / 2:
        return None
    low, high = np.quantile(alphas, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def check_installed() -> None:
    """Check that the library `krippendorff` is installed, so that a review does not fail at its end.

    Raises:
        ConfigError: it is not installed.
    """
    _library()


def _table(ratings: Ratings) -> np.ndarray:
    return np.array([[np.nan if v is None else v for v in row] for row in ratings], float)


def _alpha(table: np.ndarray, level: Level) -> float | None:
    if table.size == 0:
        return None
    table = table[:, (~np.isnan(table)).sum(axis=0) >= 2]
    if table.shape[1] < 2:  # the ratings of one unit have nothing to differ from
        return None
    if len(np.unique(table[~np.isnan(table)])) < 2:
        return None
    return float(_library().alpha(reliability_data=table, level_of_measurement=level))


def _library() -> Any:
    try:
        import krippendorff  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise ConfigError("reviewers' agreement needs krippendorff: pip install 'auxjepa[review]'") from None
    return krippendorff
