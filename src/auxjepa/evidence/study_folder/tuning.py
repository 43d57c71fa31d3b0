"""``tuning/`` of a study folder: settings, trials and chosen recipes of the search on validation clips.

``auxjepa study tune`` writes the folder. Damaged lines become notes. The digest covers the settings and the trials, and
it is computed again when the folder is read.
"""

from __future__ import annotations

import hashlib
import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, ValidationError

from auxjepa.config import ConfigError, read_yaml
from auxjepa.files import read_json
from auxjepa.lists import shorten_list
from auxjepa.sealed import first_line
from auxjepa.typed import Count, Natural, Number, Typed, Whole

TUNING = "tuning"
"""Folder of the search in a study folder."""
SETTINGS = "settings.yaml"
TRIALS = "trials.jsonl"
CHOSEN = "chosen.json"
REFERENCE = "reference"
"""Setting that names the variant with which the others are compared. It changes no number of a search."""
AT = "@"
"""Sign between a variant and the variant that has its recipe, in names of variants."""
EDITED = "tuning was edited"
"""First words of the note on a folder that has another digest than it recorded."""


class Trial(Typed):
    """One recipe of one variant that was trained with one seed and scored on validation clips.

    ``variant``, ``trial``, ``stage`` and ``seed`` identify it.
    """

    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {"failed": ""}

    variant: str
    trial: Natural = Field(description="number of the recipe within its variant; it has the same number in every stage")
    stage: Natural = Field(description="number of the stage; a larger number is a later stage")
    steps: Count = Field(description="optimizer updates of this training, from its first update")
    seed: Whole
    recipe: dict[str, Any] = Field(description="value of each dotted field of the space")
    run: str = Field(default="", description="content hash of the run; empty where training failed")
    scores: dict[str, Number] = Field(default_factory=dict, description="percent on validation clips by benchmark")
    objective: Number | None = Field(default=None, description="value that the search compares; None for a failure")
    seconds: Number = Field(default=0.0, ge=0, description="seconds of training and scoring")
    failed: str = Field(default="", description="reason why the trial has no score; empty where it has one")

    @property
    def key(self) -> tuple[str, int, int, int]:
        """Return variant, stage, trial and seed."""
        return self.variant, self.stage, self.trial, self.seed


class Choice(Typed):
    """The chosen recipe of one variant."""

    trial: Natural
    recipe: dict[str, Any]
    objective: Number = Field(description="mean over the seeds of the last stage")
    stages: tuple[Any, ...] = Field(default=(), description="what the writer recorded about each stage")


@dataclass(frozen=True)
class Tuning:
    """Content of ``tuning/``.

    Args:
        settings: content of ``settings.yaml``.
        trials: every trial once, in the order of the file.
        chosen: chosen recipe by variant; empty while the search is not finished.
        digest: digest of settings and trials, computed from the files (:func:`tuning_digest`).
        recorded_digest: the digest in ``chosen.json``; empty while the search is not finished.
        notes: what is missing, damaged or edited, one line each.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    trials: tuple[Trial, ...] = ()
    chosen: dict[str, Choice] = field(default_factory=dict)
    digest: str = ""
    recorded_digest: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_edited(self) -> bool:
        """Check whether settings or trials have another digest than ``chosen.json`` recorded."""
        return self.recorded_digest not in ("", self.digest)


def tuning_digest(settings: Mapping[str, Any], trials: Sequence[Trial]) -> str:
    """Return the hex SHA-256 (16 digits) of settings and trials.

    The order of the trials and their seconds don't count. A trial that is recorded twice counts once.

    Args:
        settings: content of ``settings.yaml``.
        trials: the trials.
    """
    unique = _unique(trials)
    records = [unique[key].model_dump(mode="json", exclude={"seconds"}) for key in sorted(unique)]
    content = json.dumps({"settings": settings, "trials": records}, sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def objectives_by_trial(trials: Iterable[Trial]) -> dict[int, float]:
    """Return the mean objective over seeds of each recipe of one stage; recipes with a failed training are left out.

    Args:
        trials: trials of one variant and stage.
    """
    values: dict[int, list[float | None]] = {}
    for trial in trials:
        values.setdefault(trial.trial, []).append(trial.objective)
    return {
        number: statistics.fmean(value for value in objectives if value is not None)
        for number, objectives in values.items()
        if None not in objectives
    }


def choose(last: Sequence[Trial]) -> Choice | None:
    """Return the recipe with the highest mean objective over its seeds; the first of equal ones, None if all failed.

    Args:
        last: trials of the last stage of one variant.
    """
    means = objectives_by_trial(last)
    if not means:
        return None
    best = max(means, key=lambda number: (means[number], -number))
    recipe = next(trial.recipe for trial in last if trial.trial == best)
    return Choice(trial=best, recipe=recipe, objective=means[best])


def trials_by_variant(trials: Iterable[Trial]) -> dict[str, list[Trial]]:
    """Return the trials of each variant, in their order.

    Args:
        trials: trials of all variants.
    """
    by_variant: dict[str, list[Trial]] = {}
    for trial in trials:
        by_variant.setdefault(trial.variant, []).append(trial)
    return by_variant


def at_reference(variant: str, reference: str) -> str:
    """Return the name of a variant at the recipe of the reference.

    Args:
        variant: name of the variant.
        reference: name of the reference.
    """
    return f"{variant}{AT}{reference}"


def read_tuning(folder: Path) -> Tuning | None:
    """Return the search of a study folder; None where there is none. Damage becomes a note.

    Args:
        folder: the study folder.
    """
    place = folder / TUNING
    if not any((place / name).exists() for name in (SETTINGS, TRIALS, CHOSEN)):
        return None
    notes: list[str] = []
    settings = _read_settings(place / SETTINGS, notes)
    trials = _read_trials(place / TRIALS, notes)
    chosen, recorded = _read_chosen(place / CHOSEN, notes)
    digest = tuning_digest(settings, trials)
    if recorded not in ("", digest):
        notes.append(f"{EDITED}: its settings and trials have the digest {digest}, but {CHOSEN} recorded {recorded}")
    return Tuning(settings, tuple(trials), chosen, digest, recorded, tuple(f"{TUNING}/{note}" for note in notes))


def _unique(trials: Sequence[Trial]) -> dict[tuple[str, int, int, int], Trial]:
    """Return the first record of each trial by its key."""
    unique: dict[tuple[str, int, int, int], Trial] = {}
    for trial in trials:
        unique.setdefault(trial.key, trial)
    return unique


def _read_settings(path: Path, notes: list[str]) -> dict[str, Any]:
    """Return the content of ``settings.yaml``; empty with a note where it cannot be read."""
    try:
        return read_yaml(path)
    except ConfigError as error:
        notes.append(f"{SETTINGS}: cannot be read ({str(error).removeprefix(f'{path}: ')})")
        return {}


def _read_trials(path: Path, notes: list[str]) -> list[Trial]:
    """Return every trial of ``trials.jsonl`` once; lines that cannot be read and repeated trials become notes."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        notes.append(f"{TRIALS}: cannot be read ({error.strerror}), so the search shows no trial")
        return []
    trials: list[Trial] = []
    unreadable: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            trials.append(Trial.model_validate(json.loads(line)))
        except ValidationError as error:
            unreadable.append(f"line {number} ({first_line(error)})")
        except (ValueError, RecursionError):
            is_last = not text.endswith("\n") and number == text.count("\n") + 1
            unreadable.append(f"line {number} ({'cut short' if is_last else 'not JSON'})")
    if unreadable:
        noun = "line is" if len(unreadable) == 1 else "lines are"
        listed = shorten_list(unreadable, 4, "; ")
        notes.append(f"{TRIALS}: {len(unreadable)} {noun} left out, which can't be read: {listed}")
    unique = _unique(trials)
    if repeated := [trial for trial in trials if unique[trial.key] is not trial]:
        same = {"seconds"}
        changed = sum(t.model_dump(exclude=same) != unique[t.key].model_dump(exclude=same) for t in repeated)
        names = [f"{t.variant} trial {t.trial} stage {t.stage} seed {t.seed}" for t in repeated]
        contrary = f", {changed} with another content" if changed else ""
        notes.append(f"{TRIALS}: {len(repeated)} repeated trials are left out{contrary}: {shorten_list(names, 3)}")
    return list(unique.values())


def _read_chosen(path: Path, notes: list[str]) -> tuple[dict[str, Choice], str]:
    """Return the choices by variant and the recorded digest; empty where the file is missing or damaged."""
    if not path.exists():
        return {}, ""
    try:
        content = read_json(path)
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict):
        notes.append(f"{CHOSEN}: cannot be read, so no recipe is known to be chosen")
        return {}, ""
    recorded = content.get("digest")
    if not isinstance(recorded, str) or not recorded:
        notes.append(f"{CHOSEN}: has no digest, so an edited search can't be detected")
    variants = content.get("variants")
    chosen: dict[str, Choice] = {}
    for name, record in (variants if isinstance(variants, dict) else {}).items():
        try:
            chosen[str(name)] = Choice.model_validate(record)
        except ValidationError as error:
            notes.append(f"{CHOSEN}: the choice of {name} cannot be read ({first_line(error)})")
    return chosen, recorded if isinstance(recorded, str) else ""
