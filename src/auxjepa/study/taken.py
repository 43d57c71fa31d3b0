"""What a study has taken, from its rows and the summaries of its runs: to be held against what was planned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from auxjepa.rows import RowStore
from auxjepa.study.plan import StudyConfig, plan
from auxjepa.study.worker import run_folder

PLANNED = "estimate.json"
"""In a study's folder: what ``auxjepa study plan --out`` expected of it."""


class Taken(NamedTuple):
    """Hours of one process: of the clock, and of its own (CPU). Making data isn't among them."""

    clock: float
    own: float


def taken(study: StudyConfig, folder: Path) -> Taken:
    """Of the runs that are trained and the scores that are written."""
    spent = [(row.seconds or 0.0, row.cpu_seconds or 0.0) for row in RowStore(folder)]
    trained = {run_folder(folder, run) / "summary.json" for run in plan(study) if run.control is None}
    for path in trained:
        if path.exists():
            summary = json.loads(path.read_text())
            spent.append((summary["seconds"], summary["cpu_seconds"]))
    return Taken(*(sum(one[n] for one in spent) / 3600 for n in (0, 1)))


def held_against_plan(study: StudyConfig, folder: Path) -> str:
    """One line: what was planned, and what was taken; nothing where nothing was planned."""
    path = folder / PLANNED
    if not path.exists():
        return ""
    planned = json.loads(path.read_text())
    expected, spent = planned["training"] + planned["scoring"], taken(study, folder)
    word, hours = ("CPU", spent.own) if planned["device"] == "cpu" else ("GPU", spent.clock)
    return f"planned {expected:.2f} {word}-hours, taken {hours:.2f} ({spent.clock:.2f} of the clock), data apart"
