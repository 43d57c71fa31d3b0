"""A study folder as evidence and report read it: whatever is missing or damaged becomes a note, never a failure."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from jaxtyping import Bool, UInt8

from auxjepa.rows import Row, RowStore

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


@dataclass
class Study:
    """Everything a study folder says about itself. ``notes`` are the gaps, one line each."""

    name: str
    question: str = ""
    answer_template: str = ""
    reference: str = ""
    variants: list[str] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)
    benchmarks: list[str] = field(default_factory=list)
    phase: str = "screen"
    command: str = ""
    scale_notes: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    protocols: dict[str, dict[str, Any]] = field(default_factory=dict)
    benchmark_info: dict[str, dict[str, Any]] = field(default_factory=dict)
    samples: Samples | None = None
    correct: Callable[[Row], np.ndarray | None] = lambda row: None
    notes: list[str] = field(default_factory=list)


def load(folder: Path) -> Study:
    """Read a study folder.

    Raises:
        FileNotFoundError: when there is no such folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such study folder")
    study = Study(name=folder.resolve().name)
    store = RowStore(folder)
    study.rows = list(store)
    study.correct = _forgiving(store)
    if not study.rows:
        study.notes.append("rows.jsonl: no score yet")
    _settings(folder / "study.yaml", study)
    study.protocols = _records(folder / "protocols.json", study.notes)
    study.benchmark_info = _records(folder / "benchmarks.json", study.notes)
    study.samples = _samples(folder / "samples.npz", study.notes)
    study.runs = _runs(folder / "runs", study.notes)
    _complete(study)
    return study


def finite(value: Any) -> float | None:
    """The value as a finite float, or None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _settings(path: Path, study: Study) -> None:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        study.notes.append(f"study.yaml: {'missing' if isinstance(error, FileNotFoundError) else 'cannot be read'}")
        return
    if not isinstance(content, dict):
        study.notes.append("study.yaml: holds no keys and values")
        return
    for key in ("name", "question", "answer_template", "reference", "phase", "command"):
        value = content.get(key)
        if value is not None:
            setattr(study, key, " ".join(map(str, value)) if isinstance(value, list) else str(value).strip())
    study.variants = _texts(content.get("variants"))
    study.benchmarks = _texts(content.get("benchmarks"))
    study.seeds = [s for s in content.get("seeds") or [] if isinstance(s, int)]
    study.scale_notes = _texts(content.get("scale_notes") or content.get("scale") or content.get("notes"))
    if study.phase not in ("screen", "confirm"):
        study.notes.append(f"study.yaml: phase is {study.phase!r}, read as 'screen' (or say 'confirm')")
        study.phase = "screen"


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{key}: {item}" for key, item in value.items()] if value else []
    if isinstance(value, list | tuple):
        return [str(item.get("name", item)) if isinstance(item, dict) else str(item) for item in value]
    return [str(value)] if value else []


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _records(path: Path, notes: list[str]) -> dict[str, dict[str, Any]]:
    try:
        content = _read_json(path)
    except (OSError, ValueError) as error:
        notes.append(f"{path.name}: {'missing' if isinstance(error, FileNotFoundError) else 'cannot be read'}")
        return {}
    if not isinstance(content, dict):
        notes.append(f"{path.name}: holds no keys and values")
        return {}
    return {str(name): record for name, record in content.items() if isinstance(record, dict)}


def _samples(path: Path, notes: list[str]) -> Samples | None:
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


def _runs(folder: Path, notes: list[str]) -> list[Run]:
    runs, unfinished = [], 0
    for path in sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []:
        try:
            summary = _read_json(path / "summary.json")
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
            continue  # a line cut short by a kill
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


def _forgiving(store: RowStore) -> Callable[[Row], np.ndarray | None]:
    def correct(row: Row) -> np.ndarray | None:
        try:
            return store.correct(row)
        except (OSError, ValueError):
            return None  # damaged marks cost the McNemar test, not the report

    return correct


def _complete(study: Study) -> None:
    """Fill in from the rows what study.yaml lacks, and note planned scores that are not there."""
    scored = [row for row in study.rows if row.control is None]
    for row in scored:
        if row.variant not in study.variants:
            study.variants.append(row.variant)
        if row.seed not in study.seeds:
            study.seeds.append(row.seed)
    for row in study.rows:
        if row.benchmark not in study.benchmarks:
            study.benchmarks.append(row.benchmark)
    if not study.reference and study.variants:
        study.reference = "baseline" if "baseline" in study.variants else study.variants[0]
        study.notes.append(f"study.yaml: no reference named; {study.reference} is taken")
    elif study.reference and study.reference not in study.variants:
        study.notes.append(f"the reference {study.reference} is not among the variants")
    have = {(row.variant, row.seed, row.benchmark) for row in scored}
    planned = len(study.variants) * len(study.seeds) * len(study.benchmarks)
    absent = [
        f"{v} seed {s} on {b}"
        for v in study.variants
        for s in study.seeds
        for b in study.benchmarks
        if (v, s, b) not in have
    ]
    if absent and study.rows:
        shown = "; ".join(absent[:4]) + (f"; and {len(absent) - 4} more" if len(absent) > 4 else "")
        study.notes.append(f"{len(absent)} of {planned} planned scores are missing: {shown}")
    controls = {row.control for row in study.rows if row.control}
    lacking = [c for c in ("random_init", "raw_pixels", "majority", "chance") if c not in controls]
    if lacking and study.rows:
        study.notes.append(f"controls not scored: {', '.join(lacking)}")
