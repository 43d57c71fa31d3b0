"""Progress of a study, read from its folder, as records, a table, one line or a live picture."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Group
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from auxjepa.rows import RowStore
from auxjepa.runs.metrics import steps_done
from auxjepa.runs.record import read_run
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import PlannedRun, plan
from auxjepa.study.worker import LOCK, failed, rows_on, run_folder


@dataclass(frozen=True)
class Status:
    """Progress of a run.

    Args:
        run: the run.
        steps: number of finished training steps.
        rows: number of written scores.
        wanted: number of planned scores.
        held: whether a living process works on the run.
        failed: whether the last attempt failed.
        trained: whether training is complete. It is checked only when all scores are written, and is True before.
    """

    run: PlannedRun
    steps: int
    rows: int
    wanted: int
    held: bool = False
    failed: bool = False
    trained: bool = True

    @property
    def finished(self) -> bool:
        return self.rows == self.wanted and self.trained

    @property
    def words(self) -> str:
        """State of the run in one word for people."""
        if self.finished:
            return "finished"
        if self.held:
            return "running"
        if self.failed:
            return "failed"
        if not self.trained:
            return "not trained to its end"
        return "stopped" if self.steps or self.rows else "waiting"


def status(study: StudyConfig, folder: Path) -> list[Status]:
    """Return the progress of every run of the study, read from disk."""
    ids = {row.id for row in RowStore(folder)}
    chosen, out = study.chosen_benchmarks(), []
    for run in plan(study):
        own = run_folder(folder, run)
        wanted = [row.id for benchmark in chosen for row in rows_on(study, run, benchmark)]
        rows = sum(name in ids for name in wanted)
        trained = rows < len(wanted) or run.control is not None or _trained(run, own)
        open_ended = rows < len(wanted) or not trained
        held, wrong = open_ended and _is_held(own / LOCK), open_ended and failed(own)
        out.append(Status(run, steps_done(own), rows, len(wanted), held, wrong, trained))
    return out


def _trained(run: PlannedRun, own: Path) -> bool:
    """Check whether the training of a run is complete. Its weights may have been removed since."""
    return read_run(own, run.config.optim.steps).recorded


def _is_held(lock: Path) -> bool:
    """Check whether a living process holds a lock. The lock of a dead process is free."""
    if not lock.exists():
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # the folder is read-only
        return False


def status_table(states: list[Status]) -> Table:
    """Return a table of every run of a study with its progress."""
    table = Table("variant", "regime", "seed", "run", "steps", "scores", "state")
    for s in states:
        steps = "" if s.run.control else f"{s.steps}/{s.run.config.optim.steps}"
        config = s.run.config
        table.add_row(
            config.variant, config.regime, str(config.seed), s.run.key, steps, f"{s.rows}/{s.wanted}", s.words
        )
    return table


def sentence(states: list[Status], started: float) -> str:
    """Return the progress of a study in one line.

    Args:
        states: progress of the runs.
        started: start time on the monotonic clock, in seconds.
    """
    trained = [s for s in states if s.run.control is None]
    total = sum(s.run.config.optim.steps for s in trained)
    return (
        f"{time.monotonic() - started:.0f} s: step {sum(s.steps for s in trained)} of {total}, "
        f"{sum(s.rows for s in states)} of {sum(s.wanted for s in states)} scores, "
        f"{sum(s.finished for s in states)} of {len(states)} runs finished"
    )


def picture(states: list[Status], started: float) -> Group:
    trained = [s for s in states if s.run.control is None]
    columns = TextColumn("{task.description:15}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[note]}")
    bar = Progress(*columns)
    total = sum(s.run.config.optim.steps for s in trained)
    spent = f"{time.monotonic() - started:.0f} s"
    bar.add_task("training steps", total=total, completed=sum(s.steps for s in trained), note=spent)
    bar.add_task("scores", total=sum(s.wanted for s in states), completed=sum(s.rows for s in states), note="")
    now = [_line(s) for s in trained if s.held]
    return Group(bar, "   ".join(now[:8]))


def _line(state: Status) -> str:
    config = state.run.config
    return f"{config.variant} seed {config.seed}: step {state.steps}/{config.optim.steps}"
