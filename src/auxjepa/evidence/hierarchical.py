"""Two sources of doubt at once: how an effect would move with other seeds, other test examples, and both.

Every seed's run is scored on the same test examples. So seeds and examples are crossed, not nested: a test set of
other clips would have been another one for all runs alike. A resample therefore draws the examples once for all seeds;
a fresh draw within each seed would average the examples' part away as if each run had had a test set of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy import stats

from auxjepa.evidence.bootstrap import RESAMPLES, percentile, seed_weights
from auxjepa.evidence.effects import ComparisonError, Correct
from auxjepa.evidence.intervals import ROUNDING
from auxjepa.rows import Row

MOST_AT_ONCE = 2**21  # drawn examples held in memory at a time

Interval = tuple[float, float]
Marks = Bool[np.ndarray, "_ _"]  # seeds by test examples: was it right?


@dataclass(frozen=True)
class Crossed:
    """Mean difference of accuracies in points, and its intervals. ``interval`` is the one to quote.

    ``seeds``, ``examples`` and ``both`` are percentile bootstrap intervals over what their names say. With few seeds
    those over seeds are too narrow; ``interval`` is for other seeds and other examples and keeps its coverage.
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
    """Variant minus reference from per-example correctness: row s of both is the same seed, column e the same example.

    ``both`` is Owen's (2007) pigeonhole bootstrap, which resamples rows and columns independently; no bootstrap of
    crossed data is exact (McCullagh 2000), this one errs towards wide for many seeds.

    Raises:
        ComparisonError: when the two differ in shape, or with fewer than 2 seeds or 2 examples.
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
    """Interval of the mean difference in points under two-way random effects of seeds and examples.

    The variance of the mean is ``(MS_seeds + MS_examples - MS_residual) / (S E)``, unbiased for balanced crossed data,
    with Satterthwaite's (1946) degrees of freedom; neither is taken below that of the seeds alone, so that without
    doubt from the examples this is Student's interval over seeds.

    Raises:
        ComparisonError: as :func:`crossed`.
    """
    d = _differences(variant, reference)
    n, examples = d.shape
    mean, rows, columns = d.mean(), d.mean(axis=1, keepdims=True), d.mean(axis=0, keepdims=True)
    # Each mean square over S E, the variance that its source gives the mean
    from_seeds = float(rows.var(ddof=1)) / n
    from_examples = float(columns.var(ddof=1)) / examples
    freedom = (n - 1) * (examples - 1)
    residual = float(np.sum((d - rows - columns + mean) ** 2)) / freedom / d.size
    variance = from_seeds + max(0.0, from_examples - residual)
    if variance <= (ROUNDING * max(1.0, abs(float(mean)))) ** 2:  # equal up to rounding
        return float(mean), float(mean)
    spread = from_seeds**2 / (n - 1) + from_examples**2 / (examples - 1) + residual**2 / freedom
    df = max(n - 1, variance**2 / spread) if spread else n - 1
    half = float(stats.t.ppf((1 + confidence) / 2, df)) * math.sqrt(variance)
    return float(mean) - half, float(mean) + half


def marks(variant: Sequence[Row], reference: Sequence[Row], correct: Correct) -> tuple[Marks, Marks]:
    """Per-example correctness of both sides over the seeds they share, in the order of the seeds.

    The rows are of one benchmark, protocol and split (:func:`~auxjepa.evidence.effects.check_comparable`).

    Raises:
        ComparisonError: when no seed is on both sides, or a row kept no correctness or has another number of examples.
    """
    first, second = ({row.seed: row for row in rows} for rows in (variant, reference))
    seeds = sorted(first.keys() & second.keys())
    if not seeds:
        raise ComparisonError("the two sides have no seed in common")
    sides = []
    for side in (first, second):
        kept = [correct(side[seed]) for seed in seeds]
        for seed, mark in zip(seeds, kept, strict=True):
            if mark is None or len(mark) != first[seeds[0]].n_test:
                row = side[seed]
                raise ComparisonError(
                    f"{row.variant} seed {seed} on {row.benchmark}: no correctness of {first[seeds[0]].n_test} examples"
                )
        sides.append(np.stack([mark for mark in kept if mark is not None]))
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
