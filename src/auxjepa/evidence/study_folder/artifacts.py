"""Files that runs write into a study folder: summaries, curves, sample clips, audits. Damage becomes a note."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, UInt8

from auxjepa.files import read_json
from auxjepa.lists import shorten_list
from auxjepa.runs import health
from auxjepa.runs.metrics import FILE as METRICS
from auxjepa.runs.metrics import Lines, parse, read_metrics
from auxjepa.runs.record import RunRecord, read_run
from auxjepa.runs.summary import COLLAPSED_RANK, COLLAPSED_STD, MISSING

LARGEST = 1e100
"""Largest number that a figure or a table shows."""
ROLES = ("teacher", "student")
"""Encoders of a run whose spread the monitor measures."""
Curve = tuple[list[float], list[float]]
"""Steps, and the value at each step."""


@dataclass(frozen=True)
class Run:
    """One pretraining run.

    Args:
        hash: content hash of the run, which is the name of its folder.
        variant: variant of the run.
        seed: seed of the run.
        summary: content of ``summary.json``.
        curves: curves of ``metrics.jsonl`` by key.
        health_version: version of the rule on health (:mod:`auxjepa.runs.health`) that the study recorded.
    """

    hash: str
    variant: str
    seed: int
    summary: dict[str, Any]
    curves: dict[str, Curve]
    health_version: int = health.FIRST

    @property
    def health(self) -> str:
        """Return the word on the health of the run by the rule of its study.

        It is "collapsed" also where the last spread in the metrics shows it. It is empty where the summary has none.
        """
        return self.health_at(self.health_version)

    def health_at(self, version: int) -> str:
        """Return the word on the health of the run by a version of the rule.

        Args:
            version: version of the rule.
        """
        if self.shows_collapse:
            return health.COLLAPSED
        ranks = self.curves.get("rank/student", ((), ()))[1]
        return health.health_word(version, str(self.summary.get("verdict") or ""), ranks)

    @property
    def shows_collapse(self) -> bool:
        """Return whether the last spread or rank of a role in the metrics is that of collapsed features."""
        limits = {"std": COLLAPSED_STD, "rank": COLLAPSED_RANK}
        curves = [(limits[kind], self.curves.get(f"{kind}/{role}")) for kind in limits for role in ROLES]
        return any(curve is not None and curve[1] and curve[1][-1] < limit for limit, curve in curves)

    def number(self, key: str) -> float | None:
        """Return a finite number of the summary, or None.

        Args:
            key: key of the summary.
        """
        return finite(self.summary.get(key))


@dataclass(frozen=True)
class Samples:
    """A few training clips.

    Args:
        clips: pixels.
        hidden: tokens that are hidden from the student.
        captions: one text a clip.
    """

    clips: UInt8[np.ndarray, "k F X Y 3"]
    hidden: Bool[np.ndarray, "k T H W"]
    captions: list[str]


@dataclass(frozen=True)
class Audit:
    """One gradient audit.

    Args:
        path: its file, relative to the study folder.
        content: the audit as JSON.
    """

    path: str
    content: dict[str, Any]

    @property
    def variant(self) -> str:
        """Name of the audited variant."""
        return str(self.content.get("variant", ""))

    @property
    def findings(self) -> list[dict[str, Any]]:
        """Findings of the audit."""
        findings = self.content.get("findings")
        return [f for f in findings if isinstance(f, dict)] if isinstance(findings, list) else []


def finite(value: Any) -> float | None:
    """Return the value as a finite float; None where it is not a finite number, or is too large to draw.

    Args:
        value: any value.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        return None
    return float(value)


def read_runs(
    folder: Path,
    notes: list[str],
    scores: Mapping[str, int] | None = None,
    only_scored: bool = False,
    health_version: int = health.FIRST,
) -> list[Run]:
    """Return the finished runs, ordered by variant and seed. The summary of a run without checkpoints is enough.

    Args:
        folder: the folder of runs.
        notes: receives a line for each kind of content that is left out.
        scores: number of scores by name of the run.
        only_scored: whether to read only runs with a score, for a folder that several studies share.
        health_version: version of the rule on health.
    """
    scores = scores or {}
    runs, unfinished, damaged, unfinished_scores = [], 0, [], 0
    lost_lines: dict[str, int] = {}
    undrawn_numbers: dict[str, int] = {}
    folders = sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
    for path in folders:
        if only_scored and path.name not in scores:
            continue
        record = read_run(path)
        if record.summary is None or not record.recorded:
            if record.faults == (MISSING,):
                unfinished += 1
            else:
                damaged.append(_describe_damage(path, record))
            unfinished_scores += scores.get(path.name, 0)
            continue
        lines = read_metrics(path / METRICS)
        curves, undrawn = _curves(lines)
        if lines.lost:
            lost_lines[path.name] = lines.lost
        if undrawn:
            undrawn_numbers[path.name] = undrawn
        summary = record.summary.model_dump(mode="json")
        runs.append(Run(path.name, record.summary.variant, record.summary.seed, summary, curves, health_version))
    if unfinished:
        notes.append(f"runs: {unfinished} without a summary (unfinished or killed); their curves are not shown")
    if damaged:
        notes.append(f"runs: {len(damaged)} not counted as finished: {_shorten(damaged)}")
    if unfinished_scores:
        notes.append(f"runs: {unfinished_scores} scores are of unfinished runs, so their encoders may be half trained")
    if lost_lines:
        number, names = sum(lost_lines.values()), _shorten(list(lost_lines))
        notes.append(f"runs: {number} lines of metrics.jsonl cannot be read ({names})")
    if undrawn_numbers:
        number, names = sum(undrawn_numbers.values()), _shorten(list(undrawn_numbers))
        notes.append(f"runs: {number} numbers of metrics.jsonl are not finite, or are too large to draw ({names})")
    if not runs:
        notes.append("runs: no finished pretraining run, so neither curves nor cost are shown")
    return sorted(runs, key=lambda run: (run.variant, run.seed))


def read_samples(path: Path, notes: list[str]) -> Samples | None:
    """Return the sample clips; None where they are missing or damaged.

    Args:
        path: ``samples.npz`` of the study folder.
        notes: receives a line where there are no sample clips.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            clips, hidden = file["clips"], file["hidden"].astype(bool)
            captions = json.loads(str(file["captions"])) if "captions" in file else []
    except FileNotFoundError:
        notes.append("samples.npz: missing, so no sample clips are shown")
        return None
    except Exception as error:  # a damaged archive raises any error of zip, npy and JSON
        notes.append(f"samples.npz: cannot be read ({type(error).__name__})")
        return None
    fits = clips.ndim == 5 and hidden.ndim == 4 and len(clips) == len(hidden) and clips.shape[-1] == 3
    fits = fits and clips.dtype == np.uint8 and 0 not in hidden.shape
    if not fits or any(a % b for a, b in zip(clips.shape[1:4], hidden.shape[1:], strict=True)):
        notes.append(f"samples.npz: clips {clips.shape} ({clips.dtype}) and hidden tokens {hidden.shape} do not fit")
        return None
    captions = [str(c) for c in captions] if isinstance(captions, list) else []
    return Samples(clips, hidden, [captions[i] if i < len(captions) else f"clip {i}" for i in range(len(clips))])


def read_audits(folder: Path, notes: list[str]) -> list[Audit]:
    """Return the audits in ``audit*.json`` of a study folder and in ``audit.json`` of its runs.

    Args:
        folder: the study folder.
        notes: receives a line for each audit that cannot be read.
    """
    audits = []
    for path in [*sorted(folder.glob("audit*.json")), *sorted((folder / "runs").glob("*/audit.json"))]:
        name = path.relative_to(folder).as_posix()
        try:
            content = read_json(path)
        except (OSError, ValueError) as error:
            notes.append(f"{name}: cannot be read ({type(error).__name__})")
            continue
        terms = content.get("terms") if isinstance(content, dict) else None
        if isinstance(terms, list) and any(isinstance(term, dict) for term in terms):
            audits.append(Audit(name, content))
        else:
            notes.append(f"{name}: contains no terms")
    return audits


def _curves(lines: Lines) -> tuple[dict[str, Curve], int]:
    """Return the curves of a run, and the number of its values that cannot be drawn."""
    curves: dict[str, Curve] = {}
    undrawn = 0
    for step, text in lines.by_step:
        place = finite(step)
        for key, value in (parse(text) or {}).items():
            number = finite(value)
            undrawn += number is None and isinstance(value, int | float) and not isinstance(value, bool)
            if key != "step" and number is not None and place is not None:
                steps, values = curves.setdefault(str(key), ([], []))
                steps.append(place)
                values.append(number)
    return curves, undrawn


def _describe_damage(path: Path, record: RunRecord) -> str:
    reason = "; ".join(record.faults) or f"its last checkpoint is of step {record.step} of {record.planned}"
    return f"{path.name} ({reason})"


def _shorten(names: list[str]) -> str:
    return shorten_list(names, 4, "; ")
