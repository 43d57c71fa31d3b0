"""Units and directions of benchmarks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from adversary import edit_json, rewrite
from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.decisions import registration
from auxjepa.evidence.study_folder import units
from auxjepa.evidence.study_folder.folder import load
from written_study import register


def test_decimals_follow_the_size_of_scores() -> None:
    assert units.decimals("%", [45.21]) == units.decimals("", [45.21]) == units.decimals("m", []) == 1
    assert [units.decimals("m", [v]) for v in (0.41, -0.0391, 4.2, 1e-9, 4_000.0)] == [3, 4, 2, 6, 1]
    assert units.decimals("%", [0.5, 0.2]) == 3


def test_units_of_records() -> None:
    assert (
        units.unit_of({}) == "%" and units.unit_of({"unit": " m / s "}) == "m / s" and units.unit_of({"unit": ""}) == ""
    )
    assert units.unit_of({"unit": 3}) == "%"
    assert units.is_lower_better({"higher_is_better": False}) and not units.is_lower_better({"higher_is_better": 0})


def test_less_is_better_in_a_study(write_study: Callable[..., Path], tmp_path: Path) -> None:
    folder = write_study(tmp_path, seeds=1, steps=2)
    before = {row.id: row for row in load(folder).rows if row.benchmark == "world_order"}
    path = folder / "benchmarks.json"
    info = json.loads(path.read_text())
    info["world_order"] |= {"unit": "px", "higher_is_better": False}
    path.write_text(json.dumps(info))
    study = load(folder)
    after = [row for row in study.rows if row.benchmark == "world_order"]
    assert sorted(-row.score for row in after) == pytest.approx(sorted(row.score for row in before.values()))
    assert {row.metric for row in after} == {"-top1"} and len(study.remarks) == 1 and "world_order" in study.remarks[0]
    assert {row.metric for row in study.rows if row.benchmark != "world_order"} == {"top1"}


def with_errors(folder: Path, **record: object) -> None:
    """Make the order benchmark an error in a unit: the better a network, the lower its score. Random init is worst."""

    def error_of(row: dict) -> float:
        return 5000 / (1 + row["score"] / (3 if row["control"] == "random_init" else 1))

    rewrite(folder, lambda row: row | {"metric": "mse", "score": error_of(row)} if row["benchmark"] == ORDER else row)
    edit_json(folder / "benchmarks.json", lambda info: info | {ORDER: info[ORDER] | record})


ORDER = "world_order"


def test_an_error_is_lower_better_by_its_name_and_never_averaged_with_accuracies(
    write_study: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_study(tmp_path, seeds=2, steps=2)
    with_errors(folder, capability="motion")
    study = load(folder)
    rows = [row for row in study.rows if row.benchmark == ORDER]
    assert {row.metric for row in rows} == {"-mse"} and all(row.score <= 0 for row in rows)
    assert any("The name of the metric says so for world_order (mse)" in line for line in study.remarks)
    results = collect_results(study)
    pooled = {column.benchmark: column.capability for column in results.columns}
    assert pooled[ORDER] != pooled["world_direction"] and "motion" in pooled["world_direction"]
    assert [column.title for column in results.columns if column.is_share] == [
        column.title for column in results.columns if column.benchmark != ORDER
    ]
    with_errors(folder, higher_is_better=True, unit="%")
    assert {row.metric for row in load(folder).rows if row.benchmark == ORDER} == {"mse"}


def test_a_hypothesis_on_an_error_is_decided_and_above_means_better(
    write_study: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_study(tmp_path, seeds=8, steps=2)
    with_errors(folder)
    register(folder)
    measure = lambda record: record | {"metric": "mse"}  # noqa: E731

    def file_metric(content: dict) -> dict:
        world = content["measures"]["world"]
        content["measures"]["world"] = world | {ORDER: measure(world[ORDER])}
        content.pop("hash")
        return registration.to_json(registration.Registration.model_validate(content))

    edit_json(folder / "registration.json", file_metric)
    study = load(folder)
    assert study.registered is not None and not study.registered.deviations and not study.registered.void
    words = {outcome.hypothesis.id: outcome.verdict.word for outcome in study.outcomes}
    assert words["ld-order"] == "supported"  # its error is lower
    order = lambda row: row["variant"] == "ld" and row["benchmark"] == ORDER  # noqa: E731
    rewrite(folder, lambda row: row | {"score": 4 * row["score"]} if order(row) else row)
    words = {outcome.hypothesis.id: outcome.verdict.word for outcome in load(folder).outcomes}
    assert words["ld-order"] == "refuted"  # its error is higher


def test_marks_of_negated_scores_are_found(write_study: Callable[..., Path], tmp_path: Path) -> None:
    folder = write_study(tmp_path, seeds=1, steps=2)
    edit_json(folder / "benchmarks.json", lambda info: info | {ORDER: info[ORDER] | {"higher_is_better": False}})
    study = load(folder)
    row = next(row for row in study.rows if row.benchmark == ORDER and row.control is None)
    marks = study.correct(row)
    assert marks is not None and 100 * marks.mean() == pytest.approx(-row.score)
    assert units.as_measured(row).metric == "top1" and units.as_measured(row).score == -row.score
