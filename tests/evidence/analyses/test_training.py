"""Curves, step time, costs and health of runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.evidence.analyses.training import (
    STEP_PARTS,
    curve_bands,
    mean_of,
    step_time_shares,
    study_costs,
    unhealthy_runs,
)
from auxjepa.evidence.study_folder.artifacts import Run
from auxjepa.evidence.study_folder.folder import load


def run(variant: str, values: list[float], seed: int = 0, **summary) -> Run:
    steps = [float(i + 1) for i in range(len(values))]
    return Run(f"{variant}{seed}", variant, seed, summary, {"loss": (steps, values)} if values else {})


def test_a_band_is_the_median_over_seeds_between_the_extremes() -> None:
    runs = [run("a", [v] * 300, seed) for seed, v in enumerate((1.0, 2.0, 6.0))]
    band = curve_bands(runs, "loss", ["a", "b"])["a"]
    assert set(band.low) == {1.0} and set(band.median) == {2.0} and set(band.high) == {6.0}
    assert len(band.steps) == 100 and band.steps[0] == 1.5


def test_seeds_of_different_length_share_their_stretches() -> None:
    band = curve_bands([run("a", [1.0]), run("a", [1.0] * 50, 1)], "loss", ["a"])["a"]
    assert band.steps == (25.0,) and band.median == (1.0,)
    assert curve_bands([run("a", [])], "loss", ["a"]) == {}


def test_shares_of_step_time_sum_to_100(study: Path) -> None:
    shares = step_time_shares(load(study).runs, ["baseline", "ld"])
    assert all(sum(parts) == pytest.approx(100) for parts in shares.values()) and list(shares) == ["baseline", "ld"]
    assert step_time_shares([run("a", [1.0])], ["a"]) == {}
    unnamed = run("a", [1.0], shares={"data": 0.5, "waiting": 0.25, "moving": 0.25, "broken": "x"})
    parts = dict(zip(STEP_PARTS, step_time_shares([unnamed], ["a"])["a"], strict=True))
    assert (parts["data"], parts["other"]) == (50, 50)


def test_costs_are_means_over_runs(study: Path) -> None:
    costs = {cost.variant: cost for cost in study_costs(load(study))}
    assert list(costs) == ["baseline", "ld", "ld_only", "fwm", "fwm_hw_ld"]
    assert costs["baseline"].relative == 1.0 and costs["baseline"].peak_memory_mb == 612
    assert costs["fwm_hw_ld"].relative is not None and costs["fwm_hw_ld"].relative > 1.2
    assert costs["ld"].probe_seconds == pytest.approx(3.2) and costs["ld"].verdicts == {"healthy": 3}


def test_the_mean_ignores_runs_without_the_number() -> None:
    runs = [run("a", [1.0], 0, seconds=1.0), run("a", [1.0], 1, seconds=4), run("a", [1.0], 2)]
    assert mean_of(runs, "a", lambda r: r.number("seconds")) == pytest.approx(2.5)
    assert mean_of(runs, "b", lambda r: r.number("seconds")) is None


def test_unhealthy_runs_are_grouped_by_variant_and_verdict() -> None:
    runs = [run("a", [1.0], seed, verdict=how) for seed in (0, 1) for how in ("healthy", "shrinking", "collapsed")]
    groups = unhealthy_runs(runs)
    assert [(g.variant, g.verdict, g.seeds, g.of) for g in groups] == [
        ("a", "shrinking", (0, 1), 6),
        ("a", "collapsed", (0, 1), 6),
    ]
    assert unhealthy_runs([]) == []
