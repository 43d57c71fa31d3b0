"""A study folder as evidence and report read it: whatever is missing or damaged becomes a note, never a failure."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from auxjepa.config import ConfigError, flatten, read_yaml
from auxjepa.evidence import registration, similarity, study_file
from auxjepa.evidence.artifacts import Audit, Run, Samples, read_audits, read_runs, read_samples
from auxjepa.evidence.decision import Outcome, outcomes
from auxjepa.evidence.effects import Correct
from auxjepa.evidence.registration import Hypothesis, Registration, Rule
from auxjepa.evidence.similarity import Similarity
from auxjepa.files import read_json
from auxjepa.rows import CONTROLS, Row, RowStore

CLIP_SUITES = ("", "recognition", "physics")
"""Suites (auxjepa.benchmarks) that mark every test clip once."""


@dataclass(frozen=True)
class Registered:
    """The registration of a study, the hash in its file, and every way in which the study departs from it."""

    registration: Registration
    hash: str
    deviations: list[str]
    void: str = ""  # why it binds nothing, where it doesn't


@dataclass
class Study:
    """Everything a study folder says about itself. ``notes`` are the gaps, one line each; ``left_out`` are those
    about scores and marks that can't be relied on."""

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
    regimes: dict[str, Any] = field(default_factory=dict)
    similarity: Similarity | None = None
    registered: Registered | None = None
    audits: list[Audit] = field(default_factory=list)
    samples: Samples | None = None
    correct: Correct = lambda row: None
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """What became of every registered hypothesis; none where nothing was registered."""
        if self.registered is None:
            return []
        return outcomes(self.registered.registration, self.rows, self.correct, self.registered.void)

    def marks_clips(self, row: Row) -> bool:
        """Whether a row has one mark for each test clip, so that its marks are a sample of clips.

        Most suites mark a clip several times (in episodes, under conditions, for both directions of retrieval). A
        folder that doesn't say whose suite a benchmark is tells by its number of clips.
        """
        told = self.benchmark_info.get(row.benchmark, {})
        if "suite" in told:
            return told["suite"] in CLIP_SUITES
        return told.get("n_test") in (None, row.n_test)

    @property
    def decides(self) -> bool:
        """Whether this is a confirmation with a registration that binds."""
        return self.phase == "confirm" and self.registered is not None and not self.registered.void


def load(folder: Path) -> Study:
    """Read a study folder.

    Raises:
        FileNotFoundError: when there is no such folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such study folder")
    study = Study(name=folder.resolve().name)
    store = RowStore(folder)
    try:
        study.rows = list(store)
        study.left_out = store.notes(study.rows)
    except OSError as error:
        study.left_out = [f"rows.jsonl: cannot be read ({error.strerror})"]
    study.notes += study.left_out
    study.correct = _forgiving(store, study.marks_clips)
    if not study.rows:
        study.notes.append("rows.jsonl: no score yet")
    study.benchmark_info = _records(folder / "benchmarks.json", study.notes)
    settings = _settings(folder / "study.yaml", study)
    study.registered = _registered(folder, settings, study, _readable(store))
    study.audits = read_audits(folder, study.notes)
    study.protocols = _records(folder / "protocols.json", study.notes)
    study.samples = read_samples(folder / "samples.npz", study.notes)
    study.similarity = similarity.read(folder, study.notes)
    runs = folder / "runs"
    scores = Counter(row.run for row in study.rows)
    study.runs = read_runs(runs, study.notes, scores, only_scored=runs.is_symlink())
    only = settings.get("only")
    _complete(study, only if isinstance(only, dict) else {})
    return study


def current(study: Study, notes: list[str]) -> list[Row]:
    """Rows under the protocols and benchmarks that the study now has, and of registered runs where it has a
    registration; what is left out is added to ``notes``."""

    def now(row: Row) -> bool:
        return row.benchmark_hash == study.benchmark_info.get(row.benchmark, {}).get("hash", row.benchmark_hash)

    # Another regime may cut its clips differently, so that its benchmarks have hashes of their own: a regime's older
    # scores are only told from its current ones where it has current ones.
    renewed = {(row.regime, row.benchmark) for row in study.rows if now(row)}
    kept = [
        row
        for row in study.rows
        if row.protocol_hash == study.protocols.get(row.protocol, {}).get("hash", row.protocol_hash)
        and (now(row) or (row.regime, row.benchmark) not in renewed)
    ]
    if len(kept) < len(study.rows):
        old = len(study.rows) - len(kept)
        notes.append(f"{old} scores under an older protocol or benchmark (another hash) are not compared with the rest")
    if study.registered is None:
        return kept
    runs = study.registered.registration.runs
    planned = [r for r in kept if r.control not in (None, "random_init") or runs.get(registration.name_of(r)) == r.run]
    if len(planned) < len(kept):
        notes.append(f"{len(kept) - len(planned)} scores of runs that were not registered are left out")
    return planned


def _settings(path: Path, study: Study) -> dict[str, Any]:
    try:
        content = read_yaml(path)
    except ConfigError as error:
        why = str(error).removeprefix(f"{path}: ")
        study.notes.append(f"study.yaml: {f'cannot be read ({why})' if path.exists() else 'missing'}")
        return {}
    if not content:
        study.notes.append("study.yaml: holds no keys and values")
        return {}
    if wrong := study_file.damage(path, content):
        study.notes.append(f"study.yaml: {wrong}")
    for key in ("name", "question", "answer_template", "reference", "phase", "command"):
        value = content.get(key)
        if value is not None:
            setattr(study, key, " ".join(map(str, value)) if isinstance(value, list) else str(value).strip())
    study.variants = _texts(content.get("variants"))
    study.benchmarks = _texts(content.get("benchmarks"))
    regimes = content.get("regimes")
    study.regimes = {str(k): v for k, v in regimes.items()} if isinstance(regimes, dict) else {}
    seeds = content.get("seeds")
    study.seeds = [s for s in seeds if isinstance(s, int)] if isinstance(seeds, list) else []
    study.scale_notes = _texts(content.get("scale_notes") or content.get("scale") or content.get("notes"))
    if study.phase not in ("screen", "confirm"):
        study.notes.append(f"study.yaml: phase is {study.phase!r}, read as 'screen' (or say 'confirm')")
        study.phase = "screen"
    return content


def _registered(folder: Path, settings: dict[str, Any], study: Study, correct: Correct) -> Registered | None:
    """The registration and the deviations from it; a study that claims to confirm without one is told.

    Args:
        correct: gives the marks of a row, also those that its score isn't the mean of.
    """
    try:
        found = registration.read(folder)
    except ConfigError as error:
        study.notes.append(str(error))
        return None
    if found is None:
        if study.phase == "confirm":
            study.notes.append(f"{registration.FILE}: missing, so nothing shows that hypotheses came before results")
        return None
    known, void = found.registration, ""
    if found.edited:
        void = "the registration was edited, so it binds nothing"
    elif early := registration.before(known, study.rows):
        void = f"{early} scores can't be shown to be younger than the registration"
    elif study.phase != "confirm":
        void = "the study's phase isn't 'confirm'"
    try:
        hypotheses = [Hypothesis.model_validate(h) for h in settings.get("hypotheses") or []]
        rule = Rule.model_validate(settings.get("rule") or {})
    except (ValidationError, TypeError) as error:
        line = f"hypotheses or rule in study.yaml cannot be read ({type(error).__name__})"
        return Registered(known, found.hash, [line], void)
    changes = registration.changes(found, hypotheses=hypotheses, rule=rule, design=flatten(settings))
    return Registered(known, found.hash, changes + registration.departures(known, study.rows, correct), void)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{key}: {item}" for key, item in value.items()] if value else []
    if isinstance(value, list | tuple):
        return [str(item.get("name", item)) if isinstance(item, dict) else str(item) for item in value]
    return [str(value)] if value else []


def _records(path: Path, notes: list[str]) -> dict[str, dict[str, Any]]:
    try:
        content = read_json(path)
    except (OSError, ValueError) as error:
        notes.append(f"{path.name}: {'missing' if isinstance(error, FileNotFoundError) else 'cannot be read'}")
        return {}
    if not isinstance(content, dict):
        notes.append(f"{path.name}: holds no keys and values")
        return {}
    return {str(name): record for name, record in content.items() if isinstance(record, dict)}


def _readable(store: RowStore) -> Correct:
    """A row's marks; None where they can't be read."""

    def correct(row: Row) -> np.ndarray | None:
        with contextlib.suppress(OSError, ValueError):  # damaged marks cost the McNemar test, not the report
            return store.correct(row)
        return None

    return correct


def _forgiving(store: RowStore, sampled: Callable[[Row], bool]) -> Correct:
    """A row's marks; None where they are damaged, or aren't one a clip: tests over examples would count clips twice."""
    known: dict[int, tuple[Row, np.ndarray | None]] = {}  # the reference's marks are asked for by every comparison
    read = _readable(store)

    def correct(row: Row) -> np.ndarray | None:
        if id(row) not in known:
            marks = read(row) if sampled(row) and not store.marks_fault(row) else None
            known[id(row)] = row, marks  # kept beside its row, so that no other row can get this row's id
        return known[id(row)][1]

    return correct


def _complete(study: Study, only: dict[str, Any]) -> None:
    """Fill in from the rows what study.yaml lacks, and note planned scores that are not there; ``only`` names the
    variants of those regimes that aren't pretrained with all of them."""
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
    have = {(row.regime, row.variant, row.seed, row.benchmark) for row in scored}
    regimes = list(study.regimes) or sorted({row.regime for row in scored})
    planned = [
        (r, v, s, b)
        for r in regimes
        for v in study.variants
        for s in study.seeds
        for b in study.benchmarks
        if v in (_texts(only[r]) if only.get(r) else study.variants)
    ]
    absent = [one for one in planned if one not in have]
    if absent and study.rows:
        told = [f"{v} seed {s} on {b}" + (f" ({r})" if len(regimes) > 1 else "") for r, v, s, b in absent[:4]]
        shown = "; ".join(told) + (f"; and {len(absent) - 4} more" if len(absent) > 4 else "")
        study.notes.append(f"{len(absent)} of {len(planned)} planned scores are missing: {shown}")
    controls = {row.control for row in study.rows if row.control}
    listed = [info.get("controls", CONTROLS) for info in study.benchmark_info.values()] or [CONTROLS]
    lacking = [c for c in CONTROLS if c not in controls and any(c in known for known in listed)]
    if lacking and study.rows:
        study.notes.append(f"controls not scored: {', '.join(lacking)}")
