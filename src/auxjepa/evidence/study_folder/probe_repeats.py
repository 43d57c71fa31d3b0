"""Scores of finished encoders under other probe seeds: ``probe_repeats.jsonl`` of a study folder.

``auxjepa study repeat-probes`` writes it. A line has the fields of a row and the number of the repeat. The rows of the
study (``rows.jsonl``) never change, and no verdict reads this file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from auxjepa.files import append_lines
from auxjepa.lists import shorten_list
from auxjepa.rows import Row
from auxjepa.sealed import first_line

FILE = "probe_repeats.jsonl"


class RepeatedScore(Row):
    """Score of an encoder with another seed of the probe."""

    repeat: int = Field(ge=1, description="number of the repeat; the score in rows.jsonl is repeat 0")

    @property
    def score_id(self) -> str:
        """Return the ``id`` of the row that was repeated."""
        return self.row.id

    @property
    def row(self) -> Row:
        """Return the score as a row, without the number of the repeat."""
        return Row.model_validate(self.model_dump(exclude={"repeat"}))


def append(folder: Path, row: Row, repeat: int) -> None:
    """Write one repeated score.

    Args:
        folder: study folder.
        row: the score.
        repeat: number of the repeat, from 1.

    Raises:
        WriteError: if the disk is full.
    """
    record = RepeatedScore.model_validate({**row.model_dump(), "repeat": repeat})
    append_lines(folder / FILE, [record.model_dump(mode="json")], durable=True)


def read(folder: Path, notes: list[str]) -> list[RepeatedScore]:
    """Return the repeated scores of a study folder, each score and repeat once; none where the file is missing.

    Args:
        folder: study folder.
        notes: receives one line on lines that cannot be read.
    """
    path = folder / FILE
    if not path.exists():
        return []
    scores: dict[tuple[str, int], RepeatedScore] = {}
    unreadable: list[str] = []
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        notes.append(f"{FILE}: cannot be read ({error.strerror})")
        return []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            score = RepeatedScore.model_validate(_record(line))
        except ValueError as error:
            why = first_line(error) if isinstance(error, ValidationError) else "not a JSON object"
            unreadable.append(f"line {number} ({why})")
            continue
        scores.setdefault((score.score_id, score.repeat), score)
    if unreadable:
        noun = "line is" if len(unreadable) == 1 else "lines are"
        listed = shorten_list(unreadable, 4, "; ")
        notes.append(f"{FILE}: {len(unreadable)} {noun} left out, which can't be read: {listed}")
    return list(scores.values())


def scores_by_seed(row: Row, repeats: Sequence[RepeatedScore]) -> dict[int, float]:
    """Return the scores of one encoder on one benchmark by repeat; the score of the row itself is repeat 0.

    Args:
        row: a row of the study.
        repeats: repeated scores of the study.
    """
    return {0: row.score} | {one.repeat: one.score for one in repeats if one.score_id == row.id}


def _record(line: str) -> dict[str, Any]:
    record = json.loads(line)
    if not isinstance(record, dict):
        raise ValueError("not a JSON object")
    return record
