from __future__ import annotations

import os
from pathlib import Path

import pytest

from auxjepa.data.errors import ManifestError
from auxjepa.data.manifest.labels import meanings, number_labels, read_labels


def _read(path: Path, content: str | bytes) -> list[tuple[int, str, dict[str, str]]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [(row.line, row.path, row.labels) for row in read_labels(path).rows]


def test_rows_in_the_order_written(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text('\ufeffpath,start,stop,kind\n./a b.mp4,0,9,"x, y"\na b.mp4,9,,z\nü/c.mp4,,,\n', encoding="utf-8")
    result = read_labels(table)
    assert result.columns == ["kind"]
    assert [(row.line, row.path, row.start, row.stop, row.labels) for row in result.rows] == [
        (2, "./a b.mp4", "0", "9", {"kind": "x, y"}),
        (3, "a b.mp4", "9", "", {"kind": "z"}),
        (4, "ü/c.mp4", "", "", {"kind": ""}),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "path, kind\na.mp4, walk\n",
        "Path;kind\r\na.mp4;walk\r\n",
        "kind\tpath\nwalk\ta.mp4\n",
        "sep=;\npath;kind\na.mp4;walk\n",
        '\n"path","kind",\n"a.mp4","walk",,\n,,\n\n',
        "path,kind\na.mp4,walk".encode("utf-16"),
        "path\tkind\ra.mp4\twalk".encode("utf-16-le"),
        'path,kind\n"a.mp4" , "walk" \n'.replace('" ,', '",').replace('" \n', '"\n'),
    ],
)
def test_tables_as_programs_write_them(tmp_path: Path, content: str | bytes) -> None:
    assert [row[1:] for row in _read(tmp_path / "labels.csv", content)] == [("a.mp4", {"kind": "walk"})]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("kind\nx\n", "'path'"),
        ("", "'path'"),
        (" \n\n", "is empty"),
        ("path,kind\na\n", "line 2 has 1 value instead of 2"),
        ("path\na,b\n", "line 2 has 2 values instead of 1"),
        ("path,kind\n\na,b\nc,d,e\n", "line 4 has 3 values instead of 2"),
        ("path,kind,Kind,kind\na,b,c,d\n", r"names 'kind' twice \(columns 2 and 4\)"),
        ("path,,kind\na,b,c\n", "gives column 2 no name"),
        ("path,kind\n,walk\n", "line 2 names no path"),
        ('path,kind\n"a.mp4,walk\nb.mp4,run\n', "line 2: a quote is opened and never closed"),
        ('path,kind\n"a.mp4,walk\nb.mp4,run"\n', "line 2: a quote is opened and closed only on line 3"),
        ('path,kind\n"a.mp4\nb.mp4",run\n', "line 2: the path spans several lines"),
        (b"path,kind\na.mp4,x\nb.mp4,w\xe4lk\n", "line 3 is not UTF-8"),
        (b"path,k\xe4nd\na.mp4,x\n", "line 1 is not UTF-8"),
        (b"path,kind\nb\xe4.mp4,x\n", "line 2 is not UTF-8"),
    ],
)
def test_a_malformed_table_is_an_error_with_its_line(tmp_path: Path, content: str | bytes, why: str) -> None:
    with pytest.raises(ManifestError, match=why) as caught:
        _read(tmp_path / "labels.csv", content)
    assert str(caught.value).count("\n") == 0 and "labels.csv: " in str(caught.value)


def test_a_table_that_can_not_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").mkdir()
    with pytest.raises(ManifestError, match="cannot be read: Is a directory"):
        read_labels(tmp_path / "labels.csv")


def test_names_of_existing_files_may_be_any_bytes(tmp_path: Path) -> None:
    latin, broken = os.fsdecode(b"caf\xe9.mp4"), "line\nbreak.mp4"
    for name in (latin, broken):
        (tmp_path / name).touch()
    content = b'path,kind\ncaf\xe9.mp4,walk\n"line\nbreak.mp4",run\n'
    assert [row[1] for row in _read(tmp_path / "labels.csv", content)] == [latin, broken]


@pytest.mark.parametrize(
    ("written", "labels"),
    [
        (["0", "-1", "", "nan", "NaN", "none", "2"], ["0", "", "", "", "", "", "2"]),
        (["3.0", "3", "", "-1.0", "<NA>"], ["3", "3", "", "", ""]),
        (["walk", "-1", "none", "", "nan"], ["walk", "", "none", "", ""]),
        (["-1", ""], ["", ""]),
        (["-2", "-1", "0"], ["-2", "-1", "0"]),
        (["0.5", "-1", "1.0"], ["0.5", "-1", "1.0"]),
        (["007", "7"], ["007", "7"]),
        (["none", "Null"], ["none", ""]),
        (["walk", "3.0", "-1"], ["walk", "3.0", ""]),
    ],
)
def test_values_without_a_label(written: list[str], labels: list[str]) -> None:
    meaning = meanings(written)
    assert [meaning[value] for value in written] == labels


def test_whole_numbers_stay_and_names_are_numbered() -> None:
    rows = [{"n": "10", "s": "walk"}, {"n": "2", "s": ""}, {"n": "", "s": "run"}, {"s": "walk"}]
    labels, classes = number_labels(["n", "s"], rows)
    assert labels["n"].tolist() == [10, 2, -1, -1] and classes["n"] == ("2", "10")
    assert labels["s"].tolist() == [1, -1, 0, 1] and classes["s"] == ("run", "walk")
    mixed, _ = number_labels(["n"], [{"n": "10"}, {"n": "2"}, {"n": "b"}])
    assert mixed["n"].tolist() == [0, 1, 2]


def test_values_that_are_one_number_are_names() -> None:
    """1 and 01 are two classes as written. A number of 30 digits is no number either."""
    for values in (["1", "01", "2"], ["9" * 30, "1"]):
        labels, classes = number_labels(["x"], [{"x": value} for value in values])
        assert sorted(labels["x"].tolist()) == list(range(len(values))) and classes["x"] == tuple(sorted(values))
    labels, classes = number_labels(["x"], [{"x": "007"}, {"x": "03"}])
    assert labels["x"].tolist() == [7, 3] and classes["x"] == ("03", "007")


def test_unlabelled_rows_are_no_class() -> None:
    labels, classes = number_labels(["n"], [{"n": "1"}, {"n": "-1"}, {"n": "nan"}, {"n": "0"}])
    assert labels["n"].tolist() == [1, -1, -1, 0] and classes["n"] == ("0", "1")
    large, names = number_labels(["n"], [{"n": "9" * 30}, {"n": "1"}])
    assert large["n"].tolist() == [1, 0] and names["n"] == ("1", "9" * 30), "ids, not numbers of classes"
