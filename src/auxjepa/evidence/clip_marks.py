"""Marks of test clips: whether a row has one mark per clip, and a reader that reads each file once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from auxjepa.rows import Row, RowStore

FIELD = "marks_each_clip"
"""Field of a benchmark in ``benchmarks.json``: true if every test clip has exactly one mark."""
LEGACY_SUITES = ("", "recognition", "physics")
"""Suites that mark every test clip once, for folders that are older than :data:`FIELD`."""


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
        return record["suite"] in LEGACY_SUITES
    return record.get("n_test") in (None, row.n_test)


class ClipMarksReader:
    """Reader of the marks of rows; it returns None where marks are damaged or are not one per clip.

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

    def __call__(self, row: Row) -> np.ndarray | None:
        """Return the marks of a row (bool, one per test clip), or None.

        Args:
            row: one score.
        """
        key = row.id, row.n_test
        if key not in self._cache:
            marks = None
            with contextlib.suppress(OSError, ValueError):  # damaged marks cost the McNemar test, not the report
                marks = self._store.correct(row) if self._has_clip_marks(row) else None
            self._cache[key] = marks
        return self._cache[key]
