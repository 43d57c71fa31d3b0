"""Marks of test clips: one per clip or several, and a reader that reads each file once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auxjepa.evidence.study_folder.clip_marks import ClipMarksReader, marks_each_clip, read_marks
from auxjepa.rows import Row, RowStore

MakeRow = Callable[..., Row]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"marks_each_clip": True}, True),
        ({"marks_each_clip": False}, False),
        ({"marks_each_clip": True, "suite": "fewshot", "n_test": 7}, True),
        ({"marks_each_clip": False, "suite": "", "n_test": 8}, False),
        ({"marks_each_clip": "yes", "suite": "fewshot"}, False),  # not a truth value: the suite decides
        ({"suite": ""}, True),
        ({"suite": "recognition"}, True),
        ({"suite": "physics", "n_test": 7}, True),
        ({"suite": "fewshot"}, False),
        ({"suite": "a plug-in"}, False),
        ({"n_test": 8}, True),
        ({"n_test": 7}, False),
        ({}, True),
    ],
)
def test_the_record_of_the_study_decides(make_row: MakeRow, record: dict[str, Any], expected: bool) -> None:
    assert marks_each_clip(record, make_row()) is expected  # make_row has 8 test clips


def test_each_file_is_read_once(make_row: MakeRow, tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    marks = np.array([1, 0, 1, 1, 0, 0, 1, 0], bool)
    store.append(make_row("ld"), marks)
    store.append(make_row("fwm"))
    reader = ClipMarksReader(store, lambda row: True)
    first = reader(make_row("ld"))
    assert first is not None and (first == marks).all()
    (file,) = (tmp_path / "correct").iterdir()
    file.unlink()
    assert reader(make_row("ld")) is first, "an equal row has the same marks"
    assert reader(make_row("fwm")) is None


def test_damaged_marks_and_several_marks_per_clip_are_none(make_row: MakeRow, tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    store.append(make_row("ld"), np.ones(8, bool))
    assert ClipMarksReader(store, lambda row: False)(make_row("ld")) is None
    (file,) = (tmp_path / "correct").iterdir()
    file.unlink()
    file.mkdir()
    assert ClipMarksReader(store, lambda row: True)(make_row("ld")) is None


def test_marks_that_contradict_the_score_are_read_only_for_the_registration(make_row: MakeRow, tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    row = make_row("ld", score=100.0)
    store.append(row, np.array([1, 0, 1, 1, 0, 0, 1, 0], bool))
    assert ClipMarksReader(store, lambda row: True)(row) is None
    marks = read_marks(store, row)
    assert marks is not None and marks.mean() == 0.5


@pytest.mark.parametrize(
    ("fields", "stored", "is_clip", "fault"),
    [
        ({"score": 50.0}, True, True, None),
        ({"score": 70.0}, True, True, "contradicting"),
        ({"score": 70.0}, True, False, "contradicting"),
        ({"score": 50.0}, False, True, "missing"),
        ({"score": 50.0}, False, False, None),
        # A suite of a plug-in can have another metric than the share of right answers, and marks all the same.
        ({"score": -3.0, "metric": "points"}, True, True, None),
        ({"score": 7.0, "metric": "points"}, False, True, None),
    ],
)
def test_faults_of_marks(
    make_row: MakeRow, tmp_path: Path, fields: dict[str, Any], stored: bool, is_clip: bool, fault: str | None
) -> None:
    store, row = RowStore(tmp_path), make_row("ld").model_copy(update=fields)
    marks = np.array([1, 0, 1, 1, 0, 0, 1, 0], bool)
    if stored:
        (tmp_path / "correct").mkdir()
        (tmp_path / "correct" / f"{row.id}.bin").write_bytes(np.packbits(marks).tobytes())
    assert ClipMarksReader(store, lambda row: is_clip).fault(row) == fault
