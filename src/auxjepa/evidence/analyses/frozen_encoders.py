"""Frozen encoders from elsewhere in a study: what they are, and what their scores cost."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any

from auxjepa.evidence.study_folder.folder import Study

FROZEN = "frozen"
"""Value of ``control`` in rows of frozen encoders."""


@dataclass(frozen=True)
class FrozenDescription:
    """A frozen encoder with scores in a study. A text is empty, and a number None, if no record has it.

    Args:
        name: name in tables.
        source: source as on the command line.
        network: class or name of the network.
        parameters: number of parameters.
        reads: what the encoder reads: frames and size.
        pretraining: data of its pretraining.
        scores: number of its scores.
        seeds: probe seeds of its scores.
        seconds: mean seconds of a score, features included.
    """

    name: str
    source: str
    network: str
    parameters: int | None
    reads: str
    pretraining: str
    scores: int
    seeds: tuple[int, ...]
    seconds: float


def describe_frozen(study: Study) -> list[FrozenDescription]:
    """Return the frozen encoders of a study, in the order of their scores.

    Args:
        study: the study.
    """
    rows_by_name: dict[str, list[Any]] = {}
    for row in study.rows:
        if row.control == FROZEN:
            rows_by_name.setdefault(row.variant, []).append(row)
    lines = []
    for name, rows in rows_by_name.items():
        record = study.encoders.get(name, {})
        parameters = record.get("parameters")
        lines.append(
            FrozenDescription(
                name=name,
                source=_text(record.get("source")),
                network=_text(record.get("network")),
                parameters=parameters if isinstance(parameters, int) else None,
                reads=_reads(record.get("input")),
                pretraining=_text(record.get("pretraining")),
                scores=len(rows),
                seeds=tuple(sorted({row.seed for row in rows})),
                seconds=statistics.fmean(row.seconds for row in rows),
            )
        )
    return lines


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value.isprintable() else ""


def _reads(value: Any) -> str:
    """Return frames and size of an encoder's input in words."""
    if not isinstance(value, dict) or not isinstance(value.get("size"), int):
        return ""
    side, frames = value["size"], value.get("frames")
    return f"{frames} frames of {side} x {side}" if frames else f"frame by frame, {side} x {side}"
