"""Exports of Weights & Biases and MLflow."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.evidence.score_tables.reading_options import ReadingOptions
from auxjepa.evidence.score_tables.run_exports import variant_of_run
from auxjepa.evidence.score_tables.scores import ScoreTable, read_scores
from auxjepa.evidence.score_tables.table_file import TableError
from written_tables import MLFLOW, NAMED_RUNS, PANEL, RUNS


def read(folder: Path, content: str, **options: object) -> ScoreTable:
    (folder / "export.csv").write_text(content)
    return read_scores(folder / "export.csv", ReadingOptions.model_validate(options))


def cells(table: ScoreTable) -> set[tuple[str, int, str, float]]:
    return {(score.variant, score.seed, score.benchmark, score.value) for score in table.scores}


def test_a_table_of_runs(tmp_path: Path) -> None:
    table = read(tmp_path, RUNS)
    assert len(table.scores) == 8 and ("ld", 1, "val/acc", 0.57) in cells(table)
    text = " ".join(table.notes)
    assert "1 unfinished run of Weights & Biases left out: line 6 (crashed)." in text
    assert "Not taken as benchmarks (name them with --benchmarks): lr, train/loss." in text
    assert list(read(tmp_path, RUNS, benchmarks=["train/loss"]).benchmarks) == ["train/loss"]


def test_names_of_runs_give_variant_and_seed(tmp_path: Path) -> None:
    table = read(tmp_path, NAMED_RUNS)
    assert {(s.variant, s.seed) for s in table.scores} == {("baseline", 0), ("baseline", 1), ("ld", 0), ("ld", 1)}
    assert any("baseline-seed0 is baseline with seed 0" in note for note in table.notes)


def test_a_panel_gives_the_last_value(tmp_path: Path) -> None:
    table = read(tmp_path, PANEL)
    assert cells(table) == {("baseline", 0, "val/acc", 0.3), ("ld", 0, "val/acc", 0.5)}
    assert any("2 columns are not used" in note and "__MIN" in note for note in table.notes)


def test_runs_of_mlflow(tmp_path: Path) -> None:
    table = read(tmp_path, MLFLOW)
    assert len(table.scores) == 4 and ("ld", 1, "val_acc", 0.55) in cells(table)
    text = " ".join(table.notes)
    assert "1 unfinished run of MLflow left out: line 6 (FAILED)." in text and "train_loss, epoch" in text
    named = read(tmp_path, MLFLOW, variant_column="tags.mlflow.runName", reference="a")
    assert {score.variant for score in named.scores} == {"a", "b", "c", "d"}


def test_without_a_score_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="name them with --benchmarks: foo"):
        read(tmp_path, "Name,State,Created,method,seed,foo\nr,finished,x,baseline,0,1\n")
    with pytest.raises(TableError, match="no run is finished"):
        read(tmp_path, MLFLOW.replace("FINISHED", "RUNNING"))


@pytest.mark.parametrize(
    ("run", "variant", "seed"),
    [
        ("ld-seed3", "ld", "3"),
        ("ld_s3", "ld", "3"),
        ("fwm_hw_ld Seed=12", "fwm_hw_ld", "12"),
        ("ld2-seed4", "ld2", "4"),
        ("ld3", "ld3", None),
        ("lds3", "lds3", None),
        ("ldseed3", "ldseed3", None),
        ("seed3", "seed3", None),
        ("x", "x", None),
    ],
)
def test_seeds_in_names_of_runs(run: str, variant: str, seed: str | None) -> None:
    assert variant_of_run(run) == (variant, seed)
