"""Pooled effects: deterministic, less exaggerated, in the unit of each benchmark."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.evidence.statistics.pooling import pool_effects
from auxjepa.evidence.statistics.pooling_records import ClipNoise
from auxjepa.evidence.statistics.records import ComparisonError

Cells = dict[tuple[str, str], dict[int, float]]


def cells(effects: dict[tuple[str, str], float], seeds: int = 5, sd: float = 1.0, seed: int = 0) -> Cells:
    rng = np.random.default_rng(seed)
    return {cell: dict(enumerate((mean + sd * rng.standard_normal(seeds)).tolist())) for cell, mean in effects.items()}


NULL = {(f"v{v}", f"b{b}"): 0.0 for v in range(4) for b in range(2)}


def test_the_same_study_gives_the_same_numbers() -> None:
    first, second = (pool_effects(cells(NULL)) for _ in range(2))
    assert first.effect_by_cell == second.effect_by_cell
    other = pool_effects(cells(NULL), seed=1)
    for cell, effect in first.effect_by_cell.items():
        assert effect.mean == pytest.approx(other.effect_by_cell[cell].mean, abs=0.06)
    assert first.largest_r_hat < 1.15


def test_a_lucky_effect_shrinks_and_a_large_one_stays() -> None:
    lucky = cells(NULL)
    lucky["v0", "b0"] = {s: x + 0.9 for s, x in lucky["v0", "b0"].items()}
    effect = pool_effects(lucky).effect_by_cell["v0", "b0"]
    assert effect.raw > 0.5 and effect.share is not None and effect.share < 0.8
    enormous = pool_effects(cells({**NULL, ("v0", "b0"): 300.0}))
    assert enormous.effect_by_cell["v0", "b0"].interval[0] > 290 and enormous.largest_r_hat < 1.3
    large = cells({**NULL, ("v0", "b0"): 15.0})
    effect = pool_effects(large).effect_by_cell["v0", "b0"]
    assert effect.share == pytest.approx(1, abs=0.05) and effect.above_zero == 1
    low, high = effect.interval
    assert low < effect.mean < high
    turned = effect.negated()
    assert (turned.mean, turned.interval, turned.share) == (-effect.mean, (-high, -low), effect.share)


def test_units_do_not_matter() -> None:
    points = cells({**NULL, ("v1", "b1"): 2.0})
    metres = {(v, b): {s: x / 1000 if b == "b1" else x for s, x in d.items()} for (v, b), d in points.items()}
    first, second = (pool_effects(d).effect_by_cell["v1", "b1"] for d in (points, metres))
    assert second.mean == pytest.approx(first.mean / 1000) and second.share == pytest.approx(first.share)


def test_noise_of_clips_widens_intervals() -> None:
    study = cells({**NULL, ("v0", "b0"): 3.0})
    noise = {"b0": ClipNoise({f"v{v}": 1.0 for v in range(4)}, shared=0.5)}
    width = [np.ptp(pool_effects(study, n).effect_by_cell["v0", "b0"].interval) for n in ({}, noise)]
    assert width[1] > 1.3 * width[0]


def test_a_contrast_of_two_variants_has_less_noise_than_their_difference_by_parts() -> None:
    rng = np.random.default_rng(0)
    reference = rng.standard_normal(8)  # both differences contain it, and their contrast does not
    study = {
        (v, "b"): dict(enumerate((mean + 0.3 * rng.standard_normal(8) - reference).tolist()))
        for v, mean in (("a", 4.0), ("b", 2.0), ("c", 0.0))
    }
    pooling = pool_effects(study)
    contrast = pooling.contrast("a", "b", "b")
    assert contrast.raw == pytest.approx(np.mean([study["a", "b"][s] - study["b", "b"][s] for s in range(8)]))
    assert 1.5 < contrast.mean < 2.3
    assert np.ptp(contrast.interval) < 0.8 * np.ptp(pooling.effect_by_cell["a", "b"].interval)
    with pytest.raises(KeyError):
        pooling.contrast("a", "none", "b")
    study["a", "b"], study["b", "b"] = {0: 1.0, 1: 2.0}, {2: 1.0, 3: 3.0}
    with pytest.raises(ComparisonError, match="no seed in common"):
        pool_effects(study).contrast("a", "b", "b")


def test_missing_cells_and_benchmarks_without_noise() -> None:
    study = cells(NULL)
    del study["v3", "b1"]
    study["v0", "b2"] = {0: 1.0}
    pooling = pool_effects(study)
    assert ("v3", "b1") not in pooling.effect_by_cell and len(pooling.effect_by_cell) == 7
    assert len(pooling.omitted) == 1 and pooling.omitted[0].startswith("b2: ")
    for empty in ({}, {("v", "b"): {0: 1.0}}, {("v", "b"): {0: 1.0, 1: 1.0}}):
        with pytest.raises(ComparisonError, match="at least 2 seeds"):
            pool_effects(empty)
