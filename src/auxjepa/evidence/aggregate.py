"""One number for several benchmarks, after rliable: interquartile mean, optimality gap, profile, improvement.

Agarwal et al. (2021), "Deep Reinforcement Learning at the Edge of the Statistical Precipice". Scores are normalised
per benchmark first (chance is 0, the ceiling 1). Benchmarks are fixed, runs are not: intervals are for other seeds.

rliable draws the runs of each task independently, because there each task has runs of its own. Here one pretrained
encoder is scored on every benchmark and a seed pairs variant and reference, so a resample draws whole seeds: all
benchmarks of a seed, and both sides, together. Independent draws would make the intervals too narrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import stats

from auxjepa.evidence.bootstrap import RESAMPLES, expanded_percentile, seed_weights
from auxjepa.evidence.effects import ComparisonError

Scores = Mapping[str, Mapping[int, float]]  # benchmark: seed: score


@dataclass(frozen=True)
class Normalised:
    """Scores of one variant with chance at 0 and the ceiling at 1, over the seeds that have every benchmark."""

    seeds: tuple[int, ...]
    benchmarks: tuple[str, ...]
    values: Float[np.ndarray, "S K"]
    dropped: tuple[int, ...]  # seeds without a score on some benchmark


@dataclass(frozen=True)
class Estimate:
    """A value and its interval over seeds (expanded percentile bootstrap), which one seed doesn't give."""

    value: float
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Profile:
    """Share of runs (seed and benchmark) that score above each ``tau``, and its band, pointwise."""

    taus: tuple[float, ...]
    share: tuple[float, ...]
    low: tuple[float, ...] | None
    high: tuple[float, ...] | None


def normalise(scores: Scores, chance: Mapping[str, float], ceiling: Mapping[str, float] | float = 100.0) -> Normalised:
    """``(score - chance) / (ceiling - chance)`` per benchmark; below chance is below 0, and stays so.

    Raises:
        ComparisonError: without a benchmark, a chance or a ceiling above it, or when no seed has every benchmark.
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
    every = set.union(*(set(scores[name]) for name in names))
    return Normalised(tuple(seeds), names, np.array(columns).T, tuple(sorted(every - set(seeds))))


def iqm(scores: Normalised, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Interquartile mean: the mean over all runs without the lowest and the highest quarter (rounded down)."""
    return _iqm(scores.values, confidence, seed)


def paired_iqm(variant: Normalised, reference: Normalised, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Interquartile mean of the differences within a seed and benchmark, in normalised units.

    Raises:
        ComparisonError: when the benchmarks differ or no seed is on both sides.
    """
    first, second = _paired(variant, reference)
    return _iqm(first - second, confidence, seed)


def optimality_gap(scores: Normalised, target: float = 1.0, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """How far runs fall short of ``target`` on average; a run beyond it makes up for none of the others."""
    short = np.maximum(target - scores.values, 0).mean(axis=1)
    return _estimate(float(short.mean()), seed_weights(len(short), seed=seed) @ short, len(short), confidence)


def profile(scores: Normalised, taus: Sequence[float], confidence: float = 0.95, seed: int = 0) -> Profile:
    """Performance profile (Dolan and Moré 2002, as rliable's score distribution) at the given normalised scores."""
    above = (scores.values[:, :, None] > np.asarray(taus, float)).mean(axis=1)
    n = len(above)
    share = tuple(above.mean(axis=0).tolist())
    if n < 2:
        return Profile(tuple(taus), share, None, None)
    low, high = expanded_percentile(seed_weights(n, seed=seed) @ above, n, confidence)
    return Profile(tuple(taus), share, tuple(low.tolist()), tuple(high.tolist()))


def improvement(variant: Normalised, reference: Normalised, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Chance that a run of ``variant`` beats one of ``reference`` (Mann-Whitney, ties half), averaged over benchmarks.

    Raises:
        ComparisonError: as :func:`paired_iqm`.
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
    if n < 2:
        return Estimate(value, None)
    low, high = expanded_percentile(resampled, n, confidence)
    return Estimate(value, (float(low), float(high)))


def _paired(variant: Normalised, reference: Normalised) -> tuple[Float[np.ndarray, "S K"], Float[np.ndarray, "S K"]]:
    if variant.benchmarks != reference.benchmarks:
        other = sorted(set(variant.benchmarks) ^ set(reference.benchmarks))
        raise ComparisonError(f"the two sides have other benchmarks: {', '.join(other)} on one only")
    seeds = sorted(set(variant.seeds) & set(reference.seeds))
    if not seeds:
        raise ComparisonError("no seed has every benchmark on both sides")
    return _rows(variant, seeds), _rows(reference, seeds)


def _rows(scores: Normalised, seeds: Sequence[int]) -> Float[np.ndarray, "S K"]:
    return scores.values[[scores.seeds.index(seed) for seed in seeds]]
