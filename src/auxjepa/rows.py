"""The results store: one JSON line per score, appended and never rewritten, and files of per-example correctness.

Layout of a study folder::

    study.yaml            the resolved study
    rows.jsonl            one Row per line
    correct/ID.bin        packed bits, one per test example, in the order of the benchmark's test split
    runs/HASH/            one pretraining run (config.yaml, metrics.jsonl, checkpoint, summary.json)

This module imports no torch: the report and the statistics read rows through it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from auxjepa.files import append_lines, write_bytes
from auxjepa.lists import shorten_list
from auxjepa.modules import make_callable
from auxjepa.row import CONTROLS, ENCODER_CONTROLS, MEAN_OF_MARKS, Control, Row, ScoredControl
from auxjepa.sealed import first_line

__all__ = [
    "CONTROLS",
    "ENCODER_CONTROLS",
    "MEAN_OF_MARKS",
    "Control",
    "Reading",
    "Row",
    "RowStore",
    "ScoredControl",
    "encoding_of",
    "read_rows",
]

ROUNDING = 0.05
"""Largest difference, in points, between a score with one decimal and the mean of its marks."""


@dataclass(frozen=True)
class Reading:
    """The rows of a file, and the lines that were left out.

    Args:
        rows: rows in the order of the file, each id once.
        unreadable: number of each line that can't be read, and the reason.
        contradictions: a row, its line, and the line and score of a later row with the same id and another score.
        cut: whether the last line is incomplete, as after a kill.
    """

    rows: tuple[Row, ...]
    unreadable: tuple[tuple[int, str], ...] = ()
    contradictions: tuple[tuple[Row, int, int, float], ...] = ()
    cut: bool = False

    @property
    def notes(self) -> list[str]:
        """Return one line for each kind of line that was left out."""
        out = []
        if self.unreadable:
            lines = "line is" if len(self.unreadable) == 1 else "lines are"
            listed = _shorten([f"line {number} ({why})" for number, why in self.unreadable])
            out.append(f"rows.jsonl: {len(self.unreadable)} {lines} left out, which can't be read: {listed}")
        if self.contradictions:
            listed = _shorten(
                [
                    f"{row.name}: {row.score:.6g} on line {a}, {other:.6g} on line {b}"
                    for row, a, b, other in self.contradictions
                ]
            )
            kind = "score contradicts" if len(self.contradictions) == 1 else "scores contradict"
            out.append(
                f"rows.jsonl: {len(self.contradictions)} {kind} an earlier one of the same run, which is used: {listed}"
            )
        if self.cut:
            out.append("rows.jsonl: the last line was cut short, as by a kill; the same command scores it again")
        return out


def read_rows(data: bytes) -> Reading:
    """Return the rows in the bytes of ``rows.jsonl``, in any Unicode encoding and with any line ends.

    A row with the ``id`` of an earlier row is left out. An incomplete line counts as unreadable unless it is the last
    one, or its score was written again.
    """
    rows: dict[str, tuple[Row, int]] = {}
    unreadable, contradictions, shortened = [], [], []
    encoding = encoding_of(data[:4])
    lines = re.split(r"\r\n|\n|\r", data.decode(encoding, errors="replace"))
    for number, line in enumerate(lines, start=1):
        text = line.strip("\ufeff \t\0")
        if not text:
            continue
        try:
            row = _parsed(text)
        except ValueError as error:
            (shortened if "EOF while parsing" in str(error) else unreadable).append((number, text, str(error)))
            continue
        first, where = rows.setdefault(row.id, (row, number))
        if (first.score, first.n_test) != (row.score, row.n_test):
            contradictions.append((first, where, number, row.score))
    kept = tuple(row for row, _ in rows.values())
    written = [json.dumps(row.model_dump(mode="json")).replace(" ", "") for row in kept] if shortened else []
    for number, text, why in shortened:
        identity = text.partition('"score"')[0].replace(" ", "")
        if number < len(lines) and not any(line.startswith(identity) for line in written):
            unreadable.append((number, text, why))
    cut = bool(shortened) and shortened[-1][0] == len(lines)
    return Reading(kept, tuple((number, why) for number, _, why in sorted(unreadable)), tuple(contradictions), cut)


def _parsed(text: str) -> Row:
    """Return the row of a line.

    Raises:
        ValueError: if it isn't a row; the message is the reason in one line.
    """
    if "\N{REPLACEMENT CHARACTER}" in text:
        raise ValueError("bytes that aren't text")
    try:
        return Row.model_validate_json(text, strict=True)
    except ValidationError as error:
        if error.errors()[0]["loc"] == ("schema_version",):
            raise ValueError("a row of another version of auxjepa") from None
        raise ValueError(first_line(error).removeprefix("content: ")) from None


def encoding_of(head: bytes) -> str:
    """Return the Unicode encoding of a JSON text from its first bytes (at most four)."""
    return json.detect_encoding(head)


class RowStore:
    """The append-only rows of one study folder. Several processes may write to it, and a kill at any time is safe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "rows.jsonl"

    def append(self, row: Row, correct: np.ndarray | None = None) -> None:
        """Write a row and its marks.

        Marks are written first, to a separate file, so that no row lacks them. If the store already holds a row with
        the same ``id`` and with marks, the new row is not written.

        Args:
            row: the row.
            correct: bool, one mark per test example; None without marks.

        Raises:
            ValueError: if a field has an impossible value (a score that isn't a number), if there are more or fewer
                marks than test examples, or if ``rows.jsonl`` isn't UTF-8.
            WriteError: if the disk is full.
        """
        try:
            row = Row.model_validate(row.model_dump())  # a copy with changes (model_copy) hasn't been checked
        except ValidationError as error:
            raise ValueError(f"{row.variant} seed {row.seed} on {row.benchmark}: {first_line(error)}") from None
        self.check_encoding()
        self.folder.mkdir(parents=True, exist_ok=True)
        if correct is not None:
            if correct.shape != (row.n_test,):
                raise ValueError(f"{row.benchmark}: {len(correct)} marks for {row.n_test} test examples")
            target = self._correct_path(row)
            if target.exists() and any(row.id == other.id for other in self):
                return
            write_bytes(target, np.packbits(correct.astype(bool)).tobytes(), durable=True)
        append_lines(self.path, [row.model_dump(mode="json")], durable=True)

    def __iter__(self) -> Iterator[Row]:
        """Iterate over the rows in the order of the file, without unreadable lines and repeated ids."""
        return iter(self.read().rows)

    def read(self) -> Reading:
        """Return the rows, and the lines that were left out."""
        return read_rows(self.path.read_bytes() if self.path.exists() else b"")

    def check_encoding(self) -> None:
        """Check that rows can be appended to the file.

        Raises:
            ValueError: if another program has saved it in another encoding than UTF-8.
        """
        if self.path.exists():
            with self.path.open("rb") as file:
                encoding = encoding_of(file.read(4))
            if encoding not in ("utf-8", "utf-8-sig"):
                raise ValueError(f"{self.path} is {encoding}, and rows are appended as UTF-8: save it as UTF-8 first")

    def correct(self, row: Row) -> np.ndarray | None:
        """Return the per-example correctness of a row (bool, ``n_test``), or None if the row has no marks.

        Raises:
            ValueError: if the file doesn't have one mark per test example.
            OSError: if it can't be read.
        """
        path = self._correct_path(row)
        if not path.exists():
            return None
        size, expected = path.stat().st_size, -(-row.n_test // 8)
        if size != expected:
            raise ValueError(f"{size:,} bytes instead of {expected:,}")
        bits = np.unpackbits(np.frombuffer(path.read_bytes(), np.uint8)).astype(bool)
        if bits[row.n_test :].any():
            raise ValueError("there are marks after the last test example")
        return bits[: row.n_test]

    def marks_fault(self, row: Row) -> str:
        """Return why the marks of a row are unreliable; '' if they are reliable, or if the row has none."""
        try:
            marks = self.correct(row)
        except ValueError as error:
            return str(error)
        except OSError as error:
            return error.strerror or type(error).__name__
        if marks is None or row.metric not in MEAN_OF_MARKS or not len(marks):
            return ""
        mean, n = 100 * float(marks.mean()), len(marks)
        # A score that is rounded to one decimal equals this mean, but a score that is half a mark away doesn't.
        if abs(mean - row.score) > min(ROUNDING, 50 / n) + 1e-9:
            return f"{mean:.4g} % of the marks are right, the score is {row.score:.4g}"
        return ""

    def notes(self, rows: Sequence[Row] | None = None) -> list[str]:
        """Return one line for each kind of omission: lines, contradicting scores, marks.

        Args:
            rows: rows whose marks are checked; all rows of the store when None.
        """
        reading = self.read()
        faults = [(row, fault) for row in rows or reading.rows if (fault := self.marks_fault(row))]
        out = list(reading.notes)
        if faults:
            listed = _shorten([f"{row.name} ({fault})" for row, fault in faults])
            kept = f"{len(faults)} of {len(rows or reading.rows)} scores"
            out.append(f"correct/: the marks of {kept} are left out, the scores are kept: {listed}")
        return out

    def _correct_path(self, row: Row) -> Path:
        return self.folder / "correct" / f"{row.id}.bin"


def _shorten(lines: Sequence[str]) -> str:
    return shorten_list(lines, 4, "; ")


make_callable(__name__, "read_rows")
