"""The results store: one JSON line a score, appended, never rewritten; per-example correctness beside it.

Layout of a study folder::

    study.yaml            the resolved study
    rows.jsonl            one Row a line
    correct/ID.bin        packed bits, one per test example, in the order of the benchmark's test split
    runs/HASH/            one pretraining run (config.yaml, metrics.jsonl, checkpoint, summary.json)

This module imports no torch: the report and the statistics read rows through it.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from pydantic import Field, ValidationError

from auxjepa.config import Typed

Control = Literal["random_init", "raw_pixels", "majority", "chance"]
CONTROLS: tuple[Control, ...] = get_args(Control)


class Row(Typed):
    """One score: a frozen encoder (or a control) under one protocol on one benchmark."""

    YOUNG: ClassVar[Mapping[str, Any]] = {"parts": {}}

    schema_version: Literal[1] = 1
    run: str = Field(description="content hash of the pretraining run; the control's name for controls without one")
    variant: str
    regime: str
    seed: int
    control: Control | None = None
    benchmark: str
    benchmark_hash: str
    protocol: str
    protocol_hash: str
    metric: str = "top1"
    score: float = Field(description="in percent for accuracies")
    validation: float | None = Field(default=None, description="the metric on the clips that were selected on")
    n_test: int
    n_classes: int
    selected: dict[str, float | int | str] = Field(default={}, description="hyperparameters chosen on validation")
    parts: dict[str, float] = Field(default={}, description="what the score is the mean or the difference of, by name")
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_mb: float = 0.0
    created: str = ""
    versions: dict[str, str] = Field(default={}, description="package: version")

    @property
    def id(self) -> str:
        """Name of the row, unique in a study: what was scored, on what, how."""
        return Typed.digest(self, exclude=_NOT_IDENTITY)


_IDENTITY = {"run", "variant", "regime", "seed", "control", "benchmark", "benchmark_hash", "protocol_hash", "metric"}
_NOT_IDENTITY = set(Row.model_fields) - _IDENTITY


class RowStore:
    """Append-only rows of one study folder, safe to write from several processes and to kill at any moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "rows.jsonl"

    def append(self, row: Row, correct: np.ndarray | None = None) -> None:
        """Write a row; ``correct`` (bool, one per test example) goes to its own file first, so that no row lacks it.

        A row whose twin (same ``id``) is in the store with marks of its own is not written: the first one stands.

        Raises:
            ValueError: when there are more or fewer marks than test examples. OSError: when the disk is full.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if correct is not None:
            if correct.shape != (row.n_test,):
                raise ValueError(f"{row.benchmark}: {len(correct)} marks for {row.n_test} test examples")
            target = self._correct_path(row)
            if target.exists() and any(row.id == known.id for known in self):
                return
            target.parent.mkdir(exist_ok=True)
            partial = target.with_suffix(f".{os.getpid()}.partial")
            partial.write_bytes(np.packbits(correct.astype(bool)).tobytes())
            partial.replace(target)
        line = json.dumps(row.model_dump(mode="json")) + "\n"
        # One write call on an O_APPEND descriptor: lines of several processes don't interleave. A line that a crash
        # cut short is closed first; at worst, beside a process that is writing, this leaves an empty line.
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            if _ends_midline(self.path):
                line = "\n" + line
            if os.write(descriptor, line.encode()) < len(line):  # ASCII: one byte a character
                raise OSError(errno.ENOSPC, "no space left for this row", str(self.path))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def __iter__(self) -> Iterator[Row]:
        """Rows in the order written; a line cut short by a crash is passed over, a later twin replaces none."""
        if not self.path.exists():
            return
        seen: set[str] = set()
        for line in self.path.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                row = Row.model_validate_json(line)
            except ValidationError:
                continue
            if row.id not in seen:
                seen.add(row.id)
                yield row

    def correct(self, row: Row) -> np.ndarray | None:
        """Per-example correctness of a row (bool, ``n_test``), or None where none was kept."""
        path = self._correct_path(row)
        if not path.exists():
            return None
        return np.unpackbits(np.frombuffer(path.read_bytes(), np.uint8), count=row.n_test).astype(bool)

    def _correct_path(self, row: Row) -> Path:
        return self.folder / "correct" / f"{row.id}.bin"


def _ends_midline(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
