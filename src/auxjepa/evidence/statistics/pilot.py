"""Plans from a pilot: an upper limit of the standard deviation, and an effect that is shrunk.

A pilot of few seeds that leans to one side has a standard deviation that is too small and an effect that is too large:
this is why it leans. A plan with both numbers as they are has far less than its stated power.
"""

from __future__ import annotations

import math

from scipy import special

from auxjepa.evidence.statistics.power import seeds_needed

CONFIDENCE = 0.85
"""Confidence of the upper limit of the standard deviation. With 85 %, pilots of 3 seeds whose 95 % interval excludes
zero lead to a mean power of 80 % for a true effect of 1 sd (docs/evidence/planning.md)."""


def upper_standard_deviation(sd: float, pairs: int, confidence: float = CONFIDENCE) -> float:
    """Return the upper confidence limit of the standard deviation of normal differences.

    Args:
        sd: standard deviation of the pilot's differences.
        pairs: number of pairs of the pilot, at least 2.
        confidence: one-sided confidence of the limit.

    Raises:
        ValueError: with fewer than 2 pairs.
    """
    if pairs < 2:
        raise ValueError(f"a standard deviation needs at least 2 pairs, got {pairs}")
    return sd * math.sqrt((pairs - 1) / float(special.chdtri(pairs - 1, confidence)))


def shrunk_effect(mean: float, sd: float, pairs: int) -> float:
    """Return the effect of a pilot, shrunk towards zero; 0 where it is below its standard error, or with 2 pairs.

    The first factor is Hedges': it removes the bias of mean divided by standard deviation in small samples. The second
    factor is the positive part of James and Stein: ``1 - standard error**2 / mean**2``.

    Args:
        mean: mean difference of the pilot.
        sd: standard deviation of the pilot's differences.
        pairs: number of pairs of the pilot.

    Source:
        Hedges (1981), "Distribution Theory for Glass's Estimator of Effect Size"; James and Stein (1961), "Estimation
        with Quadratic Loss".
    """
    if pairs < 3 or not mean:
        return 0.0
    freedom = pairs - 1
    hedges = math.exp(math.lgamma(freedom / 2) - math.lgamma((freedom - 1) / 2)) / math.sqrt(freedom / 2)
    return mean * hedges * max(0.0, 1 - sd**2 / pairs / mean**2)


def seeds_after_pilot(mean: float, sd: float, pairs: int, comparisons: int = 1, alpha: float = 0.05) -> int | None:
    """Return the number of new seeds that a confirmation needs, planned from a pilot, for a power of 80 %.

    The plan uses :func:`upper_standard_deviation` and :func:`shrunk_effect`. The result is None where the pilot shows
    no effect that a plan could start from, or where more than 1,000 seeds are needed.

    Args:
        mean: mean difference of the pilot.
        sd: standard deviation of the pilot's differences.
        pairs: number of pairs of the pilot.
        comparisons: number of comparisons of the confirmation.
        alpha: significance level of the confirmation.
    """
    effect = shrunk_effect(mean, sd, pairs)
    return seeds_needed(effect, upper_standard_deviation(sd, pairs), comparisons, alpha) if effect and sd else None
