"""Scores, runs and controls that cannot all be true."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adversary import edit_json, rewrite
from auxjepa.evidence.grade.contradictions import list_contradictions
from auxjepa.evidence.study_folder.folder import load


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> Path:
    return write_study(tmp_path_factory.mktemp("honest"), seeds=2, steps=2)


def edit(control: str | None, **fields: Any) -> Callable[[Path], None]:
    return lambda folder: rewrite(folder, lambda row: row | fields if row["control"] == control else row)


def finish_late(folder: Path) -> None:
    edit_json(folder / "runs/0000/summary.json", lambda summary: summary | {"finished": "2026-02-01T00:00:00+00:00"})


def swap_runs(folder: Path) -> None:
    rewrite(folder, lambda row: row | {"run": f"4{row['run'][1:]}"} if row["variant"] == "ld" else row)


def shorten_one(folder: Path) -> None:
    rewrite(folder, lambda row: row | {"n_test": 999, "metric": "mean_class"} if row["seed"] else row)


def count_classes(folder: Path) -> None:
    edit_json(folder / "benchmarks.json", lambda info: {k: v | {"class_counts": [500, 500]} for k, v in info.items()})


def collapse_metrics(folder: Path) -> None:
    """Let the features of the reference collapse, and keep the word of the summaries."""
    for path in folder.glob("runs/0*/metrics.jsonl"):
        with path.open("a") as file:
            file.write('{"step": 3, "std/teacher": 0.001, "rank/teacher": 1.0}\n')


CASES: dict[str, tuple[Callable[[Path], None], str]] = {
    "run of another variant": (swap_runs, "8 scores name the run of another variant or seed: ld seed 0 on "),
    "score before its run": (finish_late, "4 scores are older than the end of their training: baseline seed 0"),
    "validation": (edit(None, validation=None), ""),
    "clips": (shorten_one, "scores are over different numbers of test clips: world_appearance"),
    "health": (collapse_metrics, "2 runs collapsed by their metrics and not by their summary: baseline seed 0"),
    "no network": (edit("random_init", run=""), "scores of random init name no network"),
    "name of a control": (edit("random_init", run="raw_pixels"), "scores of random init name no network"),
    "chance": (edit("chance", score=1.0), "4 scores of controls are impossible: chance 1.0 % on world_appearance"),
    "below chance": (edit("raw_pixels", score=0.0), "scores of controls are impossible: raw_pixels 0.0 % on "),
    "classes": (count_classes, "scores of controls are impossible: "),
}


def test_honest_folders_have_none(honest: Path) -> None:
    confirm = Path(__file__).parents[3] / "docs" / "evidence" / "confirm"
    assert list_contradictions(load(honest)) == [] == list_contradictions(load(confirm))


@pytest.mark.parametrize("case", CASES)
def test_contradictions(honest: Path, tmp_path: Path, case: str) -> None:
    change, expected = CASES[case]
    folder = shutil.copytree(honest, tmp_path / "study")
    change(folder)
    lines = list_contradictions(load(folder))
    assert any(expected in line for line in lines) if expected else lines == []


def test_a_last_line_that_was_cut_is_no_contradiction(honest: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(honest, tmp_path / "study")
    with (folder / "rows.jsonl").open("a") as file:
        file.write('{"schema_version": 1, "run": "x')
    study = load(folder)
    assert study.left_out and list_contradictions(study) == []
