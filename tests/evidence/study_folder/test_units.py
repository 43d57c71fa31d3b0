"""Units and directions of benchmarks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.evidence.study_folder import units
from auxjepa.evidence.study_folder.folder import load


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
