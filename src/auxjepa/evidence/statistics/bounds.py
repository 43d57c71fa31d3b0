"""Comparisons close to the bounds of a metric, where differences need not be symmetric.

The sign-flip test assumes that differences are symmetric about zero if there is no effect. Close to a bound this fails:
a side whose seeds score 99 to 100 can have a rare seed far below, but none far above. If that seed is not among the
observed ones, all differences have one sign although the true means are equal.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from auxjepa.evidence.statistics.rounding import standard_deviation

CLOSE = 2.0
"""Number of standard deviations over seeds within which a mean is close to a bound."""
CLOSE_SHARE = 0.01
"""Share of the range of scores within which a mean is close to a bound, however small the standard deviation is."""


def unseen_share(seeds: int, alpha: float) -> float:
    """Return the largest share of seeds that can behave differently although none of the observed seeds does.

    With this share, ``seeds`` independent seeds show no such seed with probability ``alpha``.

    Args:
        seeds: number of observed seeds.
        alpha: probability of seeing none.

    Source:
        Clopper and Pearson (1934), "The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial",
        for 0 of n.
    """
    return 1.0 - alpha ** (1.0 / seeds)


def is_close(scores: Sequence[float], bound: float, length: float) -> bool:
    """Check whether the mean of scores is close to a bound (:data:`CLOSE`, :data:`CLOSE_SHARE`).

    Args:
        scores: one score a seed, at least two.
        bound: lowest or highest possible score.
        length: highest minus lowest possible score.
    """
    return abs(bound - float(np.mean(scores))) <= max(CLOSE * standard_deviation(scores), CLOSE_SHARE * length)


def undoing_bounds(
    scores: Sequence[float],
    others: Sequence[float],
    bounds: tuple[float, float],
    alpha: float,
    margin: float | None = None,
) -> list[tuple[int, float]]:
    """Return the sides that are close to a bound and whose unseen seeds could undo the result of a test.

    The winner is close to the highest score, or the loser is close to the lowest score. Unseen seeds are at the other
    bound in the worst case. They undo a difference if they can change the mean of their side by more than the
    difference. They undo an equivalence if they can change it by more than what the margin leaves.

    Args:
        scores: scores of the first side, one a seed.
        others: scores of the second side, one a seed.
        bounds: lowest and highest possible score.
        alpha: significance level of this comparison, corrected for its family.
        margin: margin of an equivalence; None for a directional claim.

    Returns:
        Index of each side, 0 or 1, and the bound that it is close to.
    """
    low, high = bounds
    means = float(np.mean(scores)), float(np.mean(others))
    difference = abs(means[0] - means[1])
    least = difference if margin is None else margin - difference
    share = unseen_share(len(scores), alpha)
    winner = 0 if means[0] >= means[1] else 1
    close = []
    for side, values in enumerate((scores, others)):
        downward = share * (means[side] - low) > least
        upward = share * (high - means[side]) > least
        if (margin is not None or side == winner) and downward and is_close(values, high, high - low):
            close.append((side, high))
        elif (margin is not None or side != winner) and upward and is_close(values, low, high - low):
            close.append((side, low))
    return close
