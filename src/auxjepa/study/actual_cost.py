"""Actual cost of a study from its rows and the summaries of its runs, for a comparison with the plan."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from auxjepa.files import read_json
from auxjepa.rows import RowStore
from auxjepa.runs.record import read_run
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.study.worker import run_folder

PLANNED = "estimate.json"
"""File in the study folder with the estimate of ``auxjepa study plan --out``."""


class ActualCost(NamedTuple):
    """Actual hours of one process: wall-clock hours and CPU hours. The generation of data is left out."""

    clock: float
    own: float


def measure_actual_cost(study: StudyConfig, folder: Path) -> ActualCost:
    """Return the actual cost of all training so far and of all written scores."""
    spent = [(row.seconds or 0.0, row.cpu_seconds or 0.0) for row in RowStore(folder)]
    for own in {run_folder(folder, run) for run in plan(study) if run.control is None}:
        record = read_run(own)
        if record.summary is not None:
            spent.append((record.summary.seconds, record.summary.cpu_seconds))
        elif record.state is not None:  # an unfinished run: cost so far
            spent.append((record.state.counters.seconds, record.state.counters.cpu_seconds))
    return ActualCost(*(sum(one[n] for one in spent) / 3600 for n in (0, 1)))


def compare_with_plan(study: StudyConfig, folder: Path) -> str:
    """Return one line with the planned and the actual cost; empty if there is no plan."""
    path = folder / PLANNED
    if not path.exists():
        return ""
    try:
        planned = read_json(path)
        expected, device = float(planned["training"]) + float(planned["scoring"]), str(planned["device"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        return f"{path}: not what `auxjepa study plan` wrote ({type(error).__name__}), so no cost is held against it"
    spent = measure_actual_cost(study, folder)
    word, hours = ("CPU", spent.own) if device == "cpu" else ("GPU", spent.clock)
    return f"planned {expected:.2f} {word}-hours, taken {hours:.2f} ({spent.clock:.2f} of the clock), data apart"
