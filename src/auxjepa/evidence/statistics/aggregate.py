"""Aggregates of several benchmarks: interquartile mean, optimality gap, performance profile, improvement.

Scores are normalised per benchmark first: chance is 0 and the ceiling is 1. Benchmarks are fixed and runs are not, so
intervals are for other seeds. With fewer than 5 seeds there is no interval, because a bootstrap of so few seeds is far
too narrow.

rliable draws the runs of each task independently, because there each task has separate runs. Here one pretrained
encoder is scored on every benchmark, and a seed pairs variant and reference. So a resample draws seeds, and all
benchmarks and both sides of a seed stay together. Independent draws would make the intervals too narrow.

Source:
    Agarwal et al. (2021), "Deep Reinforcement Learning at the Edge of the Statistical Precipice".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import stats

from auxjepa.evidence.statistics.bootstrap import RESAMPLES, bootstrap_interval, expanded_percentile, seed_weights
from auxjepa.evidence.statistics.records import FEWEST_SEEDS, ComparisonError, Estimate

Scores = Mapping[str, Mapping[int, float]]
"""Benchmark: seed: score."""


@dataclass(frozen=True)
class NormalisedScores:
    """Scores of one variant with chance at 0 and the ceiling at 1.

    Args:
        seeds: seeds that have a score on every benchmark.
        benchmarks: names of the benchmarks.
        values: normalised scores, seeds by benchmarks.
        dropped: seeds that lack a score on some benchmark.
    """

    seeds: tuple[int, ...]
    benchmarks: tuple[str, ...]
    values: Float[np.ndarray, "S K"]
    dropped: tuple[int, ...]


@dataclass(frozen=True)
class Profile:
    """Performance profile: the share of runs (one a seed and benchmark) that score above each threshold.

    Args:
        taus: thresholds, in normalised scores.
        share: share of runs above each threshold.
        low: lower end of the pointwise band; None with fewer than 5 seeds.
        high: upper end of the pointwise band; None with fewer than 5 seeds.
    """

    taus: tuple[float, ...]
    share: tuple[float, ...]
    low: tuple[float, ...] | None
    high: tuple[float, ...] | None


def normalise(
    scores: Scores, chance: Mapping[str, float], ceiling: Mapping[str, float] | float = 100.0
) -> NormalisedScores:
    """Return ``(score - chance) / (ceiling - chance)`` per benchmark; a score below chance stays below 0.

    Args:
        scores: benchmark: seed: score.
        chance: chance level of each benchmark.
        ceiling: highest score of each benchmark, or of all benchmarks.

    Raises:
        ComparisonError: without a benchmark, without a chance level, with a ceiling that is not above chance, or when
            no seed has every benchmark.
    """
    if not scores:
        raise ComparisonError("there is no benchmark to aggregate")
    names = tuple(sorted(scores))
    seeds = sorted(set.intersection(*(set(scores[name]) for name in names)))
    if not seeds:
        raise ComparisonError(f"no seed has a score on each of {', '.join(names)}")
    columns = []
    for name in names:
        top = ceiling.get(name) if isinstance(ceiling, Mapping) else ceiling
        if name not in chance or top is None or top <= chance[name]:
            raise ComparisonError(f"{name}: normalising needs a chance level and a ceiling above it")
        columns.append([(scores[name][seed] - chance[name]) / (top - chance[name]) for seed in seeds])
    all_seeds = set.union(*(set(scores[name]) for name in names))
    return NormalisedScores(tuple(seeds), names, np.array(columns).T, tuple(sorted(all_seeds - set(seeds))))


def iqm(scores: NormalisedScores, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Return the interquartile mean: the mean of all runs without the lowest and the highest quarter (rounded down).

    Args:
        scores: normalised scores.
        confidence: confidence of the interval.
        seed: seed of the resamples.
    """
    return _iqm(scores.values, confidence, seed)


def paired_iqm(
    variant: NormalisedScores, reference: NormalisedScores, confidence: float = 0.95, seed: int = 0
) -> Estimate:
    """Return the interquartile mean of the differences within a seed and benchmark, in normalised units.

    Args:
        variant: normalised scores of the variant.
        reference: normalised scores of the reference.
        confidence: confidence of the interval.
        seed: seed of the resamples.

    Raises:
        ComparisonError: when the benchmarks differ or no seed is on both sides.
    """
    first, second = _paired(variant, reference)
    return _iqm(first - second, confidence, seed)


def optimality_gap(scores: NormalisedScores, target: float = 1.0, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Return the mean distance of runs below ``target``; a run above the target counts as 0.

    Args:
        scores: normalised scores.
        target: normalised score that counts as solved.
        confidence: confidence of the interval.
        seed: seed of the resamples.
    """
    gap = np.maximum(target - scores.values, 0).mean(axis=1)
    return _estimate(float(gap.mean()), seed_weights(len(gap), seed=seed) @ gap, len(gap), confidence)


def profile(scores: NormalisedScores, taus: Sequence[float], confidence: float = 0.95, seed: int = 0) -> Profile:
    """Return the performance profile at normalised scores ``taus``.

    Args:
        scores: normalised scores.
        taus: thresholds.
        confidence: confidence of the pointwise band.
        seed: seed of the resamples.

    Source:
        Dolan and Moré (2002); rliable calls it score distribution.
    """
    above = (scores.values[:, :, None] > np.asarray(taus, float)).mean(axis=1)
    n = len(above)
    share = tuple(above.mean(axis=0).tolist())
    if n < FEWEST_SEEDS:
        return Profile(tuple(taus), share, None, None)
    low, high = expanded_percentile(seed_weights(n, seed=seed) @ above, n, confidence)
    return Profile(tuple(taus), share, tuple(low.tolist()), tuple(high.tolist()))


def improvement(
    variant: NormalisedScores, reference: NormalisedScores, confidence: float = 0.95, seed: int = 0
) -> Estimate:
    """Return the probability that a run of ``variant`` beats a run of ``reference``, averaged over benchmarks.

    This is the Mann-Whitney statistic as a share; a tie counts half.

    Args:
        variant: normalised scores of the variant.
        reference: normalised scores of the reference.
        confidence: confidence of the interval.
        seed: seed of the resamples.

    Raises:
        ComparisonError: when the benchmarks differ or no seed is on both sides.
    """
    first, second = _paired(variant, reference)
    a, b = first[:, None], second[None]
    beats = ((a > b) + (a == b) / 2).mean(axis=2)  # S S: seed of the variant by seed of the reference
    weights = seed_weights(len(first), seed=seed)
    resampled = np.einsum("rs,st,rt->r", weights, beats, weights)
    return _estimate(float(beats.mean()), resampled, len(first), confidence)


def _iqm(values: Float[np.ndarray, "S K"], confidence: float, seed: int) -> Estimate:
    n = len(values)
    drawn = values[np.random.default_rng(seed).integers(0, n, (RESAMPLES, n))].reshape(RESAMPLES, -1)
    value = float(stats.trim_mean(values.ravel(), 0.25))
    return _estimate(value, stats.trim_mean(drawn, 0.25, axis=1), n, confidence)


def _estimate(value: float, resampled: Float[np.ndarray, " R"], n: int, confidence: float) -> Estimate:
    return Estimate(value, bootstrap_interval(resampled, n, confidence))


def _paired(
    variant: NormalisedScores, reference: NormalisedScores
) -> tuple[Float[np.ndarray, "S K"], Float[np.ndarray, "S K"]]:
    if variant.benchmarks != reference.benchmarks:
        unshared = sorted(set(variant.benchmarks) ^ set(reference.benchmarks))
        raise ComparisonError(f"the two sides have different benchmarks: only one side has {', '.join(unshared)}")
    seeds = sorted(set(variant.seeds) & set(reference.seeds))
    if not seeds:
        raise ComparisonError("no seed has every benchmark on both sides")
    return _rows(variant, seeds), _rows(reference, seeds)


def _rows(scores: NormalisedScores, seeds: Sequence[int]) -> Float[np.ndarray, "S K"]:
    return scores.values[[scores.seeds.index(seed) for seed in seeds]]
