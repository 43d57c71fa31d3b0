"""Simulated studies with planted effects: how often the intervals and tests of this package are right.

Values are in standard deviations of a per-seed difference, or in points where a docstring says so. The functions under
test are those of the package. Only the sign-flip test has a second form here, which tests many studies in one call; a
test checks that both forms are equal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float
from scipy import stats

from auxjepa.evidence.statistics.equivalence import equivalence
from auxjepa.evidence.statistics.significance import holm

Kind = Literal["normal", "heavy tails", "skewed"]
KINDS: tuple[Kind, ...] = ("normal", "heavy tails", "skewed")
BLOCK = 1000
"""Number of studies whose sums are in memory at a time."""
Interval = Callable[[list[float]], tuple[float, float]]


def noise(kind: Kind, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Return numbers of mean 0 and standard deviation 1: normal, t with 3 degrees of freedom, or exponential.

    Args:
        kind: the distribution.
        shape: shape of the result.
        rng: source of the draws.
    """
    if kind == "normal":
        return rng.normal(size=shape)
    if kind == "heavy tails":
        return rng.standard_t(3, shape) / math.sqrt(3)
    return rng.exponential(size=shape) - 1


def coverage(interval: Interval, differences: Float[np.ndarray, "R n"], truth: float = 0.0) -> float:
    """Return the share of studies whose interval contains the truth.

    Args:
        interval: the function under test.
        differences: one study a row.
        truth: true mean difference.
    """
    return share_that_contain((interval(row) for row in differences.tolist()), [truth] * len(differences))


def share_that_contain(intervals: Iterable[tuple[float, float]], truths: Iterable[float]) -> float:
    """Return the share of intervals that contain their truth.

    Args:
        intervals: lower and upper end of each interval.
        truths: true value for each interval.
    """
    return float(np.mean([low <= truth <= high for (low, high), truth in zip(intervals, truths, strict=True)]))


def sign_flip_ps(differences: Float[np.ndarray, "R n"]) -> Float[np.ndarray, " R"]:
    """Return the exact two-sided sign-flip p of each row, for up to about 30 seeds.

    The signed sums of one half of the seeds are sorted, and the sums of the other half are searched in them. This takes
    in the order of ``2**(n / 2)`` operations instead of ``2**n``.

    Args:
        differences: one study a row, one seed a column.

    Source:
        Horowitz and Sahni (1974), "Computing Partitions with Applications to the Knapsack Problem".
    """
    if len(differences) > BLOCK:
        return np.concatenate([sign_flip_ps(differences[i : i + BLOCK]) for i in range(0, len(differences), BLOCK)])
    half = differences.shape[1] // 2
    first, second = _signed_sums(differences[:, :half]), np.sort(_signed_sums(differences[:, half:]))
    near = np.abs(differences.sum(axis=1)) - 1e-9 * np.abs(differences).sum(axis=1)
    hits = [
        np.searchsorted(b, -bound - a, side="right").sum() + (len(b) - np.searchsorted(b, bound - a)).sum()
        for a, b, bound in zip(first, second, near, strict=True)
    ]
    return np.minimum(1.0, np.array(hits) / 2.0 ** differences.shape[1])


def _signed_sums(values: Float[np.ndarray, "R h"]) -> Float[np.ndarray, "R p"]:
    sums = np.zeros((len(values), 1))
    for value in values.T[:, :, None]:
        sums = np.concatenate([sums + value, sums - value], axis=1)
    return sums


def family(
    kind: Kind,
    studies: int,
    variants: int,
    seeds: int,
    rng: np.random.Generator,
    *,
    benchmarks: int = 1,
    correlation: float = 0.5,
) -> Float[np.ndarray, "R m n"]:
    """Return differences of several variants from one common reference on several benchmarks.

    Every run is a draw of ``kind`` with the same mean, and its scores on different benchmarks correlate. Differences
    from one reference then correlate by a half. They are symmetric for every distribution of the runs.

    Args:
        kind: distribution of runs and scores.
        studies: number of studies, ``R``.
        variants: number of variants.
        seeds: number of seeds, ``n``.
        rng: source of the draws.
        benchmarks: number of benchmarks; ``m`` is variants times benchmarks.
        correlation: correlation of a run's scores on two benchmarks.
    """
    run = noise(kind, (studies, variants + 1, 1, seeds), rng)
    score = noise(kind, (studies, variants + 1, benchmarks, seeds), rng)
    scores = math.sqrt(correlation) * run + math.sqrt(1 - correlation) * score
    differences = (scores[:, 1:] - scores[:, :1]) / math.sqrt(2)
    return differences.reshape(studies, variants * benchmarks, seeds)


def family_rejections(differences: Float[np.ndarray, "R m n"], alpha: float = 0.05) -> Bool[np.ndarray, "R m"]:
    """Return, for each study, which comparisons are significant in a sign-flip test with Holm over the study.

    Args:
        differences: studies by comparisons by seeds.
        alpha: significance level.
    """
    studies, m, seeds = differences.shape
    p = sign_flip_ps(differences.reshape(-1, seeds)).reshape(studies, m)
    return np.array([holm(row) for row in p.tolist()]) <= alpha


def equivalence_rate(differences: Float[np.ndarray, "R n"], margin: float, alpha: float = 0.05) -> float:
    """Return the share of studies that find equivalence.

    Args:
        differences: one study a row.
        margin: margin of equivalence.
        alpha: significance level.
    """
    return float(np.mean([equivalence(row, margin, alpha).equivalent for row in differences.tolist()]))


def answers(
    seeds: int,
    examples: int,
    rng: np.random.Generator,
    *,
    gain: float = 0.3,
    seed_sd: float = 0.15,
    example_sd: float = 0.5,
) -> tuple[Bool[np.ndarray, "S E"], Bool[np.ndarray, "S E"], float]:
    """Return correctness of a variant and a reference on the same examples, and the true difference in points.

    An answer is right where its ease is above 0. The ease is the sum of a part of the example, a part of the seed and a
    random part. The true difference is the mean over all possible seeds and examples.

    Args:
        seeds: number of seeds, ``S``.
        examples: number of test examples, ``E``.
        rng: source of the draws.
        gain: mean gain of the variant in ease.
        seed_sd: standard deviation of the gain over seeds.
        example_sd: standard deviation of the gain over examples.
    """
    luck = 0.5
    ease = rng.normal(size=examples) + 0.1 * rng.normal(size=(seeds, 1))
    gains = gain + seed_sd * rng.normal(size=(seeds, 1)) + example_sd * rng.normal(size=examples)
    reference = ease + luck * rng.normal(size=(seeds, examples)) > 0
    variant = ease + gains + luck * rng.normal(size=(seeds, examples)) > 0
    spread = math.sqrt(1 + 0.1**2 + luck**2 + seed_sd**2 + example_sd**2)
    return variant, reference, 100 * float(stats.norm.cdf(gain / spread) - 0.5)
