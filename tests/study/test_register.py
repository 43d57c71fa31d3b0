"""Registration: written once before the first run, refused when anything changed, and only for a confirmation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auxjepa.config import ConfigError
from auxjepa.evidence.decisions import registration
from auxjepa.interface.studies import describe_registration
from auxjepa.rows import RowStore
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.study.register import met_before, register
from auxjepa.study.worker import encoder_row

HYPOTHESIS = {
    "id": "h", "variant": "ld", "claim": "above", "reference": "baseline", "benchmark": "world_direction",
}  # fmt: skip


@pytest.fixture
def confirming(content: dict[str, Any]) -> dict[str, Any]:
    return content | {"phase": "confirm", "seeds": [7, 8], "screened_seeds": [0], "hypotheses": [HYPOTHESIS]}


def test_it_is_written_once_with_its_hash(confirming: dict[str, Any], tmp_path: Path) -> None:
    study = StudyConfig.model_validate(confirming)
    made = register(study, tmp_path)
    written = (tmp_path / registration.FILE).read_text()
    assert json.loads(written)["hash"] == made.hash and len(made.hash) == 64
    assert register(study, tmp_path) == made
    assert (tmp_path / registration.FILE).read_text() == written


def test_it_names_every_run_and_how_each_benchmark_is_measured(confirming: dict[str, Any], tmp_path: Path) -> None:
    study = StudyConfig.model_validate(confirming)
    made = register(study, tmp_path)
    assert sorted(made.runs.values()) == sorted(run.key for run in plan(study))
    assert "ld seed 7 on world" in made.runs and "random_init seed 8 on world" in made.runs
    (run, *_) = plan(study)
    row = encoder_row(run, study.chosen_benchmarks()[0])
    assert made.measures["world"]["world_direction"].benchmark_hash == row.benchmark_hash
    assert made.measures["world"]["world_direction"].protocol_hash == row.protocol_hash


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"hypotheses": [HYPOTHESIS | {"claim": "below"}]}, "hypotheses changed: h"),
        ({"rule": {"alpha": 0.1}}, "decision rule changed"),
        ({"seeds": [7, 8, 9]}, "design changed: seeds"),
        ({"sizes": {"test": 25}}, "design changed"),
    ],
)
def test_another_study_is_refused(confirming: dict[str, Any], tmp_path: Path, change: dict, told: str) -> None:
    register(StudyConfig.model_validate(confirming), tmp_path)
    with pytest.raises(ConfigError, match=told):
        register(StudyConfig.model_validate(confirming | change), tmp_path)


def test_words_may_change(confirming: dict[str, Any], tmp_path: Path) -> None:
    register(StudyConfig.model_validate(confirming), tmp_path)
    register(StudyConfig.model_validate(confirming | {"scale_notes": ["small"]}), tmp_path)


def test_an_edited_file_is_refused(confirming: dict[str, Any], tmp_path: Path) -> None:
    study = StudyConfig.model_validate(confirming)
    register(study, tmp_path)
    path = tmp_path / registration.FILE
    path.write_text(path.read_text().replace('"claim": "above"', '"claim": "below"'))
    with pytest.raises(ConfigError, match="edited after it was written"):
        register(study, tmp_path)


def test_scores_cannot_come_first(confirming: dict[str, Any], tmp_path: Path) -> None:
    study = StudyConfig.model_validate(confirming)
    RowStore(tmp_path).append(encoder_row(plan(study)[0], study.chosen_benchmarks()[0]))
    with pytest.raises(ConfigError, match="before the first run"):
        register(study, tmp_path)


@pytest.mark.parametrize("name", ["runs", "controls"])
def test_runs_cannot_come_first_either(confirming: dict[str, Any], tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(ConfigError, match="before the first run"):
        register(StudyConfig.model_validate(confirming), tmp_path)


def test_a_screen_registers_nothing(tiny: StudyConfig, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="phase 'confirm'"):
        register(tiny, tmp_path)
    assert not list(tmp_path.iterdir())


def test_networks_that_other_studies_trained_are_told(confirming: dict[str, Any], tmp_path: Path) -> None:
    made = register(StudyConfig.model_validate(confirming), tmp_path / "study")
    runs = tmp_path / "runs"
    assert met_before(made, runs) == ""
    (first, *_) = made.runs.values()
    for name in (first, "another"):
        (runs / name).mkdir(parents=True)
        (runs / name / "summary.json").write_text("{}")
    assert met_before(made, runs).startswith(f"1 of its {len(set(made.runs.values()))} networks are in {runs} already")
    again = register(StudyConfig.model_validate(confirming), tmp_path / "other", runs)
    assert again.earlier_runs == (first,) and not made.earlier_runs
    assert "(1 trained before)" in describe_registration(again)
    assert registration.read(tmp_path / "other") == registration.RegistrationFile(
        registration=again, hash=again.hash, edited=False
    )
