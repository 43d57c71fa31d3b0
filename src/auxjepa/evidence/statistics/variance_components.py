"""Variance components of scores: how much comes from seeds, from test clips, and from both together.

A table of marks has one row a seed and one column a test clip. The marks of a score, in points, follow

    x[s, e] = mean + seed[s] + clip[e] + rest[s, e]

with independent parts. ``rest`` contains the interaction of seed and clip. A seed fixes initial weights, data order,
augmentation, masks and probe together, so their parts cannot be separated without further runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import special

from auxjepa.evidence.statistics.records import ComparisonError

Interval = tuple[float, float]


@dataclass(frozen=True)
class Component:
    """Variance of one source.

    Args:
        variance: unbiased estimate, which can be below 0 where the source is small.
        interval: interval of the variance; its ends are at least 0.
    """

    variance: float
    interval: Interval

    @property
    def positive(self) -> float:
        """Estimate, or 0 where the estimate is below 0."""
        return max(0.0, self.variance)

    def scaled(self, factor: float) -> Component:
        """Return the component times a factor.

        Args:
            factor: a number of at least 0.
        """
        return Component(self.variance * factor, (self.interval[0] * factor, self.interval[1] * factor))


@dataclass(frozen=True)
class VarianceComponents:
    """Variances of a single mark, in squared units of the table.

    Args:
        n_seeds: number of seeds, ``S``.
        n_clips: number of test clips, ``E``.
        seed: variance between seeds.
        clip: variance between clips, which is common to all seeds.
        rest: variance of the interaction of seed and clip.
    """

    n_seeds: int
    n_clips: int
    seed: Component
    clip: Component
    rest: Component

    def of_score(self) -> dict[str, Component]:
        """Return the variances of the score of one seed over all clips: ``seed``, ``clip`` and ``rest``."""
        return {
            "seed": self.seed,
            "clip": self.clip.scaled(1 / self.n_clips),
            "rest": self.rest.scaled(1 / self.n_clips),
        }

    def of_mean(self) -> dict[str, Component]:
        """Return the variances of the mean over all seeds and clips: ``seed``, ``clip`` and ``rest``."""
        marks = self.n_seeds * self.n_clips
        return {
            "seed": self.seed.scaled(1 / self.n_seeds),
            "clip": self.clip.scaled(1 / self.n_clips),
            "rest": self.rest.scaled(1 / marks),
        }


def variance_components(table: Float[np.ndarray, "S E"], confidence: float = 0.95) -> VarianceComponents:
    """Return the components of a table by the analysis of variance, with modified large-sample intervals.

    Args:
        table: values, seeds by test clips: marks times 100, or differences of two such tables.
        confidence: confidence of the intervals.

    Raises:
        ComparisonError: with fewer than 2 seeds or 2 clips.

    Source:
        Ting et al. (1990), "Confidence Intervals on Linear Combinations of Variance Components That Are Unrestricted in
        Sign"; Burdick and Graybill (1992), "Confidence Intervals on Variance Components", chapter 3.
    """
    if min(table.shape) < 2:
        raise ComparisonError(f"variance components need at least 2 seeds and 2 clips, got {table.shape}")
    seeds, clips = table.shape
    x = np.asarray(table, float)
    rows, columns = x.mean(axis=1, keepdims=True), x.mean(axis=0, keepdims=True)
    freedom = (seeds - 1) * (clips - 1)
    rest = float(np.sum((x - rows - columns + x.mean()) ** 2)) / freedom
    from_seeds, from_clips = clips * float(rows.var(ddof=1)), seeds * float(columns.var(ddof=1))
    return VarianceComponents(
        seeds,
        clips,
        seed=difference_of_squares(from_seeds, rest, seeds - 1, freedom, clips, confidence),
        clip=difference_of_squares(from_clips, rest, clips - 1, freedom, seeds, confidence),
        rest=mean_square(rest, freedom, confidence),
    )


def mean_square(square: float, freedom: int, confidence: float = 0.95) -> Component:
    """Return a mean square as a variance, with its chi-squared interval.

    Args:
        square: the mean square.
        freedom: its degrees of freedom, at least 1.
        confidence: confidence of the interval.
    """
    tail = (1 - confidence) / 2
    low, high = (freedom * square / _chi(freedom, p) for p in (tail, 1 - tail))
    return Component(square, (low, high))


def difference_of_squares(
    square: float, error: float, freedom: int, error_freedom: int, factor: int, confidence: float = 0.95
) -> Component:
    """Return the variance ``(square - error) / factor`` with its modified large-sample interval.

    Args:
        square: mean square of the source.
        error: mean square of the error.
        freedom: degrees of freedom of the source.
        error_freedom: degrees of freedom of the error.
        factor: number of values that are averaged in the source.
        confidence: confidence of the interval.

    Source:
        Ting et al. (1990), equations for the difference of two mean squares.
    """
    tail = (1 - confidence) / 2
    upper, lower = (_f(freedom, error_freedom, p) for p in (tail, 1 - tail))
    g1, h1 = 1 - freedom / _chi(freedom, tail), freedom / _chi(freedom, 1 - tail) - 1
    g2, h2 = 1 - error_freedom / _chi(error_freedom, tail), error_freedom / _chi(error_freedom, 1 - tail) - 1
    g12 = ((upper - 1) ** 2 - g1**2 * upper**2 - h2**2) / upper
    h12 = ((1 - lower) ** 2 - h1**2 * lower**2 - g2**2) / lower
    below = g1**2 * square**2 + h2**2 * error**2 + g12 * square * error
    above = h1**2 * square**2 + g2**2 * error**2 + h12 * square * error
    difference = square - error
    low, high = difference - math.sqrt(max(0.0, below)), difference + math.sqrt(max(0.0, above))
    return Component(difference / factor, (max(0.0, low) / factor, max(0.0, high) / factor))


def probe_variance(scores: Sequence[Sequence[float]], confidence: float = 0.95) -> Component | None:
    """Return the variance of scores of one encoder under other probe seeds, pooled over encoders.

    Args:
        scores: for each encoder, its score for each probe seed; encoders with one score are ignored.
        confidence: confidence of the interval.
    """
    groups = [np.asarray(values, float) for values in scores if len(values) > 1]
    freedom = sum(len(values) - 1 for values in groups)
    if not freedom:
        return None
    return mean_square(sum(float(np.sum((v - v.mean()) ** 2)) for v in groups) / freedom, freedom, confidence)


def _chi(freedom: int, tail: float) -> float:
    """Return the value that a chi-squared variable exceeds with probability ``tail``."""
    return float(special.chdtri(freedom, tail))


def _f(freedom: int, error_freedom: int, tail: float) -> float:
    """Return the value that an F variable exceeds with probability ``tail``."""
    return float(special.fdtri(freedom, error_freedom, 1 - tail))
