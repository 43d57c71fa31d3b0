"""Turns wide tables into entries: a column with variants, and one column a benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auxjepa.config import hint
from auxjepa.evidence.score_tables.cells import number
from auxjepa.evidence.score_tables.columns import Entries, Entry, normalised, unused
from auxjepa.evidence.score_tables.reading_options import ReadingOptions
from auxjepa.evidence.score_tables.table_file import Line, Table
from auxjepa.lists import shorten_list
from auxjepa.metric_words import COSTS, SETTINGS, words_of

PERCENT_WORDS = ("%", "percent", "pct")
"""Units in brackets at the end of a column's name that mean percent."""


def without_percent(name: str) -> str | None:
    """Return a column's name without "(%)" at its end; None if it doesn't end so.

    Args:
        name: name of the column, such as ``top-1 (%)`` or ``SSv2 [percent]``.
    """
    for opening, closing in ("()", "[]"):
        head, bracket, unit = name.rpartition(opening)
        if bracket and unit.endswith(closing) and unit[:-1].strip().lower() in PERCENT_WORDS:
            return head.strip()
    return None


def wide_entries(table: Table, options: ReadingOptions, fields: Mapping[str, str]) -> Entries:
    """Return the entries of a wide table: a column with variants, and one column a benchmark.

    Args:
        table: the table.
        options: settings of the reading.
        fields: column of each field.

    Raises:
        TableError: if no column is a benchmark.
    """
    others = [name for name in table.columns if name not in fields.values()]
    check_benchmarks(table, options, table.columns)
    if options.benchmarks:
        columns = list(options.benchmarks)
    else:
        others = [name for name in others if normalised(name) not in SETTINGS and not words_of(name) & COSTS]
        for name in others:
            _refuse_percent_signs(table, name)
        columns = [name for name in others if any(is_number(line.cells.get(name)) for line in table.lines)]
    if not columns:
        raise table.error(
            None,
            "no score: a long table has the columns variant, seed, benchmark and score; a wide one has variant, seed "
            f"and a column of numbers for each benchmark (columns: {', '.join(table.columns)})",
        )
    fields = {key: column for key, column in fields.items() if column not in columns}
    notes = [f"The table is read as a wide one: {shorten_list(columns, 8)} are benchmarks."]
    notes += unused(table, [*fields.values(), *columns])
    entries = [e for line in table.lines for e in line_entries(line, fields, dict.fromkeys(columns, ""))]
    return Entries(entries, notes, "seed" in fields)


def _refuse_percent_signs(table: Table, column: str) -> None:
    """Check that a column doesn't hold numbers with a percent sign, which would be left out as texts.

    Raises:
        TableError: for the first such cell.
    """
    for line in table.lines:
        value = line.cells.get(column)
        if isinstance(value, str) and value.strip().endswith("%") and is_number(value.strip()[:-1].strip()):
            try:
                number(value)
            except ValueError as error:
                raise table.error(line, str(error), column) from None


def line_entries(line: Line, fields: Mapping[str, str], labels: Mapping[str, str]) -> list[Entry]:
    """Return one entry for each benchmark of a line.

    Args:
        line: the line.
        fields: column of each field.
        labels: name of the benchmark of each column; empty for the name of the column.
    """
    entries = []
    for column, label in labels.items():
        cells = {key: line.cells.get(place) for key, place in fields.items() if key not in ("benchmark", "score")}
        name, bare = label or column, without_percent(label or column)
        if bare is not None and "unit" not in fields:
            name, cells["unit"] = bare or name, "%"
        cells |= {"benchmark": name, "score": line.cells.get(column)}
        entries.append(Entry(line, cells, {**fields, "score": column, "benchmark": column}))
    return entries


def check_benchmarks(table: Table, options: ReadingOptions, names: Sequence[str]) -> None:
    """Check that ``--benchmarks`` names benchmarks of the table.

    Args:
        table: the table.
        options: settings of the reading.
        names: names that are allowed.

    Raises:
        TableError: for the first other name.
    """
    for name in options.benchmarks:
        if name not in names:
            raise table.error(None, f"no benchmark {name!r} (--benchmarks){hint(name, names)}")


def is_number(value: Any) -> bool:
    """Check whether a cell holds a number."""
    try:
        return number(value) is not None and not isinstance(value, bool)
    except ValueError:
        return False
