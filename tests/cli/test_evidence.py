"""auxjepa evidence on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.cli import main


def test_grades_side_by_side(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "new" / "grades.json"
    assert main(["evidence", "grade", "published", str(study), "--json-file", str(target)]) == 0
    out = capsys.readouterr().out
    assert "published: 5." in out and "quick: " in out and "pre-registered" in out
    grades = json.loads(target.read_text())
    assert [grade["subject"] for grade in grades] == ["published", "quick"]
    for grade in grades:
        assert grade["earned"] == pytest.approx(sum(c["earned"] for c in grade["criteria"]))
        assert grade["possible"] == sum(c["weight"] for c in grade["criteria"]) == 39


def test_published_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "grade"]) == 0
    assert capsys.readouterr().out.count("points (") == 1


@pytest.mark.parametrize(
    ("argv", "told"),
    [(["grad"], "did you mean 'grade'"), (["grade", "publishd"], "did you mean 'published'")],
)
def test_mistakes_get_one_line(argv: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", *argv]) == 2
    err = capsys.readouterr().err
    assert told in err and err.count("\n") == 1


def test_a_folder_without_scores_is_not_graded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "grade", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert "has no scores to grade: rows.jsonl is missing" in err and err.count("\n") == 1


def test_what_was_left_out_of_the_rows_is_told(
    write_study: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_study(tmp_path / "hurt")
    with (folder / "rows.jsonl").open("a") as file:
        file.write('{"score": NaN}\n')
    for argv in (["evidence", "grade"], ["claims", "verify", "--results"]):
        assert main([*argv, str(folder), "--json-file", str(tmp_path / "out.json")]) == 0
        out = capsys.readouterr().out
        assert "rows.jsonl: 1 line is left out, which can't be read: line 85 (" in out, argv
        assert "left_out" in (tmp_path / "out.json").read_text()
