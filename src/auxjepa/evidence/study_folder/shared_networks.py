"""Networks that a study shares with other studies, or that are older than its registration.

A registration shows that hypotheses are older than the scores of the study. It does not show that the networks were
unknown: another study may have scored them. Each run keeps the names of the studies that scored it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auxjepa.evidence.decisions.registration import Registration
from auxjepa.evidence.study_folder.artifacts import Run
from auxjepa.files import append_lines
from auxjepa.lists import shorten_list

FILE = "studies.jsonl"
"""File in a run's folder: one line for each study that scored the run."""


@dataclass(frozen=True)
class SharedNetworks:
    """The networks of a study that are not its own alone.

    Args:
        networks: number of networks of the study.
        earlier: hashes of the runs that are older than the registration.
        studies: number of networks that another study scored, by the name of that study.
        shared: number of networks that any other study scored.
        runs_elsewhere: the folder of the runs, where ``runs`` is a link to it; else empty.
    """

    networks: int = 0
    earlier: tuple[str, ...] = ()
    studies: tuple[tuple[str, int], ...] = ()
    shared: int = 0
    runs_elsewhere: str = ""

    @property
    def lines(self) -> list[str]:
        """Return one line for each way in which networks are not the study's own."""
        lines = []
        if self.earlier:
            lines.append(f"{len(self.earlier)} of {self.networks} networks are older than the registration")
        if self.studies:
            names = shorten_list([f"{name} ({count})" for name, count in self.studies], 4)
            lines.append(f"{self.shared} of {self.networks} networks were also scored by other studies: {names}")
        elif self.runs_elsewhere:
            lines.append(f"runs is a link to {self.runs_elsewhere}, so other studies may have scored these networks")
        return lines

    @property
    def notes(self) -> list[str]:
        """Return the lines as notes of a study."""
        why = "where another study scored them on something related, this one is no independent evidence"
        return [f"networks: {line}; {why}" for line in self.lines]


def record_study(run: Path, study: str, folder: Path) -> None:
    """Write the name of a study into the folder of a run that it scores, once.

    Args:
        run: folder of the run.
        study: name of the study.
        folder: folder of the study.
    """
    record = {"study": study, "folder": folder.resolve().name}
    if not any((other.get("study"), other.get("folder")) == tuple(record.values()) for other in _records(run / FILE)):
        since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        append_lines(run / FILE, [record | {"since": since}])


def read_shared(
    folder: Path, study: str, runs: Sequence[Run], scored: Sequence[str], registration: Registration | None
) -> SharedNetworks:
    """Return the networks that other studies scored, or that are older than the registration.

    Args:
        folder: the study folder.
        study: name of the study.
        runs: finished runs.
        scored: names of the runs with scores.
        registration: the registration; None where there is none.
    """
    own, place = (study, folder.resolve().name), folder / "runs"
    counts: Counter[str] = Counter()
    shared = 0
    names = [name for name in dict.fromkeys(scored) if name and Path(name).name == name]
    for name in names:
        others = {
            str(record.get("study"))
            for record in _records(place / name / FILE)
            if (record.get("study"), record.get("folder")) != own
        }
        counts.update(others)
        shared += bool(others)
    earlier: set[str] = set()
    if registration is not None:
        earlier = set(registration.earlier_runs) & set(names)
        earlier |= {run.hash for run in runs if run.hash in names and _is_older(run, registration.created)}
    link = str(place.resolve()) if place.is_symlink() else ""
    return SharedNetworks(len(names), tuple(sorted(earlier)), tuple(counts.most_common()), shared, link)


def start_of(run: Run) -> dt.datetime | None:
    """Return the time at which the training of a run began at the latest; None where it is not recorded.

    Pauses of the training are not recorded, so it may have begun earlier.

    Args:
        run: the run.
    """
    try:
        return _time(str(run.summary.get("finished"))) - dt.timedelta(seconds=run.number("seconds") or 0.0)
    except (ValueError, OverflowError):
        return None


def _is_older(run: Run, created: str) -> bool:
    """Check whether the training of a run began before a time."""
    start = start_of(run)
    try:
        return start is not None and start < _time(created)
    except ValueError:
        return False


def _time(text: str) -> dt.datetime:
    """Return a time in UTC; a time without a zone is in UTC."""
    time = dt.datetime.fromisoformat(text)
    return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time


def _records(path: Path) -> list[dict[str, Any]]:
    """Return the records of a file; lines that cannot be read are left out."""
    records = []
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    except OSError:
        return []
    for line in lines:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            records.append(record)
    return records
