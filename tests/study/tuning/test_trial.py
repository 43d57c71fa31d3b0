"""One trial: scores on validation clips, stored in the folder of its run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from auxjepa import benchmarks
from auxjepa.config import ConfigError
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.study.tuning import trial
from auxjepa.study.tuning.scope import search_benchmarks
from auxjepa.train.terms import TrainingError


def test_a_score_is_normalised_by_chance() -> None:
    direction = benchmarks.get("world_direction")
    assert trial.normalise(12.5, direction) == 0 and trial.normalise(100.0, direction) == 1
    order = benchmarks.get("world_order")
    scores = {"world_direction": 100.0, "world_order": 12.5}
    assert trial.objective_of(scores, [direction, order], "mean") == 0.5
    assert trial.objective_of(scores, [direction, order], "world_order") == 0
    assert trial.objective_of({"world_order": 1.0}, [direction, order], "mean") is None


def test_an_error_cannot_be_an_objective() -> None:
    direction = benchmarks.get("world_direction").model_copy(update={"metric": "mse"})
    with pytest.raises(ConfigError, match="is an error: less is better"):
        trial.closed_benchmarks([direction])


def test_a_run_that_diverges_is_recorded_as_a_failure_and_not_repeated(
    tuned: StudyConfig, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def fail(*_: object) -> None:
        calls.append(1)
        raise TrainingError("the loss is not\nfinite")

    monkeypatch.setattr(trial, "load_or_train", fail)
    run, chosen = plan(tuned, root)[1].config, search_benchmarks(tuned)
    for _ in range(2):
        scored = trial.score_trial(run, chosen, tmp_path, "cpu", os.getpid())
        assert scored.failure == "the loss is not finite" and scored.scores == {}
    assert len(calls) == 1


def test_a_damaged_file_of_scores_is_made_again(tmp_path: Path) -> None:
    (tmp_path / trial.SCORES).write_text("{")
    assert trial.stored_scores(tmp_path).scores == {}
    (tmp_path / trial.SCORES).write_text('{"scores": []}')
    assert trial.stored_scores(tmp_path).scores == {}
