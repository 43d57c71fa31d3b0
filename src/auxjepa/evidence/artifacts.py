"""What runs leave in a study folder: summaries, curves, sample clips, audits. Damage becomes a note, not a failure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, UInt8

from auxjepa.files import read_json
from auxjepa.lists import some
from auxjepa.runs.metrics import FILE as METRICS
from auxjepa.runs.metrics import Lines, parse, read_metrics
from auxjepa.runs.record import read_run
from auxjepa.runs.summary import MISSING

LARGEST = 1e100
Curve = tuple[list[float], list[float]]  # steps, values


@dataclass(frozen=True)
class Run:
    """One pretraining run: its summary.json and the curves of its metrics.jsonl."""

    hash: str
    variant: str
    seed: int
    summary: dict[str, Any]
    curves: dict[str, Curve]

    def number(self, key: str) -> float | None:
        """A finite number of the summary, or None."""
        return finite(self.summary.get(key))


@dataclass(frozen=True)
class Samples:
    """A few training clips, the tokens hidden from the student, and captions."""

    clips: UInt8[np.ndarray, "k F X Y 3"]
    hidden: Bool[np.ndarray, "k T H W"]
    captions: list[str]


@dataclass(frozen=True)
class Audit:
    """One gradient audit as JSON, and the file that it stands in."""

    path: str
    content: dict[str, Any]

    @property
    def variant(self) -> str:
        return str(self.content.get("variant", ""))

    @property
    def findings(self) -> list[dict[str, Any]]:
        found = self.content.get("findings")
        return [f for f in found if isinstance(f, dict)] if isinstance(found, list) else []


def finite(value: Any) -> float | None:
    """The value as a finite float, or None where it is none, or so large that nothing can be drawn of it."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        return None
    return float(value)


def read_runs(
    folder: Path, notes: list[str], scores: Mapping[str, int] | None = None, only_scored: bool = False
) -> list[Run]:
    """Finished runs by variant and seed. A run whose checkpoints were removed counts by its summary.

    Args:
        notes: gets a line for whatever is left out. scores: how many there are of each run. only_scored: pass over runs
            without a score, as of a folder that studies share.
    """
    scores = scores or {}
    runs, unfinished, damaged, theirs = [], 0, [], 0
    lost: dict[str, dict[str, int]] = {}
    there = sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
    for path in there:
        if only_scored and path.name not in scores:
            continue
        record = read_run(path)
        if record.summary is None or not record.recorded:
            unfinished += record.faults == (MISSING,)
            if record.faults != (MISSING,):
                why = "; ".join(record.faults) or f"its last checkpoint is of step {record.step} of {record.planned}"
                damaged.append(f"{path.name} ({why})")
            theirs += scores.get(path.name, 0)
            continue
        lines = read_metrics(path / METRICS)
        curves, undrawn = _curves(lines)
        for kind, number in (("lines", lines.lost), ("numbers", undrawn)):
            if number:
                lost.setdefault(kind, {})[path.name] = number
        summary = record.summary.model_dump(mode="json")
        runs.append(Run(path.name, record.summary.variant, record.summary.seed, summary, curves))
    if unfinished:
        notes.append(f"runs: {unfinished} without a summary (unfinished or killed); their curves are not shown")
    if damaged:
        notes.append(f"runs: {len(damaged)} not counted as finished: {some(damaged)}")
    if theirs:
        notes.append(f"runs: {theirs} scores are of runs that aren't finished: their encoders may be half trained")
    for kind, by_run in lost.items():
        why = "can't be read" if kind == "lines" else "aren't finite, or too large to draw"
        notes.append(f"runs: {sum(by_run.values())} {kind} of metrics.jsonl {why} ({some(list(by_run))})")
    if not runs:
        notes.append("runs: no finished pretraining run, so neither curves nor cost are shown")
    return sorted(runs, key=lambda run: (run.variant, run.seed))


def _curves(lines: Lines) -> tuple[dict[str, Curve], int]:
    """The curves of a run, and how many of its numbers can't be drawn."""
    curves: dict[str, Curve] = {}
    undrawn = 0
    for step, text in lines.by_step:
        for key, value in (parse(text) or {}).items():
            number = finite(value)
            undrawn += number is None and isinstance(value, int | float)
            if key != "step" and number is not None:
                steps, values = curves.setdefault(str(key), ([], []))
                steps.append(float(step))
                values.append(number)
    return curves, undrawn


def read_samples(path: Path, notes: list[str]) -> Samples | None:
    """The sample clips, if they are there and whole."""
    try:
        with np.load(path, allow_pickle=False) as file:
            clips, hidden = file["clips"], file["hidden"].astype(bool)
            captions = json.loads(str(file["captions"])) if "captions" in file else []
    except FileNotFoundError:
        notes.append("samples.npz: missing, so no sample clips are shown")
        return None
    except Exception as error:  # a damaged archive fails in as many ways as zip, npy and JSON have
        notes.append(f"samples.npz: cannot be read ({type(error).__name__})")
        return None
    fits = clips.ndim == 5 and hidden.ndim == 4 and len(clips) == len(hidden) and clips.shape[-1] == 3
    fits = fits and clips.dtype == np.uint8 and 0 not in hidden.shape
    if not fits or any(a % b for a, b in zip(clips.shape[1:4], hidden.shape[1:], strict=True)):
        notes.append(f"samples.npz: clips {clips.shape} ({clips.dtype}) and hidden tokens {hidden.shape} don't fit")
        return None
    captions = [str(c) for c in captions] if isinstance(captions, list) else []
    return Samples(clips, hidden, [captions[i] if i < len(captions) else f"clip {i}" for i in range(len(clips))])


def read_audits(folder: Path, notes: list[str]) -> list[Audit]:
    """Audits in ``audit*.json`` of a study folder and in ``audit.json`` of its runs."""
    found = []
    for path in [*sorted(folder.glob("audit*.json")), *sorted((folder / "runs").glob("*/audit.json"))]:
        name = path.relative_to(folder).as_posix()
        try:
            content = read_json(path)
        except (OSError, ValueError) as error:
            notes.append(f"{name}: cannot be read ({type(error).__name__})")
            continue
        terms = content.get("terms") if isinstance(content, dict) else None
        if isinstance(terms, list) and any(isinstance(term, dict) for term in terms):
            found.append(Audit(name, content))
        else:
            notes.append(f"{name}: holds no terms")
    return found
