"""Exact sign-flip tests at several looks: seeds are added in steps, and all looks together keep one error.

A spending function fixes how much of the error may be used by each look. The boundary of a look is the largest one that
keeps to it over all sign patterns of the differences. So the error is exact, also for few pairs and for any
distribution of differences that is symmetric around 0 (docs/evidence/sequential.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool

TIE = 1e-9
"""Largest difference of two sums that are equal up to rounding, as a share of the sum of all magnitudes."""
STEPS_PER_OCTAVE = 8
"""Number of tested levels from a level to its double, where the levels only refine the p that is shown."""
BELOW = 1 - 1e-12
"""Factor of a p value, so that a corrected p does not exceed alpha by rounding."""


def correction_levels(
    comparisons: int, alpha: float, correction: Literal["holm", "benjamini_hochberg"]
) -> tuple[float, ...]:
    """Return the levels at which a correction compares p values, ascending; the last one is ``alpha``.

    Args:
        comparisons: number of comparisons in the family.
        alpha: level of the family.
        correction: the correction.
    """
    ranks = range(1, comparisons + 1)
    if correction == "holm":
        return tuple(sorted(alpha / rank for rank in ranks))
    return tuple(alpha * rank / comparisons for rank in ranks)


class SequentialTest:
    """Sign-flip test of one hypothesis at every complete look, conditional on the magnitudes of its differences.

    Args:
        differences: one difference a seed in registered order, for the seeds of the complete looks.
        looks: number of seeds of every registered look.
        shares: share of the error that may be used by each look (:func:`auxjepa.evidence.statistics.looks.spending`).
    """

    def __init__(self, differences: Sequence[float], looks: Sequence[int], shares: Sequence[float]) -> None:
        complete = [place for place, seeds in enumerate(looks) if seeds <= len(differences)]
        self._looks = [(looks[place], shares[place]) for place in complete]
        self._orders = [_Order(differences[: looks[place]]) for place in complete]

    def first_rejection(self, level: float) -> int | None:
        """Return the number of the first look, from 1, at which the test of ``level`` rejects; None if there is none.

        Args:
            level: error of the test over all looks, the later ones included.
        """
        rejected = np.zeros(1, bool)
        for number, ((seeds, share), order) in enumerate(zip(self._looks, self._orders, strict=True), start=1):
            patterns = 2 ** (seeds - 1)
            rejected = np.tile(rejected, patterns // len(rejected))  # a rejected pattern stays rejected
            rejected |= order.most_extreme(rejected, math.floor(level * share * patterns + TIE))
            if rejected[order.observed]:
                return number
        return None


class _Order:
    """Sign patterns of some differences, ordered by the absolute sum of the differences with these signs.

    The sign of the first difference is fixed, because a pattern and its opposite have the same absolute sum. Bit ``i``
    of the index of a pattern is set where the sign of difference ``i + 1`` is not that of the first one.
    """

    def __init__(self, differences: Sequence[float]) -> None:
        d = np.asarray(differences, float)
        sums = np.abs(d[:1])
        for value in np.abs(d[1:]):
            sums = np.concatenate([sums + value, sums - value])
        sums = np.abs(sums)
        self._patterns = np.argsort(-sums, kind="stable")
        descending = sums[self._patterns]
        gaps = descending[:-1] - descending[1:] > TIE * float(np.abs(d).sum())
        self._ends = np.append(np.flatnonzero(gaps), len(sums) - 1)  # the last pattern of each group of equal sums
        is_opposite = (d[1:] < 0) != (d[0] < 0)
        self.observed = int(np.sum(2 ** np.flatnonzero(is_opposite)))

    def most_extreme(self, rejected: Bool[np.ndarray, " p"], most: int) -> Bool[np.ndarray, " p"]:
        """Return the patterns with the largest sums that may be rejected now. Equal sums are rejected together.

        Args:
            rejected: patterns that were rejected at an earlier look.
            most: largest number of rejected patterns, the earlier ones included.
        """
        fresh = ~rejected[self._patterns]
        counts = np.cumsum(fresh)[self._ends]
        groups = int(np.searchsorted(counts, most - int(rejected.sum()), side="right"))
        new = np.zeros(len(rejected), bool)
        if groups:
            new[self._patterns[: self._ends[groups - 1] + 1]] = True
        return new & ~rejected


@dataclass(frozen=True)
class SequentialP:
    """The p value of a hypothesis by a look.

    Args:
        p: p over all looks; 1 before the first look.
        look: number of the look whose seeds give this p, from 1; 0 where no look gives a p below 1.
    """

    p: float
    look: int


def sequential_p(
    differences: Sequence[float], looks: Sequence[int], shares: Sequence[float], levels: Sequence[float]
) -> tuple[SequentialP, ...]:
    """Return the p of one hypothesis by each complete look. It never rises from look to look.

    The p is the smallest level such that the test rejects at this level and at every larger one of ``levels``. So it is
    valid at each of these levels: the probability of a p of at most a level is at most this level. Above the largest
    one, p only shows how far a hypothesis is from a decision. Between two of ``levels``, p is rounded up.

    Args:
        differences: one difference a seed in registered order, for the seeds of the complete looks.
        looks: number of seeds of every registered look.
        shares: share of the error that may be used by each look.
        levels: levels that decide, ascending (:func:`correction_levels`).

    Source:
        Liu and Anderson (2008), "On adaptive extensions of group sequential trials", the sequential p value.
    """
    complete = sum(seeds <= len(differences) for seeds in looks)
    if not complete:
        return ()
    test = SequentialTest(differences, looks, shares)
    finer = _geometric(levels[0], 2.0 / 2.0 ** looks[-1])
    larger = _geometric(levels[-1], 1.0)
    first_looks = {level: test.first_rejection(level) for level in (*finer, *levels, *larger)}
    results = []
    for look in range(1, complete + 1):
        for group in ((*finer, *levels), larger):
            rejecting = _rejecting(group, first_looks, look)
            if rejecting is not None:
                results.append(SequentialP(rejecting * BELOW, first_looks[rejecting] or 0))
                break
        else:
            results.append(SequentialP(1.0, 0))
    return tuple(results)


def _rejecting(levels: Sequence[float], first_looks: dict[float, int | None], look: int) -> float | None:
    """Return the smallest level from which on all levels reject by a look."""
    smallest = None
    for level in reversed(levels):
        first = first_looks[level]
        if first is None or first > look:
            break
        smallest = level
    return smallest


def _geometric(begin: float, end: float) -> tuple[float, ...]:
    """Return levels between two levels, both left out, ascending and in equal ratios."""
    octaves = math.log2(end / begin)
    steps = [begin * 2 ** (math.copysign(i, octaves) / STEPS_PER_OCTAVE) for i in range(1, 1000)]
    return tuple(sorted(level for level in steps if min(begin, end) < level < max(begin, end)))
