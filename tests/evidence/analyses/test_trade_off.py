"""Trade-offs between two capabilities."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.analyses.trade_off import explain_trade_offs, trade_off
from auxjepa.evidence.statistics.intervals import t_interval
from auxjepa.evidence.study_folder.folder import load
from written_study import BENCHMARKS


def test_points_are_means_over_seeds_and_the_front_has_no_control(study: Path) -> None:
    results = collect_results(load(study))
    figure = trade_off(results, "appearance", "order")
    assert figure is not None and len(figure.points) == 9
    ld = next(p for p in figure.points if p.line.name == "ld")
    scores = list(results.lines[1].cells[3].scores.values())
    assert ld.up.value == pytest.approx(np.mean(scores)) and ld.up.interval == pytest.approx(t_interval(scores))
    assert ld.up_ends == ld.up.interval and len(ld.seeds) == 3 and ld.up_values == tuple(scores)
    chance = next(p for p in figure.points if p.line.name == "chance")
    assert chance.up_ends == (12.5, 12.5) and chance.seeds == ()
    assert figure.front == ("ld_only",)


def test_a_trade_off_needs_two_capabilities_with_scores(study: Path) -> None:
    results = collect_results(load(study))
    assert trade_off(results, "appearance", "appearance") is None
    assert trade_off(results, "appearance", "smell") is None


def with_benchmarks(write_study, folder: Path, changes: dict[str, dict[str, object]]) -> Results:
    """Return the results of a study whose benchmarks have other fields."""
    write_study(folder, seeds=2, steps=2)
    path = folder / "benchmarks.json"
    content = json.loads(path.read_text())
    for name, fields in changes.items():
        content[name] |= fields
    path.write_text(json.dumps(content))
    return collect_results(load(folder))


def test_one_capability_has_no_trade_off(write_study, tmp_path: Path) -> None:
    results = with_benchmarks(write_study, tmp_path, {key: {"capability": "order"} for key in BENCHMARKS})
    assert results.axes == [] and results.capabilities == ["order"]
    assert explain_trade_offs(results) == (
        "All benchmarks of this study measure order, so there is no trade-off between capabilities."
    )


def test_benchmarks_without_a_named_capability_are_not_averaged(write_study, tmp_path: Path) -> None:
    results = with_benchmarks(write_study, tmp_path, {key: {"capability": "other"} for key in BENCHMARKS})
    assert results.capabilities == ["Appearance", "Direction", "Fine motion", "Temporal order"]
    assert [up for _, up in results.axes] == ["Direction", "Fine motion", "Temporal order"]
    assert explain_trade_offs(results) == ""
    assert {e.benchmark for e in results.pooled.values()} == set(results.capabilities)


def test_scores_with_other_units_are_never_averaged(write_study, tmp_path: Path) -> None:
    changes = {"world_direction": {"unit": "px"}, "world_fine_motion": {"unit": "px", "higher_is_better": False}}
    results = with_benchmarks(write_study, tmp_path / "a", changes)
    assert results.capabilities == ["appearance", "motion in px", "motion in −px", "order"]
    figure = trade_off(results, "appearance", "motion in px")
    assert figure is not None and (figure.across_unit, figure.up_unit) == ("%", "px")
    unknown = {key: {"unit": ""} for key in ("world_direction", "world_fine_motion")}
    results = with_benchmarks(write_study, tmp_path / "b", unknown)
    assert results.capabilities == ["appearance", "motion, Direction", "motion, Fine motion", "order"]
    assert [column.unit for column in results.columns] == ["%", "", "", "%"]


def test_the_number_of_figures_is_limited(monkeypatch: pytest.MonkeyPatch, write_study, tmp_path: Path) -> None:
    monkeypatch.setattr("auxjepa.evidence.analyses.results.MOST_TRADE_OFFS", 2)
    results = with_benchmarks(write_study, tmp_path, {key: {"capability": ""} for key in BENCHMARKS})
    assert len(results.axes) == 2 and "Temporal order" in explain_trade_offs(results)


def test_an_empty_study_has_a_reason(tmp_path: Path) -> None:
    assert explain_trade_offs(collect_results(load(tmp_path))) == "There is no score yet."
