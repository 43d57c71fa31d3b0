"""Values of cells."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from auxjepa.evidence.score_tables import cells


def test_numbers() -> None:
    assert [cells.number(v) for v in ("83.1", " 1e-3 ", "-2", "\N{MINUS SIGN}2", 4, 1.5, ".5")] == [
        83.1,
        0.001,
        -2,
        -2,
        4,
        1.5,
        0.5,
    ]
    assert [cells.number(v) for v in ("", None, "n/a", "-", "null")] == [None] * 5
    assert math.isnan(cells.number("nan") or 0) and cells.number("inf") == math.inf


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("83,1", "write 83.1"),
        ("83 %", "% in a column 'unit'"),
        ("83 ± 1", "one score a cell"),
        ("high", "is not a number"),
        (True, "is not a number"),
        ("1 234", "is not a number"),
    ],
)
def test_what_is_no_number_names_the_remedy(value: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        cells.number(value)


def test_whole_numbers_and_switches() -> None:
    assert [cells.whole(v) for v in ("3", "3.0", 3.0, 3, "")] == [3, 3, 3, 3, None]
    for value in ("x", -1, "1.5", True, "nan"):
        with pytest.raises(ValueError, match="whole number"):
            cells.whole(value)
    assert cells.whole(str(2**70)) == 2**70, "a seed may have any number of digits"
    assert [cells.truth(v) for v in ("True", "no", 1, False, None)] == [True, False, True, False, None]
    with pytest.raises(ValueError, match="true or false"):
        cells.truth("maybe")
    assert cells.text(3.0) == "3" and cells.text(" a \n b ") == "a b" and cells.text(None) == ""


def test_marks(tmp_path: Path) -> None:
    expected = np.array([True, False, True])
    np.save(tmp_path / "m.npy", expected)
    (tmp_path / "m.json").write_text(json.dumps([1, 0, 1]))
    (tmp_path / "m.txt").write_text("1\n0\n1\n")
    for value in ("101", "1, 0, 1", "[1 0 1]", [1, 0, 1], [True, False, True], "m.npy", "m.json", "m.txt"):
        marks = cells.marks(value, tmp_path)
        assert marks is not None and np.array_equal(marks, expected), value
    assert cells.marks("", tmp_path) is None
    (tmp_path / "bad.txt").write_text("yes")
    for value in ("gone.npy", [2], "bad.txt"):
        with pytest.raises(ValueError, match=r"marks|0 "):
            cells.marks(value, tmp_path)
