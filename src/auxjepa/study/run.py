"""Run a study: prepare data once, several runs side by side, one live display, nothing done twice."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from dataclasses import dataclass
from pathlib import Path

from loky import get_reusable_executor
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from auxjepa.benchmarks.base import SPLITS
from auxjepa.config import ConfigError, read_yaml, to_yaml
from auxjepa.data.pool import open_pool
from auxjepa.rows import RowStore
from auxjepa.study import samples
from auxjepa.study.plan import PlannedRun, StudyConfig, plan
from auxjepa.study.worker import encoder_row, run_folder, score_controls, work
from auxjepa.train.record import write_json


@dataclass(frozen=True)
class Status:
    """How far a run is: training steps done, scores written, whether nothing is left."""

    run: PlannedRun
    steps: int
    rows: int
    wanted: int

    @property
    def finished(self) -> bool:
        return self.rows == self.wanted

    @property
    def words(self) -> str:
        """One word for people."""
        if self.finished:
            return "finished"
        return "waiting" if not self.steps and not self.rows else "begun"


def status(study: StudyConfig, folder: Path, root: Path | None = None) -> list[Status]:
    """How far every run of the study is, read from disk."""
    ids = {row.id for row in RowStore(folder)}
    out = []
    for run in plan(study, root or folder / "data"):
        rows = sum(encoder_row(run, benchmark).id in ids for benchmark in study.chosen_benchmarks())
        out.append(Status(run, _steps_done(run_folder(folder, run)), rows, len(study.benchmarks)))
    return out


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
    """Write ``study.yaml``, or make sure that the folder holds this study.

    Raises:
        ConfigError: when the folder holds another study.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "study.yaml"
    if path.exists():
        content = read_yaml(path)
        content.pop("command", None)
        if StudyConfig.model_validate(content).digest() != study.digest():
            raise ConfigError(f"{folder} holds another study ({content.get('name')}): choose another --out")
        return
    partial = path.with_suffix(".partial")
    partial.write_text(to_yaml(study) + f"command: {json.dumps(command)}\n")
    partial.replace(path)


def execute(
    study: StudyConfig,
    folder: Path,
    *,
    root: Path | None = None,
    workers: int = 0,
    device: str = "cpu",
    console: Console | None = None,
) -> None:
    """Do everything of a study that has no finished row yet.

    Args:
        root: where generated data and caches are kept; ``folder/data`` when None. workers: runs side by side, one per
            core when 0 (one in all on an accelerator). device: where to train.
    """
    console = console or Console(stderr=True)
    workers = workers or (1 if device.startswith("cuda") else os.cpu_count() or 1)
    root = root or folder / "data"
    runs = plan(study, root)
    _prepare(study, runs, workers)
    _describe(study, runs, folder)
    todo = [s.run for s in status(study, folder, root) if not s.finished]
    executor = get_reusable_executor(max_workers=workers, timeout=600)
    first_of_regime = {run.config.regime: run for run in reversed(runs)}
    futures: list[Future] = [executor.submit(score_controls, study, run, folder) for run in first_of_regime.values()]
    futures += [executor.submit(work, study, run, folder, device) for run in todo]
    with Live(console=console, refresh_per_second=2, transient=False) as live:
        started = time.monotonic()
        pending = set(futures)
        while pending:
            done, pending = wait(pending, timeout=1.0, return_when=FIRST_EXCEPTION)
            live.update(_display(study, folder, root, started))
            failed = [f for f in done if f.exception() is not None]
            if failed:
                executor.shutdown(wait=False, kill_workers=True)
                raise failed[0].exception() or RuntimeError("a run failed")
    if runs:
        samples.write(folder / "samples.npz", next(r for r in runs if r.control is None))


def _prepare(study: StudyConfig, runs: list[PlannedRun], workers: int) -> None:
    """Generate and decode every clip that the study reads, before any run starts."""
    for data in {run.config.data.digest(): run.config.data for run in runs}.values():
        open_pool(data, workers=workers)
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
                "hash": b.hash_on(data),
                "n_test": b.test,
                "n_classes": b.classes,
                "n_train": b.train,
                "n_validation": b.validation,
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


def _display(study: StudyConfig, folder: Path, root: Path, started: float) -> Group:
    states = status(study, folder, root)
    trained = [s for s in states if s.run.control is None]
    columns = TextColumn("{task.description:15}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[note]}")
    bar = Progress(*columns)
    total = sum(s.run.config.optim.steps for s in trained)
    spent = f"{time.monotonic() - started:.0f} s"
    bar.add_task("training steps", total=total, completed=sum(s.steps for s in trained), note=spent)
    bar.add_task("scores", total=sum(s.wanted for s in states), completed=sum(s.rows for s in states), note="")
    now = [_line(s) for s in trained if s.steps and not s.finished]
    return Group(bar, "   ".join(now[:8]))


def _line(state: Status) -> str:
    config = state.run.config
    return f"{config.variant} seed {config.seed}: step {state.steps}/{config.optim.steps}"
