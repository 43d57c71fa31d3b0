"""Reads the table of labels in a folder of videos, ``labels.csv``: ``path``, optional ``start`` and ``stop``, and any
other columns.

Labels are text or whole numbers. An empty cell, NaN, -1 and, among numbers, "none" mean that there is no label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from auxjepa.data.errors import ManifestError
from auxjepa.data.manifest.text_files import TextFileError, decode, has_bytes, not_utf8, records, split_off_delimiter

LABELS = "labels.csv"
_PLACES = ("path", "start", "stop")
_NO_LABEL = ("nan", "null", "n/a", "#n/a", "<na>")
_NO_NUMBER = ("none", "na")  # in columns of text these can be names of classes
_DIGITS = 18  # what an int64 holds
_WHOLE = re.compile(r"(\d{1,18})\.0*", re.ASCII)  # whole numbers in the form of floats
_NUMBER = re.compile(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?", re.ASCII)
_MINUS_ONE = re.compile(r"-1(\.0*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    Args:
        line: its number, from 1.
        path: as written.
        start: first frame as written, "" for the beginning of the file.
        stop: last frame plus one as written, "" for the end of the file.
        labels: values as written, by column.
    """

    line: int
    path: str
    start: str
    stop: str
    labels: dict[str, str]


@dataclass(frozen=True)
class LabelTable:
    """The names of the label columns, and the rows in the order written."""

    columns: list[str]
    rows: list[Row]


def read_labels(table: Path) -> LabelTable:
    """Read a table of labels. Commas, semicolons or tabs separate its values.

    Raises:
        ManifestError: when the file can't be read, isn't such a table, has no column ``path``, names a column twice, or
            has a line with too many or too few values. The message names the line.
    """
    try:
        text = decode(table.read_bytes(), keep_bytes=True)
        delimiter, text = split_off_delimiter(text, ("path",))
        lines = iter(records(text, delimiter))
        head = next(lines, None)
        names = _header(head.cells if head else ())
        rows = [_row(line.line, _filled(line.line, line.cells, len(names)), names, table) for line in lines]
    except TextFileError as error:
        raise ManifestError(table, str(error)) from None
    except OSError as error:
        raise ManifestError(table, f"cannot be read: {error.strerror}") from None
    return LabelTable([name for name in names if name not in _PLACES], rows)


def number_labels(
    columns: Sequence[str], rows: Sequence[Mapping[str, str]]
) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    """Return labels as integers by column, int64 ``[rows]``, and the values of each column.

    A column of whole numbers keeps them (see :func:`are_numbers`). Other values are numbered in alphabetic order. -1
    means no label.

    Args:
        columns: names of the label columns.
        rows: values as written, by column; see :func:`meanings`.
    """
    return number_meanings(columns, normalise_labels(columns, rows))


def normalise_labels(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return the normalised labels of each row, "" for none; see :func:`meanings`."""
    meaning = {column: meanings(row.get(column, "") for row in rows) for column in columns}
    return [{column: meaning[column][row.get(column, "")] for column in columns} for row in rows]


def number_meanings(
    columns: Sequence[str], rows: Sequence[Mapping[str, str]]
) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    """Return what :func:`number_labels` returns, for rows of :func:`normalise_labels`."""
    labels, classes = {}, {}
    for column in columns:
        written = [row.get(column, "") for row in rows]
        values = sorted(set(written) - {""})
        whole = are_numbers(values)
        number = {value: int(value) if whole else place for place, value in enumerate(values)}
        labels[column] = np.array([number.get(value, -1) for value in written], dtype=np.int64)
        classes[column] = tuple(sorted(values, key=int) if whole else values)
    return labels, classes


def meanings(written: Iterable[str]) -> dict[str, str]:
    """Return the label that each value of a column denotes, by the value; "" for no label.

    NaN and null are no labels. In a column of whole numbers, "none" and "na" are no labels, and 3.0 is 3. -1 is no
    label either, unless the column holds other numbers that aren't classes (-2, 0.5): then it is a value like them.
    """
    values = set(written)
    blank = set(filter(is_blank, values))
    minus = {value for value in values if _MINUS_ONE.fullmatch(value)}
    remaining = values - blank - minus
    whole = {v: match[1] if (match := _WHOLE.fullmatch(v)) else v for v in remaining if v.lower() not in _NO_NUMBER}
    if whole and are_whole(whole.values()):
        return {value: whole.get(value, "") for value in values}
    if any(_NUMBER.fullmatch(value) and not are_whole([value]) for value in whole.values()):
        minus = set()
    return {value: "" if value in blank | minus else value for value in values}


def is_blank(value: str) -> bool:
    """Check whether a cell is empty or means a missing value."""
    return not value or value.lower() in _NO_LABEL


def are_whole(values: Iterable[str]) -> bool:
    """Check whether all values are whole numbers that fit into a label."""
    return all(value.isdecimal() and len(value) <= _DIGITS for value in values)


def are_numbers(values: Sequence[str]) -> bool:
    """Check whether all values are whole numbers and no two of them are equal (as 1 and 01 are)."""
    return are_whole(values) and len({int(value) for value in values}) == len(values)


def _header(cells: Sequence[str]) -> list[str]:
    """Return the names of the columns; ``path``, ``start`` and ``stop`` in small letters."""
    if not cells:
        raise TextFileError("the file is empty: its first line must name a column 'path', and columns of labels")
    names = [cell.lower() if cell.lower() in _PLACES else cell for cell in cells]
    while names and not names[-1]:  # spreadsheets write empty columns at the end
        names.pop()
    if "path" not in names:
        raise TextFileError(f"the first line must name a column 'path', it names {list(cells)[:20]}")
    if "" in names:
        raise TextFileError(f"the first line gives column {names.index('') + 1} no name")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        places = " and ".join(str(place) for place, name in enumerate(names, start=1) if name == twice)
        raise TextFileError(f"the first line names {twice!r} twice (columns {places}): rename one of them")
    for name in names:
        if has_bytes(name):
            raise not_utf8(1, name)
    return names


def _filled(line: int, cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    """Return the cells of the columns. Further cells must be empty."""
    if len(cells) < width or any(cells[width:]):
        raise TextFileError(
            f"line {line} has {len(cells)} value{'s' * (len(cells) != 1)} instead of {width}; "
            f"the first line names {width} columns"
        )
    return cells[:width]


def _row(line: int, cells: tuple[str, ...], names: Sequence[str], table: Path) -> Row:
    values = dict(zip(names, cells, strict=True))
    path = values.pop("path")
    if not path:
        raise TextFileError(f"line {line} names no path")
    for name, value in values.items():
        if has_bytes(value):
            raise not_utf8(line, value)
        if name in _PLACES and any(letter in value for letter in "\r\n"):
            raise TextFileError(f"line {line}: {name} spans several lines; a quote may not be closed")
    if (has_bytes(path) or "\n" in path or "\r" in path) and not _exists(table.parent / path):
        if has_bytes(path):
            raise not_utf8(line, path)
        raise TextFileError(f"line {line}: the path spans several lines; a quote may not be closed")
    return Row(line, path, values.pop("start", ""), values.pop("stop", ""), values)


def _exists(path: Path) -> bool:
    try:
        return path.is_symlink() or path.exists()
    except (OSError, ValueError):
        return False
