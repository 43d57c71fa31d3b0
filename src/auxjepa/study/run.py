"""Run a study: prepare data once, several runs side by side, one live display, nothing done twice."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from loky.process_executor import TerminatedWorkerError
from rich.console import Console, Group
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from auxjepa.benchmarks.base import SPLITS
from auxjepa.config import ConfigError, to_yaml
from auxjepa.data.parallel import cores
from auxjepa.data.pool import open_feed
from auxjepa.files import write_json, write_text
from auxjepa.pools import Pool
from auxjepa.rows import RowStore
from auxjepa.study import samples
from auxjepa.study.display import Display
from auxjepa.study.plan import PlannedRun, StudyConfig, plan, read_study
from auxjepa.study.worker import FAILURE, LOCK, RunError, control_rows, encoder_row, run_folder, score_controls, work

POLL = 2.0
"""Seconds between two looks at how far the runs are."""


@dataclass(frozen=True)
class Status:
    """How far a run is: training steps done, scores written and wanted, whether a process holds it, what went wrong."""

    run: PlannedRun
    steps: int
    rows: int
    wanted: int
    held: bool = False
    failed: bool = False

    @property
    def finished(self) -> bool:
        return self.rows == self.wanted

    @property
    def words(self) -> str:
        """One word for people."""
        if self.finished:
            return "finished"
        if self.held:
            return "running"
        if self.failed:
            return "failed"
        return "stopped" if self.steps or self.rows else "waiting"


def status(study: StudyConfig, folder: Path) -> list[Status]:
    """How far every run of the study is, read from disk."""
    ids = {row.id for row in RowStore(folder)}
    chosen, out = study.chosen_benchmarks(), []
    for run in plan(study):
        own = run_folder(folder, run)
        rows = sum(encoder_row(run, benchmark).id in ids for benchmark in chosen)
        open_ended = rows < len(chosen)
        held, failed = open_ended and _held(own / LOCK), open_ended and (own / FAILURE).exists()
        out.append(Status(run, _steps_done(own), rows, len(chosen), held, failed))
    return out


def _held(lock: Path) -> bool:
    """Whether a living process holds a lock (that of a dead one is free)."""
    if not lock.exists():
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # a folder that we may only read
        return False


def _steps_done(folder: Path) -> int:
    """Step of the last whole line of metrics.jsonl, plus one."""
    path = folder / "metrics.jsonl"
    if not path.exists():
        return 0
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 8192))
        lines = file.read().splitlines()
    for line in reversed(lines):
        try:
            return int(json.loads(line)["step"]) + 1
        except (ValueError, KeyError):
            continue
    return 0


def claim(study: StudyConfig, folder: Path, command: str) -> None:
    """Write ``study.yaml``, or make sure that the folder holds this study (but for words for its readers).

    Raises:
        ConfigError: when the folder holds another study; the message says what differs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "study.yaml"
    if path.exists():
        different = read_study(folder).differences(study)
        if different:
            more = f" (and {len(different) - 3} more)" if len(different) > 3 else ""
            told = "; ".join(different[:3]).replace(" here ", " in the folder ").replace(" there", " in what is asked")
            raise ConfigError(f"{folder} holds another study: {told}{more}. Choose another --out")
    write_text(path, to_yaml(study) + f"command: {json.dumps(command)}\n")


def share_runs(folder: Path, runs: Path) -> None:
    """Let a study keep its pretraining runs in ``runs``, where other studies find equal ones by their hash.

    Raises:
        ConfigError: when the study keeps runs of its own already, or shares those of another folder.
    """
    own, runs = folder / "runs", runs.absolute()
    runs.mkdir(parents=True, exist_ok=True)
    if own.is_symlink() and own.resolve() == runs.resolve():
        return
    if own.exists() or own.is_symlink():
        raise ConfigError(f"{own} is there already: a study's runs are shared from its beginning, or not at all")
    own.symlink_to(runs, target_is_directory=True)


def execute(
    study: StudyConfig,
    folder: Path,
    *,
    root: Path | None = None,
    workers: int = 0,
    device: str = "cpu",
    console: Console | None = None,
) -> None:
    """Do everything of a study that has no finished row yet. A run that fails keeps none of the others from finishing.

    Args:
        root: where generated data and caches are kept; ``folder/data`` when None. workers: runs side by side, one per
            core when 0 (one in all on an accelerator). device: where to train.

    Raises:
        RunError: when runs failed; the message names the first. What finished is kept.
    """
    console, folder = console or Console(stderr=True), folder.absolute()
    workers = side_by_side(workers, device)
    runs = plan(study, root or folder / "data")
    finished = {s.run.key for s in status(study, folder) if s.finished}
    todo = [run for run in runs if run.key not in finished]
    _prepare(study, runs, workers)
    _describe(study, runs, folder)
    samples.write(folder / "samples.npz", next(run for run in runs if run.control is None))
    done_rows = {row.id for row in RowStore(folder)}
    first_of_regime = {run.config.regime: run for run in reversed(runs)}.values()
    unscored = [run for run in first_of_regime if any(r.id not in done_rows for _, r in control_rows(study, run))]
    if not todo and not unscored:
        console.print(_sentence(status(study, folder), time.monotonic()), highlight=False)
        return
    executor, mine = Pool(max_workers=workers), os.getpid()
    pending: set[Future] = {executor.submit(score_controls, study, run, folder, mine) for run in unscored}
    pending |= {executor.submit(work, study, run, folder, device, mine) for run in todo}
    failures: list[BaseException] = []
    started = time.monotonic()
    try:
        with Display(console) as display:
            while pending:
                done, pending = wait(pending, timeout=POLL, return_when=FIRST_COMPLETED)
                failures += [error for future in done if (error := future.exception()) is not None]
                states = status(study, folder)
                picture = lambda states=states: _picture(states, started)  # noqa: E731
                display.show(picture, lambda states=states: _sentence(states, started), now=not pending)
    except BaseException:
        executor.shutdown(wait=False, kill_workers=True)
        raise
    executor.shutdown(wait=True)
    if failures:
        raise RunError(_told(failures, folder))


def _told(failures: list[BaseException], folder: Path) -> str:
    """What went wrong, in one line."""
    killed = [error for error in failures if isinstance(error, TerminatedWorkerError)]
    if killed:
        line = "a worker process was killed (by hand, or for want of memory: fewer --workers need less)"
    else:
        first = failures[0].__cause__ if isinstance(failures[0], BrokenExecutor) else failures[0]
        words = " ".join(str(first).split()[-60:]) or type(first).__name__
        line = words + (f"; {len(failures) - 1} more failed" if len(failures) > 1 else "")
    return f"{line}. What finished is kept in {folder}; the same command tries the rest again"


def side_by_side(workers: int, device: str) -> int:
    """How many processes a study runs: as many as asked for, else one per core, one in all on an accelerator."""
    return workers or (1 if device.startswith("cuda") else cores())


def _prepare(study: StudyConfig, runs: list[PlannedRun], workers: int) -> None:
    """Generate and decode every clip that the study reads, before any run starts."""
    for data in {run.config.data.digest(): run.config.data for run in runs}.values():
        open_feed(data, workers=workers)
        for benchmark in study.chosen_benchmarks():
            for split in SPLITS:
                benchmark.open(data, split, workers=workers)


def _describe(study: StudyConfig, runs: list[PlannedRun], folder: Path) -> None:
    """protocols.json and benchmarks.json: what hashes in rows stand for."""
    chosen = study.chosen_benchmarks()
    data = runs[0].config.data
    write_json(
        folder / "benchmarks.json",
        {
            b.name: {
                "title": b.title,
                "capability": b.capability,
                "suite": b.suite,
                "hash": b.hash_on(data),
                "n_test": b.test,
                "n_classes": b.classes,
                "n_train": b.train,
                "n_validation": b.validation,
                "controls": list(b.controls),
            }
            for b in chosen
        },
    )
    protocols = {b.protocol.name: b.protocol for b in chosen}
    write_json(
        folder / "protocols.json",
        {name: {"hash": p.digest(), "record": p.model_dump(mode="json")} for name, p in protocols.items()},
    )


def status_table(states: list[Status]) -> Table:
    """Every run of a study with its progress."""
    table = Table("variant", "regime", "seed", "run", "steps", "scores", "state")
    for s in states:
        steps = "" if s.run.control else f"{s.steps}/{s.run.config.optim.steps}"
        config = s.run.config
        table.add_row(
            config.variant, config.regime, str(config.seed), s.run.key, steps, f"{s.rows}/{s.wanted}", s.words
        )
    return table


def _sentence(states: list[Status], started: float) -> str:
    """How far a study is, on one line."""
    trained = [s for s in states if s.run.control is None]
    total = sum(s.run.config.optim.steps for s in trained)
    return (
        f"{time.monotonic() - started:.0f} s: step {sum(s.steps for s in trained)} of {total}, "
        f"{sum(s.rows for s in states)} of {sum(s.wanted for s in states)} scores, "
        f"{sum(s.finished for s in states)} of {len(states)} runs finished"
    )


def _picture(states: list[Status], started: float) -> Group:
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
