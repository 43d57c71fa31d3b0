"""Cost of the unfinished runs of a study, from the actual cost of its finished runs."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from auxjepa.rows import RowStore
from auxjepa.runs.record import read_run
from auxjepa.study.plan import StudyConfig
from auxjepa.study.status import status
from auxjepa.study.worker import run_folder


def describe_cost(study: StudyConfig, folder: Path, processes: int) -> str:
    """Return the number of runs, steps, scores and hours that a study still needs, in words.

    A run is estimated by the mean of the finished runs of its variant and regime in the folder, a score by the mean of
    the encoder scores in the folder. This needs no measurement, and it includes this machine's load.

    Args:
        study: the study with the seeds to run.
        folder: study folder.
        processes: number of processes side by side.
    """
    todo = [state for state in status(study, folder) if not state.finished]
    trained = [state for state in todo if state.run.control is None]
    steps = sum(max(0, state.run.config.optim.steps - state.steps) for state in trained)
    scores = sum(state.wanted - state.rows for state in todo)
    words = f"{len(trained)} runs to train ({steps:,} steps), {scores} scores"
    hours = _hours(study, folder)
    if hours is None:
        return f"{words}; no finished run shows how long this takes (`auxjepa study plan` measures it)"
    return f"{words}, about {hours / processes:.2g} h with {processes} side by side, as the finished runs took"


def _hours(study: StudyConfig, folder: Path) -> float | None:
    """Return the estimated hours of one process; None without a finished run."""
    states = status(study, folder)
    per_step: dict[tuple[str, str], list[float]] = defaultdict(list)
    for state in states:
        if state.run.control is None:
            summary = read_run(run_folder(folder, state.run)).summary
            if summary is not None and summary.steps:
                per_step[state.run.config.variant, state.run.config.regime].append(summary.seconds / summary.steps)
    scored = [row.seconds for row in RowStore(folder) if row.seconds and row.control in (None, "random_init")]
    if not per_step or not scored:
        return None
    means = {kind: sum(values) / len(values) for kind, values in per_step.items()}
    typical = sum(means.values()) / len(means)
    seconds = 0.0
    for state in states:
        if not state.finished:
            config = state.run.config
            if state.run.control is None:
                left = max(0, config.optim.steps - state.steps)
                seconds += left * means.get((config.variant, config.regime), typical)
            seconds += (state.wanted - state.rows) * sum(scored) / len(scored)
    return seconds / 3600
