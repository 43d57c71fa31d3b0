"""Simulated studies with planted effects: how often the package's intervals and tests are right.

Everything is in standard deviations of a per-seed difference unless it says points. The functions under test are the
package's own; only the sign-flip test has a twin here that does many studies at once (tested to be equal).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float
from scipy import stats

from auxjepa.evidence.equivalence import equivalence
from auxjepa.evidence.significance import holm

Kind = Literal["normal", "heavy tails", "skewed"]
KINDS: tuple[Kind, ...] = ("normal", "heavy tails", "skewed")
BLOCK = 1000  # studies whose sums are held in memory at a time
Interval = Callable[[list[float]], tuple[float, float]]


def noise(kind: Kind, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Numbers of mean 0 and standard deviation 1: normal, t with 3 degrees of freedom, exponential."""
    if kind == "normal":
        return rng.normal(size=shape)
    if kind == "heavy tails":
        return rng.standard_t(3, shape) / math.sqrt(3)
    return rng.exponential(size=shape) - 1


def coverage(interval: Interval, differences: Float[np.ndarray, "R n"], truth: float = 0.0) -> float:
    """Share of studies (one a row) whose interval holds the truth."""
    return holds((interval(row) for row in differences.tolist()), [truth] * len(differences))


def holds(intervals: Iterable[tuple[float, float]], truths: Iterable[float]) -> float:
    """Share of intervals that hold their truth."""
    return float(np.mean([low <= truth <= high for (low, high), truth in zip(intervals, truths, strict=True)]))


def sign_flip_ps(differences: Float[np.ndarray, "R n"]) -> Float[np.ndarray, " R"]:
    """Exact two-sided sign-flip p of each row, for up to some 30 seeds.

    The signed sums of one half of the seeds are sorted, so that those of the other half need only be looked up: in
    the order of ``2**(n / 2)`` operations instead of ``2**n`` (Horowitz and Sahni 1974).
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
    """Differences of ``variants`` on ``benchmarks`` from one reference that all share: ``m = variants * benchmarks``.

    Every run is a draw of ``kind`` of the same mean; its scores on different benchmarks correlate. Differences from one
    reference then correlate by a half, and are symmetric whatever the runs' distribution is.
    """
    run = noise(kind, (studies, variants + 1, 1, seeds), rng)
    score = noise(kind, (studies, variants + 1, benchmarks, seeds), rng)
    scores = math.sqrt(correlation) * run + math.sqrt(1 - correlation) * score
    differences = (scores[:, 1:] - scores[:, :1]) / math.sqrt(2)
    return differences.reshape(studies, variants * benchmarks, seeds)


def family_rejections(differences: Float[np.ndarray, "R m n"], alpha: float = 0.05) -> Bool[np.ndarray, "R m"]:
    """Which comparisons of each study are significant in a sign-flip test with Holm over all of the study."""
    studies, m, seeds = differences.shape
    p = sign_flip_ps(differences.reshape(-1, seeds)).reshape(studies, m)
    return np.array([holm(row) for row in p.tolist()]) <= alpha


def equivalence_rate(differences: Float[np.ndarray, "R n"], margin: float, alpha: float = 0.05) -> float:
    """Share of studies that find equivalence."""
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
    """Correctness of a variant and a reference on the same examples, and the true difference in points.

    An answer is right where ease exceeds 0: the example's, plus the seed's, plus the run's own luck on it. The variant
    gains ``gain`` everywhere on average, with standard deviation ``seed_sd`` over seeds and ``example_sd`` over
    examples; the truth is the mean over all seeds and examples there could be.
    """
    luck = 0.5
    ease = rng.normal(size=examples) + 0.1 * rng.normal(size=(seeds, 1))
    gains = gain + seed_sd * rng.normal(size=(seeds, 1)) + example_sd * rng.normal(size=examples)
    reference = ease + luck * rng.normal(size=(seeds, examples)) > 0
    variant = ease + gains + luck * rng.normal(size=(seeds, examples)) > 0
    spread = math.sqrt(1 + 0.1**2 + luck**2 + seed_sd**2 + example_sd**2)
    return variant, reference, 100 * float(stats.norm.cdf(gain / spread) - 0.5)
