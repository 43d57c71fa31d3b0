"""Joins the rows of labels.csv to scanned files: each example once, contradictions left out, everything counted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from auxjepa.data.errors import ManifestError
from auxjepa.data.manifest.entry import Entry
from auxjepa.data.manifest.labels import LABELS, LabelTable, Row, as_meant, is_blank
from auxjepa.data.manifest.scan import Scanned
from auxjepa.data.manifest.spellings import Spellings

_FRAME = re.compile(r"(-?\d{1,18})(\.0*)?", re.ASCII)
Labelled = tuple[Row, dict[str, str]]
"""A row, and its labels as they are meant."""


@dataclass
class Joined:
    """Examples with their labels.

    Args:
        entries: sound examples, in the order of paths and of the table within a file.
        labels: of each, by column, "" for none.
        defects: files and examples left out.
        left_out: examples that the table lists or the folder holds, and that can't be used.
        notes: what was done about odd rows, a line each.
    """

    entries: list[Entry] = field(default_factory=list)
    labels: list[dict[str, str]] = field(default_factory=list)
    defects: list[Scanned] = field(default_factory=list)
    left_out: int = 0
    notes: list[str] = field(default_factory=list)


def join_labels(scanned: Mapping[str, Scanned], table: LabelTable, folder: Path) -> Joined:
    """Examples from scanned files and a table of labels.

    A row that repeats another one counts once, and fills the cells that are empty in that. Two rows that give an
    example different values of a column contradict each other: the example is left out.

    Args:
        scanned: what is in each file, by name.

    Raises:
        ManifestError: when a segment isn't within its file.
    """
    joined = Joined()
    rows, absent, otherwise = _by_file(scanned, table, folder)
    repeats: list[str] = []
    contradictions: list[str] = []
    for name in sorted(scanned.keys() | absent.keys()):
        one = scanned.get(name) or absent[name]
        mine = rows.get(name, [])
        if one.defect:
            joined.defects.append(one)
            joined.left_out += len({(row.start, row.stop) for row, _ in mine}) or 1
            continue
        for (start, stop), same in _examples(one, mine, folder / LABELS).items():
            entry = Entry(one, start, stop)
            why = contradiction(same)
            if why:
                contradictions.append(f"{entry.name}: {why}")
                joined.defects.append(Scanned(entry.name, one.bytes, one.modified, "", f"{LABELS} gives it {why}"))
                joined.left_out += 1
                continue
            repeats += [f"{entry.name} on lines {same[0][0].line} and {row.line}" for row, _ in same[1:]]
            joined.entries.append(entry)
            joined.labels.append(merged(same, table.columns))
    for cases, told in (
        (otherwise, "of its rows spell a path otherwise than the file"),
        (repeats, "of its rows repeat others and count once"),
        (contradictions, "of its examples have rows that contradict each other, and are left out"),
    ):
        if cases:
            joined.notes.append(f"{LABELS}: {len(cases):,} {told} (the first: {cases[0]})")
    if not table.rows:
        joined.notes.append(f"{LABELS} lists no file")
    return joined


def _by_file(
    scanned: Mapping[str, Scanned], table: LabelTable, folder: Path
) -> tuple[dict[str, list[Labelled]], dict[str, Scanned], list[str]]:
    """The rows of each file by its name, the files that aren't there, and the paths that are spelled otherwise."""
    rows: dict[str, list[Labelled]] = {}
    absent: dict[str, Scanned] = {}
    otherwise: list[str] = []
    spellings = Spellings(scanned, folder)
    labels = as_meant(table.columns, [row.labels for row in table.rows])
    for row, own in zip(table.rows, labels, strict=True):
        name = spellings.find(row.path)
        if name is None:
            name = spellings.plain(row.path)
            why = f"listed in {LABELS}, but {spellings.why_not(row.path)}"
            absent.setdefault(name, Scanned(name, 0, 0, "", why))
        elif name != spellings.plain(row.path):
            otherwise.append(f"line {row.line}: {row.path} is {name}")
        rows.setdefault(name, []).append((row, own))
    return rows, absent, otherwise


def _examples(one: Scanned, rows: Sequence[Labelled], table: Path) -> dict[tuple[int, int], list[Labelled]]:
    """The rows of a sound file by first and last-plus-one frame; the whole file where it has none."""
    if not rows:
        return {(0, one.frames): []}
    found: dict[tuple[int, int], list[Labelled]] = {}
    for row, own in rows:
        start, stop = (_frame(value, row, one, table) for value in (row.start, row.stop))
        start, stop = 0 if start is None else start, one.frames if stop is None else stop
        if not 0 <= start < stop <= one.frames:
            why = f"segment {start} … {stop} isn't within its {one.frames} frames"
            raise ManifestError(table, f"line {row.line}: {one.path}: {why}")
        found.setdefault((start, stop), []).append((row, own))
    return found


def _frame(value: str, row: Row, one: Scanned, table: Path) -> int | None:
    """A frame number; None where none is given."""
    if is_blank(value):
        return None
    match = _FRAME.fullmatch(value)
    if not match:
        why = f"start and stop must be frame numbers, got {value[:50]!r}"
        raise ManifestError(table, f"line {row.line}: {one.path}: {why}")
    return int(match[1])


def merged(rows: Sequence[Labelled], columns: Sequence[str]) -> dict[str, str]:
    """The labels of rows that don't contradict each other, by column; "" where none has one."""
    return {column: next((own[column] for _, own in rows if own[column]), "") for column in columns}


def contradiction(rows: Sequence[Labelled]) -> str:
    """The column in which rows of one example differ, with its values and lines; "" where they agree."""
    for column in rows[0][1] if rows else ():
        values: dict[str, int] = {}
        for row, own in rows:
            if own[column]:
                values.setdefault(own[column], row.line)
        if len(values) > 1:
            told = " and ".join(f"{value} (line {line})" for value, line in list(values.items())[:3])
            return f"{len(values)} values of {column}: {told}"
    return ""
