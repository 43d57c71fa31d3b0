"""Intervals for two sources of doubt together: other seeds and other test examples.

The run of every seed is scored on the same test examples. So seeds and examples are crossed and not nested: with other
test clips, all runs would have the same other clips. A resample therefore draws the examples once for all seeds. A
separate draw within each seed would average the examples' part of the variance away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy import stats

from auxjepa.evidence.statistics.bootstrap import RESAMPLES, percentile, seed_weights
from auxjepa.evidence.statistics.records import ComparisonError, CorrectnessReader
from auxjepa.evidence.statistics.rounding import ROUNDING
from auxjepa.rows import Row

MOST_AT_ONCE = 2**21
"""Number of drawn examples that are in memory at a time."""

Interval = tuple[float, float]
Marks = Bool[np.ndarray, "_ _"]
"""Seeds by test examples: whether the answer is right."""


@dataclass(frozen=True)
class Crossed:
    """Mean difference of accuracies in points, with its intervals.

    With few seeds the bootstrap intervals over seeds are too narrow; ``interval`` keeps its coverage.

    Args:
        mean: mean difference.
        n_seeds: number of seeds.
        n_examples: number of test examples.
        interval: for other seeds and other examples; this is the one to quote.
        seeds: percentile bootstrap interval over seeds.
        examples: percentile bootstrap interval over examples.
        both: percentile bootstrap interval over seeds and examples.
    """

    mean: float
    n_seeds: int
    n_examples: int
    interval: Interval
    seeds: Interval
    examples: Interval
    both: Interval


def crossed(
    variant: Marks, reference: Marks, *, confidence: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> Crossed:
    """Return variant minus reference from per-example correctness, with all intervals.

    ``both`` is the pigeonhole bootstrap, which resamples rows and columns independently. No bootstrap of crossed data
    is exact (McCullagh 2000). This one tends to be too wide with many seeds.

    Args:
        variant: marks of the variant; row s and column e are the same seed and example in both tables.
        reference: marks of the reference.
        confidence: confidence of the intervals.
        resamples: number of bootstrap resamples.
        seed: seed of the draws.

    Raises:
        ComparisonError: when the two differ in shape, or with fewer than 2 seeds or 2 examples.

    Source:
        Owen (2007), "The Pigeonhole Bootstrap".
    """
    difference = _differences(variant, reference)
    n, examples = difference.shape
    weights = seed_weights(n, resamples, seed)
    by_example, rng = difference.mean(axis=0), np.random.default_rng([seed, 1])
    over_examples, over_both = [], []
    for part in np.array_split(weights, math.ceil(resamples * examples / MOST_AT_ONCE)):
        drawn = rng.integers(0, examples, (len(part), examples), dtype=np.int32)
        over_examples.append(by_example[drawn].mean(axis=1))
        over_both.append(np.take_along_axis(part @ difference, drawn, axis=1).mean(axis=1))
    return Crossed(
        mean=float(difference.mean()),
        n_seeds=n,
        n_examples=examples,
        interval=crossed_interval(variant, reference, confidence),
        seeds=_ends(weights @ difference.mean(axis=1), confidence),
        examples=_ends(np.concatenate(over_examples), confidence),
        both=_ends(np.concatenate(over_both), confidence),
    )


def crossed_interval(variant: Marks, reference: Marks, confidence: float = 0.95) -> Interval:
    """Return the interval of the mean difference in points under two-way random effects of seeds and examples.

    The variance of the mean is ``(MS_seeds + MS_examples - MS_residual) / (S E)``, which is unbiased for balanced
    crossed data. Its degrees of freedom are Satterthwaite's. Variance and degrees are never below those of the seeds
    alone, so without doubt from the examples this is Student's interval over seeds.

    Args:
        variant: marks of the variant, seeds by examples.
        reference: marks of the reference, seeds by examples.
        confidence: confidence of the interval.

    Raises:
        ComparisonError: when the two differ in shape, or with fewer than 2 seeds or 2 examples.

    Source:
        Satterthwaite (1946), "An Approximate Distribution of Estimates of Variance Components".
    """
    d = _differences(variant, reference)
    n, examples = d.shape
    mean, rows, columns = d.mean(), d.mean(axis=1, keepdims=True), d.mean(axis=0, keepdims=True)
    # Each mean square is divided by S E: this is the variance that its source adds to the mean.
    from_seeds = float(rows.var(ddof=1)) / n
    from_examples = float(columns.var(ddof=1)) / examples
    freedom = (n - 1) * (examples - 1)
    residual = float(np.sum((d - rows - columns + mean) ** 2)) / freedom / d.size
    variance = from_seeds + max(0.0, from_examples - residual)
    if variance <= (ROUNDING * max(1.0, abs(float(mean)))) ** 2:  # the marks differ only by rounding
        return float(mean), float(mean)
    spread = from_seeds**2 / (n - 1) + from_examples**2 / (examples - 1) + residual**2 / freedom
    df = max(n - 1, variance**2 / spread) if spread else n - 1
    half = float(stats.t.ppf((1 + confidence) / 2, df)) * math.sqrt(variance)
    return float(mean) - half, float(mean) + half


def paired_marks(variant: Sequence[Row], reference: Sequence[Row], correct: CorrectnessReader) -> tuple[Marks, Marks]:
    """Return per-example correctness of both sides over the seeds that they share, in the order of the seeds.

    The rows are of one benchmark, protocol and split (:func:`~auxjepa.evidence.statistics.effects.check_comparable`).

    Args:
        variant: rows of the variant.
        reference: rows of the reference.
        correct: reads the marks of a row.

    Raises:
        ComparisonError: when no seed is on both sides, when a row kept no marks, or when it has another number of
            examples.
    """
    first, second = ({row.seed: row for row in rows} for rows in (variant, reference))
    seeds = sorted(first.keys() & second.keys())
    if not seeds:
        raise ComparisonError("the two sides have no seed in common")
    sides = []
    for side in (first, second):
        marks_by_seed = [correct(side[seed]) for seed in seeds]
        for seed, marks in zip(seeds, marks_by_seed, strict=True):
            if marks is None or len(marks) != first[seeds[0]].n_test:
                row = side[seed]
                raise ComparisonError(
                    f"{row.variant} seed {seed} on {row.benchmark}: no correctness of {first[seeds[0]].n_test} examples"
                )
        sides.append(np.stack([marks for marks in marks_by_seed if marks is not None]))
    return sides[0], sides[1]


def _differences(variant: Marks, reference: Marks) -> Float[np.ndarray, "S E"]:
    if variant.shape != reference.shape or min(variant.shape) < 2:
        raise ComparisonError(
            f"seeds and examples need two equal tables of at least 2 x 2, got {variant.shape} and {reference.shape}"
        )
    return 100 * (variant.astype(float) - reference.astype(float))


def _ends(statistics: Float[np.ndarray, " R"], confidence: float) -> Interval:
    low, high = percentile(statistics, confidence)
    return float(low), float(high)
