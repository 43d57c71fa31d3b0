"""Units, metrics and directions of the benchmarks of a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.evidence.score_tables.benchmark_facts import BenchmarkFacts
from auxjepa.evidence.score_tables.reading_options import ReadingOptions
from auxjepa.evidence.score_tables.scores import read_scores
from auxjepa.evidence.score_tables.table_file import TableError


def facts(folder: Path, columns: str, *cells: str, **options: object) -> tuple[BenchmarkFacts, str]:
    lines = [f"{name},0,a,{cell}" for name, cell in zip(("baseline", "ld", "mae"), cells, strict=False)]
    (folder / "t.csv").write_text("\n".join([f"variant,seed,benchmark,{columns}", *lines]) + "\n")
    table = read_scores(folder / "t.csv", ReadingOptions.model_validate(options))
    return table.benchmarks["a"], " ".join(table.notes)


def test_shares_are_not_rescaled_silently(tmp_path: Path) -> None:
    fact, notes = facts(tmp_path, "score,metric", "0.8,acc", "0.9,acc")
    assert (fact.metric, fact.unit, fact.factor) == ("accuracy", "", 1) and "shown unchanged: a" in notes
    fact, notes = facts(tmp_path, "score,metric", "0.8,acc", "0.9,acc", unit="share")
    assert (fact.metric, fact.unit, fact.factor) == ("top1", "%", 100) and "shown in percent: a" in notes
    fact, notes = facts(tmp_path, "score,unit", "0.8,%", "0.9,%")
    assert (fact.metric, fact.unit, fact.factor) == ("score", "%", 1) and "below 1 %, as their unit says: a" in notes


def test_an_accuracy_above_1_is_in_percent(tmp_path: Path) -> None:
    fact, _ = facts(tmp_path, "accuracy", "80", "0.9")
    assert fact.metric == "score" or fact.unit in ("", "%")
    fact, _ = facts(tmp_path, "score,metric", "80,top-1", "0.9,top-1")
    assert (fact.metric, fact.unit) == ("top1", "%")


def test_directions(tmp_path: Path) -> None:
    assert not facts(tmp_path, "score,metric", "1,RMSE", "2,RMSE")[0].higher_is_better
    assert facts(tmp_path, "score,metric", "1,RMSE", "2,RMSE", higher_is_better=["RMSE"])[0].higher_is_better
    assert not facts(tmp_path, "score", "1", "2", lower_is_better=["a"])[0].higher_is_better
    assert not facts(tmp_path, "score,higher_is_better", "1,false", "2,")[0].higher_is_better
    fact, notes = facts(tmp_path, "score,metric,higher_is_better", "1,mse,true", "2,mse,true")
    assert fact.higher_is_better and "Less is better" not in notes


def test_marks_give_the_unit(tmp_path: Path) -> None:
    fact, _ = facts(tmp_path, "score,correct", "0.75,1101", "0.5,1100")
    assert (fact.metric, fact.unit, fact.factor, fact.n_test) == ("top1", "%", 100, 4)
    fact, _ = facts(tmp_path, "score,correct", "75,1101", "50,1100")
    assert (fact.unit, fact.factor) == ("%", 1)


@pytest.mark.parametrize(
    ("columns", "cells", "words"),
    [
        ("score,unit", ("0.8,share", "80,share"), "line 3, column 'score': 80: is not a share from 0 to 1"),
        ("score,metric", ("80,top1", "180,top1"), "180: is not an accuracy from 0 to 100 %"),
        ("score,unit", ("1,m", "2,cm"), "line 3, column 'unit': 'cm', but line 2 has 'm'"),
        ("score,n_test", ("1,100", "2,200"), "line 3, column 'n_test': 200, but line 2 has 100"),
        ("score,n_test", ("1,0", "2,200"), "line 2, column 'n_test'"),
        ("score,higher_is_better", ("1,perhaps", "2,"), "write true or false"),
        ("score,correct", ("0.75,1101", "0.7,1100"), "0.7: 50 % of the marks on a are right"),
        ("score,correct", ("0.75,1101", "0.5,11001100"), "8 marks for 4 test examples"),
        ("score,correct,n_test", ("0.75,1101,5", "0.5,1100,5"), "4 marks for 5 test examples"),
    ],
)
def test_contradictions(tmp_path: Path, columns: str, cells: tuple[str, ...], words: str) -> None:
    with pytest.raises(TableError) as error:
        facts(tmp_path, columns, *cells)
    assert words in str(error.value)


def test_an_unknown_direction_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no benchmark or metric 'b'"):
        facts(tmp_path, "score", "1", "2", lower_is_better=["b"])
