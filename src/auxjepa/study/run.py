"""Run a study: prepare data once, run several runs side by side, show one display, and repeat no finished work."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from auxjepa.benchmarks.benchmark import SPLITS
from auxjepa.config import ConfigError, read_yaml
from auxjepa.console import stderr_console
from auxjepa.data.open import open_feed
from auxjepa.evidence.study_folder import study_file
from auxjepa.evidence.study_folder.agreement import CLASS_COUNTS
from auxjepa.evidence.study_folder.split_facts import SPLITS_FIELD
from auxjepa.files import read_json, write_json
from auxjepa.processes.cores import count_cores
from auxjepa.processes.tasks import Outcome, ProcessDiedError, Task, run_tasks
from auxjepa.rows import RowStore
from auxjepa.study import descriptions, frozen_scores, samples
from auxjepa.study.display import Display
from auxjepa.study.feature_pictures import write_feature_pictures
from auxjepa.study.frozen_scores import score_frozen
from auxjepa.study.own_data import check_videos, reopen
from auxjepa.study.plan import StudyConfig, without_new_seeds
from auxjepa.study.planned_runs import PlannedRun, plan
from auxjepa.study.split_records import describe_splits
from auxjepa.study.status import picture, sentence, status
from auxjepa.study.study_yaml import read_study, write_study
from auxjepa.study.worker import RunError, control_rows, name_of, note_failure, run_folder, score_controls, work

POLL = 2.0
"""Seconds between two updates of the progress."""


def claim(study: StudyConfig, folder: Path, command: str) -> None:
    """Write ``study.yaml``, or check that the folder holds this study. Texts for readers may differ.

    Args:
        study: the study.
        folder: study folder.
        command: command that runs the study.

    Raises:
        ConfigError: see :func:`check_claim`.
    """
    check_claim(study, folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_study(folder, study, command)


def check_claim(study: StudyConfig, folder: Path) -> None:
    """Check that a folder holds no other study.

    Args:
        study: the study.
        folder: study folder.

    Raises:
        ConfigError: if it holds another study; the message names the differences.
    """
    path = folder / study_file.FILE
    if path.exists():
        filed = read_study(folder, trusting=True)
        different = filed.differences(without_new_seeds(study, filed))
        if different and all(line.startswith(("data_digest ", "own_benchmarks.")) for line in different):
            names = sorted({line.split(".")[1] for line in different if line.startswith("own_benchmarks.")})
            which = f"benchmarks {', '.join(names)}" if names else "files were added, removed or replaced"
            raise ConfigError(
                f"{folder}: the videos or labels of {study.data} have changed since this study began ({which}): "
                "restore them, or choose another --out"
            )
        if different:
            more = f" (and {len(different) - 3} more)" if len(different) > 3 else ""
            difference_list = (
                "; ".join(different[:3]).replace(" here ", " in the folder ").replace(" there", " in the request")
            )
            hurt = study_file.describe_damage(path, read_yaml(path))
            why = f" (study.yaml was {hurt}; remove it if the requested study is right)" if hurt else ""
            are_seeds = all(line.startswith(("seeds ", "seeds.", "added_seeds")) for line in different)
            hint = ", or add seeds to the study in the folder with --add-seeds" if are_seeds else ""
            raise ConfigError(f"{folder} holds another study{why}: {difference_list}{more}. Choose another --out{hint}")


def share_runs(folder: Path, runs: Path) -> None:
    """Link the study's runs to a shared folder. Other studies find equal runs there by their hash.

    Args:
        folder: study folder.
        runs: folder of shared runs.

    Raises:
        ConfigError: see :func:`check_shared`.
    """
    check_shared(folder, runs)
    own, runs = folder / "runs", runs.absolute()
    runs.mkdir(parents=True, exist_ok=True)
    if not own.is_symlink():
        own.symlink_to(runs, target_is_directory=True)


def check_shared(folder: Path, runs: Path) -> None:
    """Check whether a study can keep its runs in a shared folder.

    Args:
        folder: study folder.
        runs: folder of shared runs.

    Raises:
        ConfigError: if the study already has separate runs, or shares the runs of another folder.
    """
    own = folder / "runs"
    shared = own.is_symlink() and own.resolve() == runs.absolute().resolve()
    if not shared and (own.exists() or own.is_symlink()):
        raise ConfigError(f"{own} is there already: a study's runs are shared from its beginning, or not at all")


def execute(
    study: StudyConfig,
    folder: Path,
    *,
    root: Path | None = None,
    workers: int = 0,
    device: str = "cpu",
    console: Console | None = None,
    on_start: Callable[[], None] = lambda: None,
) -> None:
    """Compute all scores of a study that have no finished row. If a run fails, the other runs still finish.

    If the process of a run is killed, the run is started again once and resumes from its last checkpoint.

    Args:
        study: the study.
        folder: study folder.
        root: folder of generated data and caches; ``folder/data`` when None.
        workers: runs side by side; when 0, one per core, or one on an accelerator.
        device: device of training.
        console: where progress is shown.
        on_start: called when all data is ready, before the first run starts.

    Raises:
        RunError: if runs failed; the message names the first. Finished work is kept.
        ValueError: if scores cannot be appended to the folder's rows.
    """
    console, folder = console or stderr_console(), folder.absolute()
    RowStore(folder).check_encoding()  # fails before hours of work on scores that cannot be written
    workers = side_by_side(workers, device)
    runs = plan(study, root or folder / "data")
    finished = {s.run.key for s in status(study, folder) if s.finished}
    todo = [run for run in runs if run.key not in finished]
    _prepare(study, runs, workers)
    _describe(study, runs, folder)
    samples.write(folder / "samples.npz", next(run for run in runs if run.control is None), study)
    on_start()
    done_rows = {row.id for row in RowStore(folder)}
    first_of_regime = {run.config.regime: run for run in reversed(runs)}.values()
    unscored = [run for run in first_of_regime if any(r.id not in done_rows for _, r in control_rows(study, run))]
    frozen = frozen_scores.unscored(study, first_of_regime, RowStore(folder)) if study.encoders else []
    if not todo and not unscored and not frozen:
        if note := write_feature_pictures(study, runs, folder):
            console.print(note, markup=False, highlight=False, soft_wrap=True)
        console.print(sentence(status(study, folder), time.monotonic()), highlight=False)
        return
    mine = os.getpid()
    tasks = [
        Task(f"controls of {run.config.regime}", score_controls, (study, run, folder, mine, device)) for run in unscored
    ]
    tasks += [
        Task(f"{source} on {run.config.regime}", score_frozen, (study, source, run, folder, device, mine))
        for source, run in frozen
    ]
    tasks += [Task(name_of(run), work, (study, run, folder, device, mine)) for run in todo]
    failures: list[Outcome] = []
    started = time.monotonic()

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    def died(task: Task, how: str) -> None:
        say(f"{task.name}: its process died ({how}); a new one resumes it")

    def show(now: bool) -> None:
        states = status(study, folder)
        display.show(lambda: picture(states, started), lambda: sentence(states, started), now=now)

    with Display(console) as display:
        for finished in run_tasks(tasks, min(workers, len(tasks)), poll=POLL, died=died):
            for outcome in finished:
                for line in outcome.result or ():
                    say(line)
                if outcome.error is not None:
                    failures.append(outcome)
                    _note(outcome, folder)
            show(now=False)
        show(now=True)
    if not failures and (note := write_feature_pictures(study, runs, folder)):
        say(note)
    if failures:
        raise RunError(_describe_failures(failures, folder))


def _note(failure: Outcome, folder: Path) -> None:
    """Write the error of a dead process to the folder of its run. Other errors are written by the run's process."""
    run = failure.task.args[1]
    if isinstance(failure.error, ProcessDiedError) and failure.task.work is work:
        note_failure(run_folder(folder, run), f"{failure.task.name}: {failure.error}\n")


def _describe_failures(failures: list[Outcome], folder: Path) -> str:
    """Return the failures in one line."""
    first = failures[0]
    words = " ".join(str(first.error).split()[-60:]) or type(first.error).__name__
    line = words if isinstance(first.error, RunError) else f"{first.task.name}: {words}"
    line += f"; {len(failures) - 1} more failed" if len(failures) > 1 else ""
    if isinstance(first.error, ProcessDiedError):
        line += " (for want of memory? Fewer --workers need less)"
    return f"{line}. What finished is kept in {folder}; the same command tries the rest again"


def side_by_side(workers: int, device: str) -> int:
    """Return the number of processes of a study.

    Args:
        workers: requested number; when 0, one per core, or one on an accelerator.
        device: device of training.
    """
    return workers or (1 if device.startswith("cuda") else count_cores())


def _prepare(study: StudyConfig, runs: list[PlannedRun], workers: int) -> None:
    """Generate and decode every clip that the study reads, before any run starts."""
    if study.data_digest:
        check_videos(study, runs[0].config.data)
    for data in {run.config.data.digest(): run.config.data for run in runs}.values():
        open_feed(data, workers=workers)
        for benchmark in study.chosen_benchmarks():
            opened = reopen(benchmark, data)
            for split in SPLITS:
                opened.open(data, split, workers=workers)


def _records_of(path: Path) -> dict[str, dict[str, Any]]:
    """Return the records in a file; nothing where it can't be read."""
    try:
        content = read_json(path)
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in content.items() if isinstance(v, dict)} if isinstance(content, dict) else {}


def _describe(study: StudyConfig, runs: list[PlannedRun], folder: Path) -> None:
    """Write protocols.json and benchmarks.json, which describe the hashes in rows."""
    chosen = study.chosen_benchmarks()
    data = runs[0].config.data
    earlier = _records_of(folder / descriptions.BENCHMARKS)
    records = {b.name: descriptions.benchmark_record(b, data) for b in chosen}
    for benchmark in chosen:
        record, before = records[benchmark.name], earlier.get(benchmark.name, {})
        splits = {key: before[key] for key in (SPLITS_FIELD, CLASS_COUNTS) if key in before}
        if not splits or before.get("hash") != record["hash"]:
            splits = describe_splits(reopen(benchmark, data), data)
        record |= splits
    write_json(folder / descriptions.BENCHMARKS, records)
    protocols = {b.protocol.name: descriptions.protocol_record(b.protocol) for b in chosen}
    write_json(folder / descriptions.PROTOCOLS, protocols)
