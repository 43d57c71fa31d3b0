"""Equivalence: two one-sided tests on per-seed differences, so that "within 0.3 points" is said only where it is shown.

A difference that isn't significant is no evidence of no difference. Here the burden is turned around: the null
hypothesis is that the two lie further apart than a margin fixed beforehand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from auxjepa.evidence.effects import ComparisonError, Effect
from auxjepa.evidence.intervals import spread, t_interval
from auxjepa.evidence.significance import seeds_to_test
from auxjepa.evidence.verdicts import Phase, Verdict, bracket, count, probability, signed


@dataclass(frozen=True)
class Equivalence:
    """Result of two one-sided tests. ``equivalent``: ``p <= alpha``, that is ``interval`` lies within the margin."""

    mean: float
    margin: float
    alpha: float
    p: float
    interval: tuple[float, float]  # of confidence 1 - 2 alpha
    equivalent: bool


def equivalence(differences: Sequence[float], margin: float, alpha: float = 0.05) -> Equivalence:
    """Two one-sided paired t tests of "the mean difference lies within -margin to +margin" (both in points).

    Schuirmann (1987). The larger of the two p values counts, so nothing is paid for testing twice.

    Raises:
        ComparisonError: with fewer than 2 pairs, a margin that isn't above 0, or an alpha outside 0 to 0.5.
    """
    d = np.asarray(differences, float)
    if len(d) < 2:
        raise ComparisonError(f"equivalence needs at least 2 pairs, got {len(d)}")
    if not 0 < margin < math.inf or not 0 < alpha < 0.5:
        raise ComparisonError(f"equivalence needs a margin above 0 points and alpha below 0.5, got {margin}, {alpha}")
    mean, error = float(d.mean()), spread(differences) / math.sqrt(len(d))
    if error == 0:
        p = float(abs(mean) >= margin)
    else:
        p = float(stats.t.sf((margin - abs(mean)) / error, len(d) - 1))  # the nearer edge gives the larger p
    return Equivalence(mean, margin, alpha, p, t_interval(list(differences), 1 - 2 * alpha), p <= alpha)


def seeds_to_show(comparisons: int = 1, alpha: float = 0.05) -> int:
    """Pairs that may claim equivalence: so many that one-sided exact sign-flip tests could also reach ``alpha``.

    The t test alone would speak from 2 pairs on, but then normality, which few pairs can't show, carries the claim.
    """
    return max(2, seeds_to_test(comparisons, 2 * alpha))


def decide_equivalence(
    effect: Effect, margin: float, phase: Phase = "confirm", p_adjusted: float | None = None
) -> Verdict:
    """Judge the claim that variant and reference lie within ``margin`` points of each other.

    Supported: the p of two one-sided tests, corrected, is at most ``effect.alpha``. Refuted: the two-sided interval of
    confidence ``1 - alpha / comparisons`` lies wholly outside the margin. Not testable: a screening phase, or fewer
    pairs than :func:`seeds_to_show`. Else inconclusive, with the margin that would have been shown.

    Args:
        p_adjusted: p as corrected in the family it was registered in; Bonferroni over ``effect.comparisons`` if unset.

    Raises:
        ComparisonError: for a margin that isn't above 0.
    """
    m, alpha, least = effect.comparisons, effect.alpha, seeds_to_show(effect.comparisons, effect.alpha)
    numbers = f"{signed(effect.mean, 2)} points against a margin of ±{margin:g}"
    if phase == "screen":
        return Verdict("not testable", f"{numbers}; a screening phase claims nothing: confirm on fresh seeds.")
    if effect.n < least:
        why = f"{count(effect.n, 'seed')} can't show equivalence, {least} could"
        return Verdict("not testable", f"{numbers}; {why} ({count(m, 'comparison')} at {alpha:g}).")
    test = equivalence(effect.differences, margin, alpha)
    p = min(1.0, m * test.p) if p_adjusted is None else p_adjusted
    numbers += f", {100 * (1 - 2 * alpha):g} % interval {bracket(test.interval, 2)}"
    tested = f"equivalence p {probability(p)} over {count(m, 'comparison')}"
    if p <= alpha:
        return Verdict("supported", f"{numbers}; {tested}.")
    low, high = t_interval(list(effect.differences), 1 - alpha / m)
    if low > margin or high < -margin:
        outside = f"the {100 * (1 - alpha / m):.4g} % interval {bracket((low, high), 2)} lies outside the margin"
        return Verdict("refuted", f"{numbers}; {outside}.")
    shown = max(map(abs, t_interval(list(effect.differences), 1 - 2 * alpha / m)))
    return Verdict("inconclusive", f"{numbers}; {tested}; these seeds show no margin below {shown:.2f} points.")
