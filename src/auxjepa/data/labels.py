"""The table of labels beside the videos, ``labels.csv``: ``path``, ``start`` and ``stop`` if need be, any columns."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from auxjepa.data.errors import ManifestError

LABELS = "labels.csv"
_NOT_LABELS = ("path", "start", "stop")
_DIGITS = 18  # what an int64 holds


def read_labels(table: Path) -> tuple[list[str], dict[str, list[dict[str, str]]]]:
    """The names of the label columns, and the rows by path in the order written.

    Raises:
        ManifestError: when the table has no column ``path``, or a line has too many or too few values.
    """
    with table.open(newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
        reader = csv.DictReader(file)
        header = list(reader.fieldnames or [])
        if "path" not in header:
            raise ManifestError(table, f"the first line must name a column 'path', it names {header}")
        rows: dict[str, list[dict[str, str]]] = {}
        for row in reader:
            if None in row or None in row.values():
                raise ManifestError(table, f"line {reader.line_num} has not {len(header)} values")
            rows.setdefault(Path(row["path"]).as_posix(), []).append(row)
    return [name for name in header if name not in _NOT_LABELS], rows


def are_numbers(values: Sequence[str]) -> bool:
    """Whether values are whole numbers that an int64 holds, no two of them the same (as 1 and 01 are)."""
    whole = all(value.isdecimal() and len(value) <= _DIGITS for value in values)
    return whole and len({int(value) for value in values}) == len(values)


def number_labels(
    columns: Sequence[str], rows: Sequence[dict[str, str]]
) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    """Labels as integers by column, int64 ``[rows]``, and the values of each column as written.

    A column of whole numbers keeps them (see :func:`are_numbers`); other values are numbered in alphabetic order; an
    empty or absent one is -1.
    """
    labels, classes = {}, {}
    for column in columns:
        written = [row.get(column, "") for row in rows]
        values = sorted(set(written) - {""})
        whole = are_numbers(values)
        number = {value: int(value) if whole else place for place, value in enumerate(values)}
        labels[column] = np.array([number.get(value, -1) for value in written], dtype=np.int64)
        classes[column] = tuple(sorted(values, key=int) if whole else values)
    return labels, classes
