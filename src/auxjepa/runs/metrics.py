"""``metrics.jsonl`` of a run folder: one JSON object per step."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

FILE = "metrics.jsonl"
_TAIL = 8192


class Lines(NamedTuple):
    """Step and text of every readable line, and the number of unreadable ones without an incomplete last line."""

    by_step: list[tuple[int, str]]
    lost: int


def read_metrics(path: Path) -> Lines:
    """Return the lines of a file; no lines if there is no file."""
    if not path.exists():
        return Lines([], 0)
    *complete, last = path.read_text(encoding="utf-8", errors="replace").split("\n")
    lines = [(text, parse(text)) for text in complete if text.strip()]
    lines += [(last, record)] if (record := parse(last)) is not None else []
    readable = [(step_of(record), text) for text, record in lines if record is not None]
    return Lines(readable, len(lines) - len(readable))


def parse(text: str) -> dict[str, Any] | None:
    """Return the record of a line; None if it isn't a record, or has no step."""
    try:
        record = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and step_of(record) >= 0 else None


def step_of(record: dict[str, Any]) -> int:
    """Return the step of a record; -1 if it has none."""
    step = record.get("step")
    return step if isinstance(step, int) and not isinstance(step, bool) and step >= 0 else -1


def steps_done(folder: Path) -> int:
    """Return the step of the last complete line of a run's file plus one; 0 if there is none."""
    path = folder / FILE
    if not path.exists():
        return 0
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
        texts = file.read().decode("utf-8", errors="replace").split("\n")
    return next((step_of(record) + 1 for text in reversed(texts) if (record := parse(text)) is not None), 0)
