"""Marks of test clips: whether a row has one mark per clip, what is wrong with them, and a reader of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from auxjepa.evidence.statistics.records import MarksFault
from auxjepa.evidence.study_folder.units import as_measured
from auxjepa.rows import MEAN_OF_MARKS, Row, RowStore

FIELD = "marks_each_clip"
"""Field of a benchmark in ``benchmarks.json``: true if every test clip has exactly one mark."""
CLIP_SUITES = ("", "recognition", "physics", "diagnostic", "same_video")
"""Suites of the package that mark every test clip once; they decide for records without :data:`FIELD`."""


def marks_each_clip(record: Mapping[str, Any], row: Row) -> bool:
    """Check whether a row has one mark for each test clip, so that its marks are a sample of clips.

    Many suites mark a clip several times: in episodes, under conditions, or for both directions of retrieval. Older
    folders name the suite only. The oldest folders do not name it; there the number of clips decides.

    Args:
        record: record of the row's benchmark in ``benchmarks.json``; empty where there is none.
        row: one score.
    """
    if isinstance(record.get(FIELD), bool):
        return record[FIELD]
    if "suite" in record:
        return record["suite"] in CLIP_SUITES
    return record.get("n_test") in (None, row.n_test)


def read_marks(store: RowStore, row: Row) -> np.ndarray | None:
    """Return the marks of a row (bool, one per test example), or None where they are missing or cannot be read.

    Args:
        store: the rows and marks of a study folder.
        row: one score.
    """
    with contextlib.suppress(OSError, ValueError):  # damaged marks cost the McNemar test, not the report
        return store.correct(as_measured(row))
    return None


class ClipMarksReader:
    """Reader of marks that are one per clip and that give the score; it returns None for the marks of other rows.

    Tests over examples would otherwise count a clip several times. Marks stay in memory, because every comparison reads
    the reference's marks.

    Args:
        store: the rows and marks of a study folder.
        has_clip_marks: whether a row has one mark per clip.
    """

    def __init__(self, store: RowStore, has_clip_marks: Callable[[Row], bool]) -> None:
        self._store = store
        self._has_clip_marks = has_clip_marks
        self._cache: dict[tuple[str, int], np.ndarray | None] = {}
        self._faults: dict[tuple[str, int], MarksFault | None] = {}

    def __call__(self, row: Row) -> np.ndarray | None:
        """Return the marks of a row (bool, one per test clip), or None.

        Args:
            row: one score.
        """
        key = row.id, row.n_test
        if key not in self._cache:
            is_usable = self._has_clip_marks(row) and not self._store.marks_fault(as_measured(row))
            self._cache[key] = read_marks(self._store, row) if is_usable else None
        return self._cache[key]

    def fault(self, row: Row) -> MarksFault | None:
        """Return what is wrong with the marks of a row; None where they are usable, or where it needs none.

        Args:
            row: one score.
        """
        key = row.id, row.n_test
        if key not in self._faults:
            self._faults[key] = self._read_fault(row)
        return self._faults[key]

    def _read_fault(self, row: Row) -> MarksFault | None:
        if row.metric not in MEAN_OF_MARKS:
            return None
        marks = read_marks(self._store, row)
        if marks is None or not len(marks):
            return "missing" if self._has_clip_marks(row) else None
        return "contradicting" if self._store.marks_fault(row) else None
