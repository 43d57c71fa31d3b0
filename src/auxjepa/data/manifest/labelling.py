"""Joins the rows of labels.csv to scanned files. Each example counts once, contradictory examples are left out, and
every such case is counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from auxjepa.data.errors import ManifestError
from auxjepa.data.manifest.entry import Entry
from auxjepa.data.manifest.labels import LABELS, LabelTable, Row, is_blank, normalise_labels
from auxjepa.data.manifest.scan import Scanned
from auxjepa.data.manifest.spellings import Spellings

_FRAME = re.compile(r"(-?\d{1,18})(\.0*)?", re.ASCII)
LabelledRow = tuple[Row, dict[str, str]]
"""A row, and its normalised labels."""


@dataclass
class LabelledExamples:
    """Examples with their labels.

    Args:
        entries: usable examples, in the order of paths and of the table within a file.
        labels: labels of each example by column, "" for none.
        defects: files and examples that are left out.
        left_out: number of examples that the table lists or the folder holds and that can't be used.
        notes: how odd rows were handled, one line each.
    """

    entries: list[Entry] = field(default_factory=list)
    labels: list[dict[str, str]] = field(default_factory=list)
    defects: list[Scanned] = field(default_factory=list)
    left_out: int = 0
    notes: list[str] = field(default_factory=list)


def join_labels(scanned: Mapping[str, Scanned], table: LabelTable, folder: Path) -> LabelledExamples:
    """Return examples from scanned files and a table of labels.

    A row that repeats another one counts once, and its values fill the empty cells of the first one. Two rows that give
    an example different values of a column contradict each other, and the example is left out.

    Args:
        scanned: record of each file, by name.
        table: rows of labels.csv.
        folder: the folder of the files.

    Raises:
        ManifestError: when a segment isn't within its file.
    """
    joined = LabelledExamples()
    rows, missing, respelled = _by_file(scanned, table, folder)
    repeats: list[str] = []
    contradictions: list[str] = []
    for name in sorted(scanned.keys() | missing.keys()):
        file = scanned.get(name) or missing[name]
        rows_of_file = rows.get(name, [])
        if file.defect:
            joined.defects.append(file)
            joined.left_out += len({(row.start, row.stop) for row, _ in rows_of_file}) or 1
            continue
        for (start, stop), same in _examples(file, rows_of_file, folder / LABELS).items():
            entry = Entry(file, start, stop)
            why = find_contradiction(same)
            if why:
                contradictions.append(f"{entry.name}: {why}")
                joined.defects.append(Scanned(entry.name, file.bytes, file.modified, "", f"{LABELS} gives it {why}"))
                joined.left_out += 1
                continue
            repeats += [f"{entry.name} on lines {same[0][0].line} and {row.line}" for row, _ in same[1:]]
            joined.entries.append(entry)
            joined.labels.append(merge_labels(same, table.columns))
    for cases, description in (
        (respelled, "of its rows spell a path differently from the file"),
        (repeats, "of its rows repeat others and count once"),
        (contradictions, "of its examples have rows that contradict each other, and are left out"),
    ):
        if cases:
            joined.notes.append(f"{LABELS}: {len(cases):,} {description} (the first: {cases[0]})")
    if not table.rows:
        joined.notes.append(f"{LABELS} lists no file")
    return joined


def _by_file(
    scanned: Mapping[str, Scanned], table: LabelTable, folder: Path
) -> tuple[dict[str, list[LabelledRow]], dict[str, Scanned], list[str]]:
    """Return the rows of each file by its name, the listed files that don't exist, and the rows that spell a path
    differently.
    """
    rows: dict[str, list[LabelledRow]] = {}
    missing: dict[str, Scanned] = {}
    respelled: list[str] = []
    spellings = Spellings(scanned, folder)
    labels = normalise_labels(table.columns, [row.labels for row in table.rows])
    for row, labels_of_row in zip(table.rows, labels, strict=True):
        name = spellings.find(row.path)
        if name is None:
            name = spellings.plain(row.path)
            why = f"listed in {LABELS}, but {spellings.why_not(row.path)}"
            missing.setdefault(name, Scanned(name, 0, 0, "", why))
        elif name != spellings.plain(row.path):
            respelled.append(f"line {row.line}: {row.path} is {name}")
        rows.setdefault(name, []).append((row, labels_of_row))
    return rows, missing, respelled


def _examples(file: Scanned, rows: Sequence[LabelledRow], table: Path) -> dict[tuple[int, int], list[LabelledRow]]:
    """Return the rows of a usable file by first frame and stop frame; the whole file if it has no rows."""
    if not rows:
        return {(0, file.frames): []}
    examples: dict[tuple[int, int], list[LabelledRow]] = {}
    for row, labels in rows:
        start, stop = (_frame(value, row, file, table) for value in (row.start, row.stop))
        start, stop = 0 if start is None else start, file.frames if stop is None else stop
        if not 0 <= start < stop <= file.frames:
            why = f"segment {start} … {stop} isn't within its {file.frames} frames"
            raise ManifestError(table, f"line {row.line}: {file.path}: {why}")
        examples.setdefault((start, stop), []).append((row, labels))
    return examples


def _frame(value: str, row: Row, file: Scanned, table: Path) -> int | None:
    """Return a frame number, or None for an empty cell."""
    if is_blank(value):
        return None
    match = _FRAME.fullmatch(value)
    if not match:
        why = f"start and stop must be frame numbers, got {value[:50]!r}"
        raise ManifestError(table, f"line {row.line}: {file.path}: {why}")
    return int(match[1])


def merge_labels(rows: Sequence[LabelledRow], columns: Sequence[str]) -> dict[str, str]:
    """Return the labels of rows that don't contradict each other, by column; "" if no row has one."""
    return {column: next((labels[column] for _, labels in rows if labels[column]), "") for column in columns}


def find_contradiction(rows: Sequence[LabelledRow]) -> str:
    """Return the column in which the rows of one example differ, with its values and lines; "" if they agree."""
    for column in rows[0][1] if rows else ():
        values: dict[str, int] = {}
        for row, labels in rows:
            if labels[column]:
                values.setdefault(labels[column], row.line)
        if len(values) > 1:
            places = " and ".join(f"{value} (line {line})" for value, line in list(values.items())[:3])
            return f"{len(values)} values of {column}: {places}"
    return ""
