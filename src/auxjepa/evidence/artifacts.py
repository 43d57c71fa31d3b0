"""Files that runs write into a study folder: summaries, curves, sample clips, audits. Damage becomes a note."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, UInt8

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
    """

    hash: str
    variant: str
    seed: int
    summary: dict[str, Any]
    curves: dict[str, Curve]

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
    """Return the value as a finite float, or None where it is not a finite number.

    Args:
        value: any value.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def read_json(path: Path) -> Any:
    """Return the value in a JSON file.

    Args:
        path: the file.

    Raises:
        OSError: when the file cannot be read.
        ValueError: when it is not JSON.
    """
    return json.loads(path.read_text(encoding="utf-8"))


def read_runs(folder: Path, notes: list[str], names: set[str] | None = None) -> list[Run]:
    """Return the finished runs, ordered by variant and seed.

    Args:
        folder: the folder of runs.
        notes: receives a line for runs without a summary.
        names: names of the runs to read, for a folder that several studies share; all runs when unset.
    """
    runs, unfinished = [], 0
    folders = sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
    for path in folders:
        if names is not None and path.name not in names:
            continue
        try:
            summary = read_json(path / "summary.json")
        except (OSError, ValueError):
            summary = None
        if not isinstance(summary, dict):
            unfinished += 1
            continue
        seed = int(finite(summary.get("seed")) or 0)
        variant = str(summary.get("variant", path.name))
        runs.append(Run(path.name, variant, seed, summary, _curves(path / "metrics.jsonl")))
    if unfinished:
        notes.append(f"runs: {unfinished} without a summary (unfinished or killed); their curves are not shown")
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
        with np.load(path, allow_pickle=False) as file:
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


def _curves(path: Path) -> dict[str, Curve]:
    curves: dict[str, Curve] = {}
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return curves
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue  # a kill can cut the last line short
        step = finite(record.get("step")) if isinstance(record, dict) else None
        if step is None:
            continue
        for key, value in record.items():
            number = finite(value)
            if key != "step" and number is not None:
                steps, values = curves.setdefault(str(key), ([], []))
                steps.append(step)
                values.append(number)
    return curves
