"""Wide tables: one column a benchmark."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.evidence.score_tables.reading_options import ReadingOptions
from auxjepa.evidence.score_tables.scores import ScoreTable, read_scores
from auxjepa.evidence.score_tables.table_file import TableError
from auxjepa.evidence.score_tables.wide_tables import without_percent
from written_tables import WIDE


def read(folder: Path, content: str, **options: object) -> ScoreTable:
    (folder / "wide.csv").write_text(content)
    return read_scores(folder / "wide.csv", ReadingOptions.model_validate(options))


def test_columns_of_numbers_are_benchmarks(tmp_path: Path) -> None:
    table = read(tmp_path, WIDE)
    assert list(table.benchmarks) == ["SSv2", "Diving48 acc", "depth rmse"] and len(table.scores) == 11
    assert [fact.unit for fact in table.benchmarks.values()] == ["%", "%", ""]
    assert [fact.higher_is_better for fact in table.benchmarks.values()] == [True, True, False]
    text = " ".join(table.notes)
    assert "1 column is not used: lr." in text and "line 5 (depth rmse)" in text


def test_benchmarks_can_be_named(tmp_path: Path) -> None:
    table = read(tmp_path, WIDE, benchmarks=["SSv2 (%)"])
    assert list(table.benchmarks) == ["SSv2"] and any("Diving48 acc (%)" in note for note in table.notes)
    with pytest.raises(TableError, match="no benchmark 'SSv3"):
        read(tmp_path, WIDE, benchmarks=["SSv3 (%)"])


def test_faults_name_the_column(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="line 3, column 'a': '4,1'"):
        read(tmp_path, "variant,seed,a\nbaseline,0,1\nld,0,'4,1'\n".replace("'", '"'))
    with pytest.raises(TableError, match="no score: a long table"):
        read(tmp_path, "variant,seed,note\nbaseline,0,good\n")


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("top-1 (%)", "top-1"),
        ("SSv2 [ Percent ]", "SSv2"),
        ("a (b) (pct)", "a (b)"),
        ("(%)", ""),
        ("top-1 %", None),
        ("x (m)", None),
        ("", None),
        (" " * 100_000 + "(", None),
    ],
)
def test_percent_in_brackets_is_a_unit(name: str, bare: str | None) -> None:
    assert without_percent(name) == bare


def test_cells_with_a_percent_sign_are_refused_as_in_long_tables(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"40\.1%"):
        read(tmp_path, "variant,seed,SSv2,time_s\nbaseline,0,40.1%,3\nld,0,41%,4\n")


def test_costs_are_no_benchmarks(tmp_path: Path) -> None:
    table = read(tmp_path, "variant,seed,SSv2,time_s,params\nbaseline,0,40.1,3,5\nld,0,41,4,5\n")
    assert {score.benchmark for score in table.scores} == {"SSv2"}


def test_shares_and_percent_in_one_column_are_noted(tmp_path: Path) -> None:
    table = read(tmp_path, "variant,seed,k\nbaseline,0,0.401\nld,0,44.1\n")
    assert any("like shares and percent in one column: k" in note for note in table.notes)


def test_an_assumed_direction_is_noted(tmp_path: Path) -> None:
    table = read(tmp_path, "variant,seed,depth\nbaseline,0,3.1\nld,0,2.9\n")
    assert any("More is assumed to be better: depth" in note for note in table.notes)
