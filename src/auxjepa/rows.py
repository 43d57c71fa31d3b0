"""The results store: one JSON line a score, appended, never rewritten; per-example correctness beside it.

Layout of a study folder::

    study.yaml            the resolved study
    rows.jsonl            one Row a line
    correct/ID.bin        packed bits, one per test example, in the order of the benchmark's test split
    runs/HASH/            one pretraining run (config.yaml, metrics.jsonl, checkpoint, summary.json)

This module imports no torch: the report and the statistics read rows through it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from pydantic import Field, ValidationError, field_validator, model_validator

from auxjepa.config import Typed
from auxjepa.files import append_lines, write_bytes
from auxjepa.lists import shorten_list
from auxjepa.sealed import first_line

Control = Literal["random_init", "raw_pixels", "majority", "chance"]
CONTROLS: tuple[Control, ...] = get_args(Control)
LARGEST = 1e9
"""No score and no part of one is larger; numbers beyond it are damage, and overflow what is reckoned from them."""
MOST_EXAMPLES, MOST_COST = 10**10, 1e12
MEAN_OF_MARKS = ("top1", "mean_top1")
"""Metrics whose score is the share of marks that are right, in percent."""
ROUNDING = 0.05
"""Points by which a score of one decimal may differ from the mean of its marks."""


class Row(Typed):
    """One score: a frozen encoder (or a control) under one protocol on one benchmark."""

    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {"parts": {}}

    schema_version: Literal[1] = 1
    run: str = Field(description="content hash of the pretraining run; the control's name for controls without one")
    variant: str
    regime: str
    seed: int = Field(ge=0)
    control: Control | None = None
    benchmark: str
    benchmark_hash: str
    protocol: str
    protocol_hash: str
    metric: str = "top1"
    score: float = Field(ge=-LARGEST, le=LARGEST, description="in percent for accuracies")
    validation: float | None = Field(
        default=None, ge=-LARGEST, le=LARGEST, description="the metric on the clips that were selected on"
    )
    n_test: int = Field(ge=0, le=MOST_EXAMPLES)
    n_classes: int = Field(ge=0, le=MOST_EXAMPLES)
    selected: dict[str, float | int | str] = Field(default={}, description="hyperparameters chosen on validation")
    parts: dict[str, float] = Field(default={}, description="what the score is the mean or the difference of, by name")
    seconds: float = Field(default=0.0, ge=0, le=MOST_COST)
    cpu_seconds: float = Field(default=0.0, ge=0, le=MOST_COST)
    peak_memory_mb: float = Field(default=0.0, ge=0, le=MOST_COST)
    created: str = ""
    versions: dict[str, str] = Field(default={}, description="package: version")

    @field_validator("run", "variant", "regime", "benchmark", "protocol", "metric")
    @classmethod
    def _printable(cls, name: str) -> str:
        """Names are printed in terminals, pages and tables."""
        if not name.isprintable():
            raise ValueError("a name with characters that can't be printed")
        return name

    @field_validator("parts")
    @classmethod
    def _possible(cls, parts: dict[str, float]) -> dict[str, float]:
        for name, value in parts.items():
            if abs(value) > LARGEST:
                raise ValueError(f"{name[:40]!r} is larger than any part of a score")
        return parts

    @model_validator(mode="after")
    def _share(self) -> Row:
        if self.metric in MEAN_OF_MARKS and not 0 <= self.score <= 100:
            raise ValueError(f"{self.metric} is a share in percent, {self.score:g} is none")
        return self

    @property
    def name(self) -> str:
        """Which score this is, for people."""
        return f"{self.variant} seed {self.seed} on {self.benchmark}"

    @property
    def id(self) -> str:
        """Name of the row, unique in a study: what was scored, on what, how."""
        return Typed.digest(self, exclude=_NOT_IDENTITY)


_IDENTITY = {"run", "variant", "regime", "seed", "control", "benchmark", "benchmark_hash", "protocol_hash", "metric"}
_NOT_IDENTITY = set(Row.model_fields) - _IDENTITY


@dataclass(frozen=True)
class Reading:
    """The rows of a file, and what was left out.

    Args:
        rows: in the order written, each id once.
        unreadable: number of each line that can't be read, and why.
        twins: a row, its line, and the line and score of a later row of the same id with another score.
        cut: whether the last line was cut short, as a kill leaves it.
    """

    rows: tuple[Row, ...]
    unreadable: tuple[tuple[int, str], ...] = ()
    twins: tuple[tuple[Row, int, int, float], ...] = ()
    cut: bool = False

    @property
    def notes(self) -> list[str]:
        """What was left out, one line each."""
        out = []
        if self.unreadable:
            lines = "line is" if len(self.unreadable) == 1 else "lines are"
            named = _shorten([f"line {number} ({why})" for number, why in self.unreadable])
            out.append(f"rows.jsonl: {len(self.unreadable)} {lines} left out, which can't be read: {named}")
        if self.twins:
            named = _shorten(
                [f"{row.name}: {row.score:.6g} on line {a}, {other:.6g} on line {b}" for row, a, b, other in self.twins]
            )
            kind = "score contradicts" if len(self.twins) == 1 else "scores contradict"
            out.append(f"rows.jsonl: {len(self.twins)} {kind} an earlier one of the same run, which stands: {named}")
        if self.cut:
            out.append("rows.jsonl: the last line was cut short, as by a kill; the same command scores it again")
        return out


def read_rows(data: bytes) -> Reading:
    """The rows in the bytes of ``rows.jsonl``, in any Unicode encoding and with any line ends.

    A row whose twin (same ``id``) came before is left out. A line that was cut short counts as unreadable unless it is
    the last one, or its score was written again.
    """
    rows: dict[str, tuple[Row, int]] = {}
    unreadable, twins, shortened = [], [], []
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
            twins.append((first, where, number, row.score))
    kept = tuple(row for row, _ in rows.values())
    written = [json.dumps(row.model_dump(mode="json")).replace(" ", "") for row in kept] if shortened else []
    for number, text, why in shortened:
        identity = text.partition('"score"')[0].replace(" ", "")
        if number < len(lines) and not any(line.startswith(identity) for line in written):
            unreadable.append((number, text, why))
    cut = bool(shortened) and shortened[-1][0] == len(lines)
    return Reading(kept, tuple((number, why) for number, _, why in sorted(unreadable)), tuple(twins), cut)


def _parsed(text: str) -> Row:
    """The row of a line.

    Raises:
        ValueError: saying in one line why it is none.
    """
    if "\N{REPLACEMENT CHARACTER}" in text:
        raise ValueError("bytes that are no text")
    try:
        return Row.model_validate_json(text, strict=True)
    except ValidationError as error:
        if error.errors()[0]["loc"] == ("schema_version",):
            raise ValueError("a row of another version of auxjepa") from None
        raise ValueError(first_line(error).removeprefix("content: ")) from None


def encoding_of(head: bytes) -> str:
    """The Unicode encoding of a JSON text that begins with these (at most four) bytes."""
    return json.detect_encoding(head)


class RowStore:
    """Append-only rows of one study folder, safe to write from several processes and to kill at any moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "rows.jsonl"

    def append(self, row: Row, correct: np.ndarray | None = None) -> None:
        """Write a row; ``correct`` (bool, one per test example) goes to its own file first, so that no row lacks it.

        A row whose twin (same ``id``) is in the store with marks of its own is not written: the first one stands.

        Raises:
            ValueError: when a field has no possible value (a score that is no number), when there are more or fewer
                marks than test examples, or when ``rows.jsonl`` is no UTF-8.
            WriteError: when the disk is full.
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
        """Rows in the order written; what can't be read is passed over, a later twin replaces none."""
        return iter(self.read().rows)

    def read(self) -> Reading:
        """The rows, and what was left out of them."""
        return read_rows(self.path.read_bytes() if self.path.exists() else b"")

    def check_encoding(self) -> None:
        """Nothing, if rows can be appended to the file.

        Raises:
            ValueError: when another program wrote it in another encoding than UTF-8.
        """
        if self.path.exists():
            with self.path.open("rb") as file:
                encoding = encoding_of(file.read(4))
            if encoding not in ("utf-8", "utf-8-sig"):
                raise ValueError(f"{self.path} is {encoding}, and rows are appended as UTF-8: save it as UTF-8 first")

    def correct(self, row: Row) -> np.ndarray | None:
        """Per-example correctness of a row (bool, ``n_test``), or None where none was kept.

        Raises:
            ValueError: when the file isn't one mark per test example.
            OSError: when it can't be read.
        """
        path = self._correct_path(row)
        if not path.exists():
            return None
        size, whole = path.stat().st_size, -(-row.n_test // 8)
        if size != whole:
            raise ValueError(f"{size:,} bytes instead of {whole:,}")
        bits = np.unpackbits(np.frombuffer(path.read_bytes(), np.uint8)).astype(bool)
        if bits[row.n_test :].any():
            raise ValueError("marks stand behind the last test example")
        return bits[: row.n_test]

    def marks_fault(self, row: Row) -> str:
        """Why the marks of a row can't be relied on; '' where they can, or none were kept."""
        try:
            marks = self.correct(row)
        except ValueError as error:
            return str(error)
        except OSError as error:
            return error.strerror or type(error).__name__
        if marks is None or row.metric not in MEAN_OF_MARKS or not len(marks):
            return ""
        mean, n = 100 * float(marks.mean()), len(marks)
        # A score that was printed with one decimal counts as this mean, one that is half a mark off doesn't.
        if abs(mean - row.score) > min(ROUNDING, 50 / n) + 1e-9:
            return f"{mean:.4g} % of the marks are right, the score is {row.score:.4g}"
        return ""

    def notes(self, rows: Sequence[Row] | None = None) -> list[str]:
        """What is left out, one line each: lines, contradicting scores, marks.

        Args:
            rows: whose marks are looked at; all of the store when None.
        """
        reading = self.read()
        faults = [(row, fault) for row in rows or reading.rows if (fault := self.marks_fault(row))]
        out = list(reading.notes)
        if faults:
            named = _shorten([f"{row.name} ({fault})" for row, fault in faults])
            kept = f"{len(faults)} of {len(rows or reading.rows)} scores"
            out.append(f"correct/: the marks of {kept} are left out, the scores are kept: {named}")
        return out

    def _correct_path(self, row: Row) -> Path:
        return self.folder / "correct" / f"{row.id}.bin"


def _shorten(lines: Sequence[str]) -> str:
    return shorten_list(lines, 4, "; ")
