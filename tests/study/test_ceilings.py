"""Ceilings in studies: they are scored where a study names them, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from auxjepa.benchmarks.score import Score
from auxjepa.rows import CONTROLS, RowStore
from auxjepa.study import worker
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.study.worker import control_rows, score_controls


def test_ceilings_are_scored_once_a_regime_and_not_again(
    content: dict[str, Any], root: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    content |= {
        "controls": ["chance", "supervised", "convolution"],
        "ceiling": {"steps": 2, "batch": 4, "clips": 32, "readings": 1},
    }
    study = StudyConfig.model_validate(content)
    for run in plan(study, root)[:1]:
        score_controls(study, run, tmp_path, os.getppid())
    rows = list(RowStore(tmp_path))
    assert [row.control for row in rows] == ["chance", "supervised", "convolution"]
    assert len({row.protocol_hash for row in rows}) == 3 and all(row.n_test == 24 for row in rows)
    assert all(RowStore(tmp_path).correct(row) is not None for row in rows[1:])

    def fail(*arguments: Any, **words: Any) -> Score:
        raise AssertionError("a finished benchmark was trained again")

    monkeypatch.setattr(worker, "score_ceiling", fail)
    score_controls(study, plan(study, root)[0], tmp_path, os.getppid())
    assert len(list(RowStore(tmp_path))) == 3


def test_a_study_that_names_no_ceiling_plans_none(tiny: StudyConfig) -> None:
    assert tiny.controls == CONTROLS and "ceiling" not in tiny.model_dump(mode="json")
    controls = {row.control for _, row in control_rows(tiny, plan(tiny)[0])}
    assert controls == {"raw_pixels", "majority", "chance"}


def test_other_training_of_ceilings_is_another_study(content: dict[str, Any]) -> None:
    named = {**content, "controls": [*CONTROLS, "supervised"]}
    first = StudyConfig.model_validate(named)
    longer = StudyConfig.model_validate({**named, "ceiling": {"steps": 5000}})
    ids = [{row.id for _, row in control_rows(one, plan(one)[0])} for one in (first, longer)]
    assert len(ids[0] - ids[1]) == 1 and first.digest() != longer.digest()
