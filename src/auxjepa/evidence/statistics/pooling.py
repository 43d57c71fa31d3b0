"""Partial pooling: effects of all variants and benchmarks estimated together, so that chance exaggerates them less.

An effect that passes a test is on average larger in the study than it is in truth, because chance helped it to pass.
Partial pooling draws each mean difference toward what the other variants and benchmarks show, more where a mean is
noisy. The model and its priors are in :mod:`auxjepa.evidence.statistics.pooling_sampler`. Pooled effects are estimates;
they decide nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from auxjepa.evidence.statistics.pooling_records import ClipNoise, PooledEffect
from auxjepa.evidence.statistics.pooling_sampler import Draws, sample
from auxjepa.evidence.statistics.records import ComparisonError
from auxjepa.evidence.statistics.rounding import standard_deviation

CHAINS, WARM_UP, DRAWS = 40, 120, 200
"""Number of chains, of their first draws that are thrown away, and of the draws that are used."""
FEWEST_CHAINS, CELLS = 12, 100
"""Number of chains in large studies, and number of cells (variants times benchmarks) from which chains are reduced."""
CONFIDENCE = 0.95

Cell = tuple[str, str]
"""Variant and benchmark."""


@dataclass(frozen=True)
class Pooling:
    """Pooled effects of all cells of a study.

    Args:
        effect_by_cell: pooled effect by variant and benchmark.
        largest_r_hat: largest potential scale reduction of the chains.
        omitted: benchmarks that are left out, with the reason, one line each.
    """

    effect_by_cell: dict[Cell, PooledEffect]
    largest_r_hat: float
    omitted: tuple[str, ...]
    _cells: tuple[tuple[str, ...], tuple[str, ...]]
    _draws: Float[np.ndarray, "N V B"]
    _differences: Mapping[Cell, Mapping[int, float]]

    def contrast(self, variant: str, other: str, benchmark: str) -> PooledEffect:
        """Return the pooled difference of two variants on a benchmark.

        Args:
            variant: a variant.
            other: the variant that it is compared with.
            benchmark: the benchmark.

        Raises:
            KeyError: when one of the two has no pooled effect there.
            ComparisonError: when the two have no seed in common.
        """
        variants, benchmarks = self._cells
        if (variant, benchmark) not in self.effect_by_cell or (other, benchmark) not in self.effect_by_cell:
            raise KeyError((variant, other, benchmark))
        b = benchmarks.index(benchmark)
        draws = self._draws[:, variants.index(variant), b] - self._draws[:, variants.index(other), b]
        first, second = self._differences[variant, benchmark], self._differences[other, benchmark]
        seeds = sorted(first.keys() & second.keys())
        if not seeds:
            raise ComparisonError(f"{variant} and {other} have no seed in common on {benchmark}")
        return _describe([first[seed] - second[seed] for seed in seeds], draws)


def pool_effects(
    differences: Mapping[Cell, Mapping[int, float]],
    clip_noise: Mapping[str, ClipNoise] | None = None,
    *,
    seed: int = 0,
) -> Pooling:
    """Return the pooled effects of a study. The same differences and the same seed give the same numbers.

    Differences of each benchmark are divided by the benchmark's noise of seeds first, so benchmarks with different
    units can be pooled.

    Args:
        differences: variant minus reference by seed, for each variant and benchmark.
        clip_noise: variances from the choice of test clips by benchmark; a benchmark without them has none.
        seed: seed of the sampler.

    Raises:
        ComparisonError: when no benchmark has a variant with at least 2 seeds and differences that vary.
    """
    clip_noise = clip_noise or {}
    omitted, scale_by_benchmark = [], dict[str, float]()
    for benchmark in dict.fromkeys(benchmark for _, benchmark in differences):
        scale = _noise_of_seeds([list(d.values()) for (_, b), d in differences.items() if b == benchmark])
        if scale > 0:
            scale_by_benchmark[benchmark] = scale
        else:
            omitted.append(f"{benchmark}: no variant has 2 seeds with different differences, so nothing is pooled")
    if not scale_by_benchmark:
        raise ComparisonError("partial pooling needs a benchmark with at least 2 seeds and differences that vary")
    cells = {cell: by_seed for cell, by_seed in differences.items() if cell[1] in scale_by_benchmark and by_seed}
    variants = tuple(dict.fromkeys(variant for variant, _ in cells))
    benchmarks = tuple(scale_by_benchmark)
    scales = np.array(list(scale_by_benchmark.values()))
    table, observed = _tables(cells, variants, benchmarks)
    own, shared = _clip_tables(clip_noise, variants, benchmarks)
    chains = int(np.clip(CHAINS * CELLS / (len(variants) * len(benchmarks)), FEWEST_CHAINS, CHAINS))
    draws = sample(
        np.broadcast_to(table / scales[:, None], (chains, *table.shape)),
        observed,
        own / scales**2,
        shared / scales**2,
        warm_up=WARM_UP,
        draws=DRAWS,
        rng=np.random.default_rng(seed),
    )
    effects = (draws.effects * scales).reshape(-1, len(variants), len(benchmarks))
    effect_by_cell = {
        (v, b): _describe(list(by_seed.values()), effects[:, variants.index(v), benchmarks.index(b)])
        for (v, b), by_seed in cells.items()
    }
    return Pooling(effect_by_cell, _r_hat(draws, observed), tuple(omitted), (variants, benchmarks), effects, cells)


def _noise_of_seeds(groups: Sequence[Sequence[float]]) -> float:
    """Return the root of the mean variance over seeds, 0 where no group has two seeds."""
    spreads = [standard_deviation(list(values)) for values in groups if len(values) > 1]
    return float(np.sqrt(np.mean(np.square(spreads)))) if spreads else 0.0


def _tables(
    cells: Mapping[Cell, Mapping[int, float]], variants: Sequence[str], benchmarks: Sequence[str]
) -> tuple[Float[np.ndarray, "V B S"], Bool[np.ndarray, "V B S"]]:
    seeds = sorted({seed for by_seed in cells.values() for seed in by_seed})
    table = np.full((len(variants), len(benchmarks), len(seeds)), np.nan)
    for (variant, benchmark), by_seed in cells.items():
        for seed, value in by_seed.items():
            table[variants.index(variant), benchmarks.index(benchmark), seeds.index(seed)] = value
    observed = np.isfinite(table)
    return np.where(observed, table, 0.0), observed


def _clip_tables(
    clip_noise: Mapping[str, ClipNoise], variants: Sequence[str], benchmarks: Sequence[str]
) -> tuple[Float[np.ndarray, "V B"], Float[np.ndarray, " B"]]:
    """Return the separate and the shared variances from clips; the shared one is at most the smallest total."""
    own, shared = np.zeros((len(variants), len(benchmarks))), np.zeros(len(benchmarks))
    for b, benchmark in enumerate(benchmarks):
        noise = clip_noise.get(benchmark)
        if noise is None or not noise.variance_by_variant:
            continue
        total = np.array([noise.variance_by_variant.get(variant, 0.0) for variant in variants])
        shared[b] = min(max(0.0, noise.shared), min(noise.variance_by_variant.values()))
        own[:, b] = np.maximum(0.0, total - shared[b])
    return own, shared


def _describe(raw: Sequence[float], draws: Float[np.ndarray, " N"]) -> PooledEffect:
    mean, n = float(np.mean(raw)), len(raw)
    error = standard_deviation(list(raw)) / np.sqrt(n) if n > 1 else 0.0
    low, high = np.quantile(draws, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    pooled = float(draws.mean())
    share = pooled / mean if n > 1 and abs(mean) > error else None
    return PooledEffect(mean, pooled, (float(low), float(high)), float(np.mean(draws > 0)), share)


def _r_hat(draws: Draws, observed: Bool[np.ndarray, "V B S"]) -> float:
    """Return the largest potential scale reduction over measured cells."""
    measured = observed.any(axis=2)
    return Draws(draws.effects[:, :, measured][..., None], draws.seed_variance[:, :, measured][..., None]).largest_r_hat
