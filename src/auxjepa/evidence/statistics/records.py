"""Finished statistics as records: effects and estimates, and the errors of comparisons.

Pages read these records and do not import the functions that compute them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from auxjepa.evidence.statistics.pilot import seeds_after_pilot, upper_standard_deviation
from auxjepa.evidence.statistics.power import minimum_detectable_effect
from auxjepa.evidence.statistics.rounding import differences
from auxjepa.rows import Row

CorrectnessReader = Callable[[Row], np.ndarray | None]
"""Function that returns the marks of a row (bool, one per test example), or None; ``RowStore.correct`` is one."""
MarksFault = Literal["missing", "contradicting"]
"""Fault of the marks of a row: none are stored, or their mean is not its score."""
FaultReader = Callable[[Row], MarksFault | None]
"""Function that returns the fault of the marks of a row; None where they are usable, or where the row needs none."""
FEWEST_SEEDS = 5
"""Number of seeds below which a bootstrap has no interval: it cannot be wider than the range of the resamples."""


class ComparisonError(ValueError):
    """Scores that cannot be compared; the message is one line."""


class ProtocolMismatch(ComparisonError):
    """Two scores that were measured differently: under another protocol, benchmark or metric.

    Args:
        what: the field that differs.
        first: the first score, in words.
        second: the second score, in words.
    """

    def __init__(self, what: str, first: str, second: str) -> None:
        super().__init__(f"scores of a different {what} cannot be compared: {first} against {second}")
        self.what, self.first, self.second = what, first, second


def direction_of(interval: tuple[float, float] | None) -> str:
    """Return 'up' or 'down' where an interval is on one side of zero, else 'unclear'.

    Args:
        interval: lower and upper end; None where there is none.
    """
    if interval is None or interval[0] <= 0 <= interval[1]:
        return "unclear"
    return "up" if interval[0] > 0 else "down"


@dataclass(frozen=True)
class Estimate:
    """A value with its interval over seeds.

    Args:
        value: the estimate.
        interval: lower and upper end; None with a single seed, with equal values, and of a bootstrap with too few
            seeds.
    """

    value: float
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class SampleTest:
    """Exact McNemar test of one seed: variant against reference on the same test examples.

    Args:
        seed: the seed of both runs.
        only_variant: number of examples that only the variant gets right.
        only_reference: number of examples that only the reference gets right.
        p: two-sided p value.
    """

    seed: int
    only_variant: int
    only_reference: int
    p: float


@dataclass(frozen=True)
class Effect:
    """Variant minus reference over ``n`` paired seeds, in the unit of the scores (percentage points).

    A field is None where there are too few pairs for it.

    Args:
        variant: name of the variant.
        reference: name of the reference.
        benchmark: name of the benchmark, or of several that are averaged.
        seeds: the paired seeds, in order.
        scores: scores of the variant, in the order of ``seeds``.
        reference_scores: scores of the reference, in the order of ``seeds``.
        unpaired: seeds that only one side has.
        alpha: significance level; the intervals have confidence ``1 - alpha``.
        comparisons: number of comparisons in the family that p is corrected for.
        mean: mean difference.
        median: median difference.
        sd: standard deviation of the differences; exactly 0 where they are equal up to rounding.
        interval: t interval of the mean difference; None where all differences are equal.
        bca: BCa bootstrap interval of the mean difference; None with fewer than 5 pairs and with equal differences.
        p: two-sided p value of the sign-flip test; of two one-sided tests for an equivalence hypothesis.
        p_adjusted: p corrected for the family.
        smallest_p_adjusted: smallest corrected p that this number of pairs could give.
        improvement: probability that a run of the variant beats a run of the reference, over all pairs of seeds
            (Mann-Whitney, as rliable's probability of improvement).
        wins: number of paired seeds on which the variant scores higher.
        standardised: mean divided by sd; None where sd is 0.
        sample_tests: McNemar tests, one a seed, where both sides kept their marks.
    """

    variant: str
    reference: str
    benchmark: str
    seeds: tuple[int, ...]
    scores: tuple[float, ...]
    reference_scores: tuple[float, ...]
    unpaired: tuple[int, ...]
    alpha: float
    comparisons: int
    mean: float
    median: float
    sd: float | None
    interval: tuple[float, float] | None
    bca: tuple[float, float] | None
    p: float
    p_adjusted: float
    smallest_p_adjusted: float
    improvement: float
    wins: int
    standardised: float | None
    sample_tests: tuple[SampleTest, ...] = ()

    @property
    def n(self) -> int:
        """Number of paired seeds."""
        return len(self.seeds)

    @property
    def has_equal_differences(self) -> bool:
        """Return whether all differences are equal up to rounding. Their spread then says nothing about other seeds."""
        return self.sd == 0

    @property
    def detectable(self) -> float | None:
        """Smallest true mean that this design finds with a probability of at least 80 %.

        The standard deviation is its 85 % upper confidence limit. None without a spread, and where no effect is large
        enough because the pairs are too few.
        """
        if not self.sd:
            return None
        sd = upper_standard_deviation(self.sd, self.n)
        detectable = minimum_detectable_effect(sd, self.n, self.comparisons, self.alpha)
        return detectable if math.isfinite(detectable) else None

    @property
    def seeds_needed(self) -> int | None:
        """Number of new seeds with which a confirmation finds this effect with a probability of 80 %.

        It is planned with the 85 % upper limit of the standard deviation and a shrunk effect, because an effect is
        planned for only if it looks large. None with fewer than 3 pairs, with equal differences, with an effect below
        its standard error, or where more than 1,000 seeds are needed.
        """
        return seeds_after_pilot(self.mean, self.sd, self.n, self.comparisons, self.alpha) if self.sd else None

    @property
    def can_reach_alpha(self) -> bool:
        """Return whether this number of pairs could give a corrected p of at most ``alpha``."""
        return self.smallest_p_adjusted <= self.alpha

    @property
    def differences(self) -> tuple[float, ...]:
        """Variant minus reference, in the order of ``seeds``."""
        return tuple(differences(self.scores, self.reference_scores).tolist())

    @property
    def direction(self) -> str:
        """'up' or 'down' where the t interval is on one side of zero, else 'unclear': it leans, and shows nothing."""
        return direction_of(self.interval)


def expected_by_chance(effects: Iterable[Effect]) -> float:
    """Return the number of intervals that would exclude zero by chance alone if no effect existed.

    Args:
        effects: effects; those without an interval do not count.
    """
    return sum(effect.alpha for effect in effects if effect.interval is not None)
