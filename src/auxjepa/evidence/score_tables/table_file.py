"""Reads a table from CSV, TSV, Parquet, JSON lines or JSON, with the number of every line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auxjepa.config import ConfigError
from auxjepa.data.manifest.text_files import TextFileError, decode, records, split_off_delimiter

TEXT, PARQUET, LINES, JSON = (".csv", ".tsv", ".txt"), (".parquet", ".pq"), (".jsonl", ".ndjson"), (".json",)
ENDINGS = (*TEXT, *PARQUET, *LINES, *JSON)
"""Endings of files that can be read."""


class TableError(ConfigError):
    """The table of scores is invalid. The message is one line with the fault, its place and what would be right."""


@dataclass(frozen=True)
class Line:
    """One line of a table.

    Args:
        number: number of the line in the file; of the row, from 1, in Parquet and JSON files.
        cells: values by column; None for an empty cell.
    """

    number: int
    cells: dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A table as it is written in a file.

    Args:
        path: the file.
        columns: names of the columns.
        lines: all lines that are not empty.
        word: 'line' or 'row': the name of a line in messages.
    """

    path: Path
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    word: str = "line"

    def error(self, line: Line | None, text: str, column: str = "") -> TableError:
        """Return an error with the place of the fault.

        Args:
            line: the line; None for the complete table.
            text: what is wrong, and what would be right.
            column: the column.
        """
        place = "" if line is None else f" {self.word} {line.number}"
        place += f", column {column!r}" if column and line is not None else f" column {column!r}" if column else ""
        return TableError(f"{self.path}{place}: {text}")


def is_table(path: Path) -> bool:
    """Check whether a path names a file whose ending is that of a table, or any file that exists."""
    return not path.is_dir() and (path.suffix.lower() in ENDINGS or path.is_file())


def read_table(path: Path) -> Table:
    """Read a table of any supported format.

    Args:
        path: the file.

    Raises:
        TableError: if it cannot be read or contains no table.
    """
    ending = path.suffix.lower()
    if not path.exists():
        raise TableError(f"{path}: no such file")
    if ending not in ENDINGS:
        raise TableError(f"{path}: a table of scores ends in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}")
    try:
        table = _read_parquet(path) if ending in PARQUET else _read_text(path, ending)
    except TextFileError as error:
        raise TableError(f"{path}: {error}") from None
    except OSError as error:
        raise TableError(f"{path}: cannot be read: {error.strerror or error}") from None
    if not table.lines:
        raise TableError(f"{path}: the table has no line with scores")
    return table


def _read_text(path: Path, ending: str) -> Table:
    text = decode(path.read_bytes())
    if ending in TEXT:
        return _read_separated(path, text, tabs=ending == ".tsv")
    word, numbered = ("line", _json_lines(path, text)) if ending in LINES else ("row", _json_list(path, text))
    lines = tuple(Line(number, _flat(cells)) for number, cells in numbered)
    columns = dict.fromkeys(name for line in lines for name in line.cells)
    return Table(path, tuple(columns), tuple(line for line in lines if any(map(_is_full, line.cells.values()))), word)


def _read_separated(path: Path, text: str, tabs: bool) -> Table:
    head = next((line for line in text.splitlines() if line.strip() and not line.lower().startswith("sep=")), "")
    delimiter, remaining = split_off_delimiter(text, ())
    if remaining == text:  # no line `sep=` names the delimiter
        delimiter = "\t" if tabs else max((",", ";", "\t"), key=head.count)
    rows = iter(records(remaining, delimiter))
    first = next(rows, None)
    if first is None:
        raise TableError(f"{path}: the file is empty: its first line names the columns")
    names = list(first.cells)
    while names and not names[-1]:  # spreadsheets write empty columns at the end
        names.pop()
    names = ["" if i == 0 and not name else name for i, name in enumerate(names)]
    # pandas writes its index as a first column without a name.
    if "" in names[1:]:
        raise TableError(f"{path}: the first line gives column {names.index('', 1) + 1} no name")
    for name in names:
        if names.count(name) > 1:
            raise TableError(f"{path}: the first line names {name!r} twice: rename one of them")
    lines = []
    for row in rows:
        if len(row.cells) < len(names) or any(row.cells[len(names) :]):
            n, hint = len(row.cells), ""
            if delimiter == "," and len(row.cells) > len(names):
                hint = " (decimal commas? write 83.1, not 83,1)"
            raise TableError(
                f"{path} line {row.line}: {n} values instead of {len(names)}, which the first line names{hint}"
            )
        lines.append(Line(row.line, {name: cell or None for name, cell in zip(names, row.cells, strict=False) if name}))
    return Table(path, tuple(name for name in names if name), tuple(lines))


def _json_lines(path: Path, text: str) -> Iterable[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            content = json.loads(line)
        except ValueError:
            raise TableError(f"{path} line {number}: is not JSON: write one object in braces a line") from None
        if not isinstance(content, dict):
            raise TableError(f"{path} line {number}: is no object: write keys and values in braces") from None
        yield number, content


def _json_list(path: Path, text: str) -> Iterable[tuple[int, dict[str, Any]]]:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise TableError(f"{path}: is not JSON ({error}); one object a line belongs into a .jsonl file") from None
    if isinstance(content, dict) and isinstance(content.get("columns"), list) and isinstance(content.get("data"), list):
        names = [str(name) for name in content["columns"]]
        rows = [row if isinstance(row, list) else [] for row in content["data"]]
        for number, row in enumerate(rows, start=1):
            if len(row) != len(names):
                raise TableError(f"{path} row {number}: {len(row)} values instead of {len(names)}")
        content = [dict(zip(names, row, strict=True)) for row in rows]
    if not isinstance(content, list) or not all(isinstance(one, dict) for one in content):
        raise TableError(f"{path}: is no list of objects with keys and values")
    return enumerate(content, start=1)


def _read_parquet(path: Path) -> Table:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise TableError(f"{path}: Parquet needs pyarrow: pip install 'auxjepa[parquet]'") from None
    try:
        content = pq.read_table(path)
    except (pa.ArrowException, ValueError) as error:
        raise TableError(f"{path}: is no Parquet file ({str(error).splitlines()[0]})") from None
    names = [str(name) for name in content.column_names]
    if len(set(names)) < len(names):
        raise TableError(f"{path}: two columns have the same name")
    lines = (Line(number, _flat(cells)) for number, cells in enumerate(content.to_pylist(), start=1))
    full = tuple(line for line in lines if any(map(_is_full, line.cells.values())))
    columns = dict.fromkeys(name for line in full for name in line.cells)
    return Table(path, tuple(columns or names), full, "row")


def _flat(cells: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Return cells with the keys of objects inside objects joined by dots."""
    flat: dict[str, Any] = {}
    for key, value in cells.items():
        name = f"{before}{key}".strip()
        if isinstance(value, dict):
            flat |= _flat(value, f"{name}.")
        else:
            flat[name] = (value.strip() or None) if isinstance(value, str) else value
    return flat


def _is_full(value: Any) -> bool:
    return value is not None
