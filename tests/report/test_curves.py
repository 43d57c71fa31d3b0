"""Figures of training."""

from __future__ import annotations

from pathlib import Path

from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.analyses.training import step_time_shares, training_curves
from auxjepa.evidence.study_folder.artifacts import Run
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import curves
from auxjepa.report.series import series_index


def run(variant: str, values: list[float], seed: int = 0, **summary) -> Run:
    steps = [float(i + 1) for i in range(len(values))]
    return Run(f"{variant}{seed}", variant, seed, summary, {"loss": (steps, values)} if values else {})


def losses(runs: list[Run]) -> list[str]:
    return [str(svg) for svg in curves.losses(training_curves(runs, ["a"]), {"a": 0})]


def test_panels_of_a_study(study: Path) -> None:
    loaded = load(study)
    colours = series_index(collect_results(loaded))
    bands = training_curves(loaded.runs, list(colours))
    panels = [str(svg) for svg in curves.losses(bands, colours)]
    assert [t.split("</title>")[0].split(">")[-1] for t in panels] == [
        *("Total loss", "Term: latent_dynamics", "Term: prediction", "Gradient norm")
    ]
    assert [svg.count("<polyline") for svg in panels] == [5, 3, 4, 5]  # ld_only predicts nothing; two have no dynamics
    assert len(curves.collapse(bands, colours)) == 4


def test_a_panel_shows_the_median_and_the_band() -> None:
    (svg,) = losses([run("a", [v] * 300, seed) for seed, v in enumerate((1.0, 2.0, 6.0))])
    assert "a 2 to 2" in svg and svg.count("<polygon") == 1


def test_seeds_of_different_length_and_a_single_step() -> None:
    (svg,) = losses([run("a", [1.0]), run("a", [1.0] * 50, 1)])
    assert "<polyline" in svg
    assert losses([run("a", [])]) == []


def test_shares_are_normalised_and_without_shares_there_is_no_figure(study: Path) -> None:
    svg = str(curves.shares(step_time_shares(load(study).runs, ["baseline", "ld"])))
    assert "baseline: data 5 %, masks 2 %, teacher 11 %, student 25 %" in svg and "other" not in svg
    assert curves.shares({}) is None
    unnamed = run("a", [1.0], shares={"data": 0.5, "waiting": 0.25, "moving": 0.25, "broken": "x"})
    assert "a: data 50 %, other 50 %" in str(curves.shares(step_time_shares([unnamed], ["a"])))
