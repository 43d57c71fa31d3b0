"""Records of the statistics of a search: the curve of the expected best, and the variance that a field explains.

Pages read these records and do not import the functions that compute them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Estimator = Literal["without replacement", "with replacement"]
FEWEST_TRIALS = 5
"""Number of trials below which the curve has no interval: a bootstrap of so few is not usable."""


@dataclass(frozen=True)
class ExpectedBest:
    """The curve of one search.

    Args:
        estimator: how ``n`` of the observed trials are drawn.
        trials: budgets in trials: 1 to the number of observed trials.
        steps: the same budgets in training steps.
        mean: expected best objective at each budget.
        low: lower end of the interval at each budget; empty with fewer than 5 trials and without any spread.
        high: upper end of the interval at each budget; empty where ``low`` is.
        confidence: confidence of the interval, for each budget separately.
    """

    estimator: Estimator
    trials: tuple[int, ...]
    steps: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    confidence: float

    @property
    def has_interval(self) -> bool:
        """Check whether the curve has an interval."""
        return bool(self.low)


@dataclass(frozen=True)
class ExplainedVariance:
    """Result of a one-way grouping.

    Args:
        share: share of the variance between the groups (eta squared), 0 to 1. Chance alone gives
            ``(groups - 1) / (n - 1)`` on average.
        p: permutation p value, at least ``1 / 1000``.
        groups: number of groups.
        n: number of values.
    """

    share: float
    p: float
    groups: int
    n: int

    @property
    def by_chance(self) -> float:
        """Mean share without any effect."""
        return (self.groups - 1) / (self.n - 1)
