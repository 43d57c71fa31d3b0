"""Equivalence of two variants: two one-sided tests on per-seed differences, for a margin in points.

A difference that is not significant is no evidence of equality. So the null hypothesis here is that the two variants
differ by more than a margin, which is fixed before the runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auxjepa.evidence.statistics.intervals import t_interval
from auxjepa.evidence.statistics.records import ComparisonError
from auxjepa.evidence.statistics.rounding import standard_deviation
from auxjepa.evidence.statistics.significance import seeds_to_test


@dataclass(frozen=True)
class Equivalence:
    """Result of two one-sided tests.

    Args:
        mean: mean difference, in points.
        margin: largest difference that still counts as equivalent, in points.
        alpha: significance level.
        p: the larger of the two p values.
        interval: t interval of confidence ``1 - 2 alpha``.
        equivalent: whether ``p <= alpha``, that is, whether the interval is within the margin.
    """

    mean: float
    margin: float
    alpha: float
    p: float
    interval: tuple[float, float]
    equivalent: bool


def equivalence(differences: Sequence[float], margin: float, alpha: float = 0.05) -> Equivalence:
    """Return two one-sided paired t tests of "the mean difference is within -margin to +margin".

    The larger of the two p values counts, so no correction for two tests is needed. Differences that are all equal have
    a p of 1: without a spread they say nothing about other seeds.

    Args:
        differences: one difference a seed, in points.
        margin: largest difference that still counts as equivalent, in points.
        alpha: significance level.

    Raises:
        ComparisonError: with fewer than 2 pairs, a margin that is not above 0, or an alpha outside 0 to 0.5.

    Source:
        Schuirmann (1987).
    """
    d = np.asarray(differences, float)
    if len(d) < 2:
        raise ComparisonError(f"equivalence needs at least 2 pairs, got {len(d)}")
    if not 0 < margin < math.inf or not 0 < alpha < 0.5:
        raise ComparisonError(f"equivalence needs a margin above 0 points and alpha below 0.5, got {margin}, {alpha}")
    mean, error = float(d.mean()), standard_deviation(differences) / math.sqrt(len(d))
    if error == 0:
        p = 1.0
    else:
        from scipy import stats  # takes more than half a second to import, and few processes need it

        p = float(stats.t.sf((margin - abs(mean)) / error, len(d) - 1))  # the nearer edge gives the larger p
    return Equivalence(mean, margin, alpha, p, t_interval(list(differences), 1 - 2 * alpha), p <= alpha)


def seeds_to_show(comparisons: int = 1, alpha: float = 0.05, correction: str = "holm") -> int:
    """Return the smallest number of pairs that may show equivalence.

    A t test can be computed from 2 pairs on, but with so few pairs the claim rests on normality, which few pairs cannot
    show. So the number is that of one-sided exact sign-flip tests which can also reach ``alpha``.

    Args:
        comparisons: number of comparisons in the family.
        alpha: significance level.
        correction: name of the correction in :data:`~auxjepa.evidence.statistics.significance.CORRECTIONS`.
    """
    return max(2, seeds_to_test(comparisons, 2 * alpha, correction))
