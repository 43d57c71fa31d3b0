"""Names of columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.evidence.score_tables.columns import long_entries, recognise, unused
from auxjepa.evidence.score_tables.reading_options import ReadingOptions
from auxjepa.evidence.score_tables.table_file import Line, Table, TableError


def table(*columns: str) -> Table:
    return Table(Path("t.csv"), columns, (Line(2, dict.fromkeys(columns, "1")),))


def test_names_in_any_spelling() -> None:
    fields = recognise(table("Method", "Random Seed", "Data-Set", "Score", "N Test", "note"), ReadingOptions())
    assert fields == {
        "variant": "Method",
        "seed": "Random Seed",
        "benchmark": "Data-Set",
        "score": "Score",
        "n_test": "N Test",
    }


def test_a_score_column_can_name_its_metric_and_unit() -> None:
    content = table("variant", "benchmark", "top1_percent", "note")
    entries = long_entries(content, recognise(content, ReadingOptions()))
    assert entries.entries[0].cells["metric"] == "top1" and entries.entries[0].cells["unit"] == "%"
    assert entries.notes == ["1 column is not used: note."] and not entries.has_seeds
    assert unused(content, content.columns) == []


def test_a_setting_wins_over_a_name() -> None:
    content = table("variant", "arm", "benchmark", "score")
    assert recognise(content, ReadingOptions(variant_column="arm"))["variant"] == "arm"
    with pytest.raises(TableError, match="did you mean 'arm'"):
        recognise(content, ReadingOptions(variant_column="arms"))
    with pytest.raises(TableError, match="no column 'variant'"):
        long_entries(table("benchmark", "score"), {"benchmark": "benchmark", "score": "score"})
