from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.data.errors import ManifestError
from auxjepa.data.labels import number_labels, read_labels


def test_rows_by_path(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text('\ufeffpath,start,stop,kind\n./a b.mp4,0,9,"x, y"\na b.mp4,9,,z\nü/c.mp4,,,\n', encoding="utf-8")
    columns, rows = read_labels(table)
    assert columns == ["kind"]
    assert [row["kind"] for row in rows["a b.mp4"]] == ["x, y", "z"] and rows["a b.mp4"][1]["start"] == "9"
    assert rows["ü/c.mp4"][0]["kind"] == ""


@pytest.mark.parametrize(
    ("content", "why"),
    [("kind\nx\n", "'path'"), ("", "'path'"), ("path,kind\na\n", "line 2"), ("path\na,b\n", "line 2")],
)
def test_a_malformed_table_is_an_error(tmp_path: Path, content: str, why: str) -> None:
    (tmp_path / "labels.csv").write_text(content)
    with pytest.raises(ManifestError, match=why):
        read_labels(tmp_path / "labels.csv")


def test_whole_numbers_stay_and_names_are_numbered() -> None:
    rows = [{"n": "10", "s": "walk"}, {"n": "2", "s": ""}, {"n": "", "s": "run"}, {"s": "walk"}]
    labels, classes = number_labels(["n", "s"], rows)
    assert labels["n"].tolist() == [10, 2, -1, -1] and classes["n"] == ("2", "10")
    assert labels["s"].tolist() == [1, -1, 0, 1] and classes["s"] == ("run", "walk")
    mixed, _ = number_labels(["n"], [{"n": "10"}, {"n": "2"}, {"n": "b"}])
    assert mixed["n"].tolist() == [0, 1, 2]


def test_values_that_are_one_number_are_names() -> None:
    """1 and 01 are two classes as they are written; nor is a number of 30 digits one."""
    for values in (["1", "01", "2"], ["9" * 30, "1"]):
        labels, classes = number_labels(["x"], [{"x": value} for value in values])
        assert sorted(labels["x"].tolist()) == list(range(len(values))) and classes["x"] == tuple(sorted(values))
    labels, classes = number_labels(["x"], [{"x": "007"}, {"x": "03"}])
    assert labels["x"].tolist() == [7, 3] and classes["x"] == ("03", "007")
