"""The folder of rows that a table becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.config import ConfigError
from auxjepa.evidence.score_tables import default_folder, read_scores, write_folder
from auxjepa.evidence.score_tables.reading_options import ReadingOptions
from auxjepa.evidence.study_folder.folder import load
from written_tables import LONG


def test_rows_of_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text(LONG)
    folder = write_folder(read_scores(path), default_folder(path), "auxjepa report scores.csv")
    assert folder == tmp_path / "scores-report"
    study = load(folder)
    assert (study.name, study.reference, study.variants, study.seeds) == (
        "scores",
        "baseline",
        ["baseline", "ld"],
        [0, 1],
    )
    assert study.source == "scores.csv" and study.command == "auxjepa report scores.csv" and not study.notes
    by_name = {(r.variant, r.seed, r.benchmark): r for r in study.rows}
    assert (by_name["ld", 1, "ssv2"].score, by_name["ld", 1, "ssv2"].metric) == (45.2, "top1")
    depth = by_name["ld", 1, "depth"]
    assert (depth.score, depth.metric) == (-0.387, "-mse"), "more is better in every row"
    assert any("minus sign" in line for line in study.remarks)


def test_marks_of_shares(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("variant,seed,benchmark,score,correct\nbaseline,0,a,0.75,1101\nld,0,a,0.5,1100\n")
    study = load(write_folder(read_scores(path), tmp_path / "out"))
    assert [row.score for row in study.rows] == [75, 50]
    marks = study.correct(study.rows[0])
    assert marks is not None and marks.tolist() == [True, True, False, True] and not study.left_out


def test_only_own_folders_are_written_again(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text(LONG)
    folder = write_folder(read_scores(path), tmp_path / "out")
    path.write_text("\n".join(line for line in LONG.splitlines() if ",depth," not in line) + "\n")
    assert len(load(write_folder(read_scores(path, ReadingOptions(reference="ld")), folder)).rows) == 4
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "rows.jsonl").write_text("")
    with pytest.raises(ConfigError, match="holds other files"):
        write_folder(read_scores(path), tmp_path / "study")
