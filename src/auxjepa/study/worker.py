"""Work of one process on one planned run: pretrain, probe on every benchmark, write rows."""

from __future__ import annotations

import contextlib
import shutil
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from filelock import FileLock

from auxjepa.benchmarks import Benchmark, measurement_of
from auxjepa.benchmarks.changed_frames import CHANGES, Change, ChangedBenchmark
from auxjepa.benchmarks.score import Scorer, score_majority, score_raw_pixels
from auxjepa.benchmarks.supervised import CeilingProtocol, has_ceiling, score_ceiling
from auxjepa.ceiling_training import CEILINGS, Ceiling
from auxjepa.data.open import bind, open_feed
from auxjepa.evidence.study_folder.shared_networks import record_study
from auxjepa.files import write_text
from auxjepa.models.initial import build_initial_encoder
from auxjepa.models.vit import Encoder
from auxjepa.rows import Control, Row, RowStore
from auxjepa.runs.metrics import steps_done
from auxjepa.runs.record import read_run
from auxjepa.runs.summary import FILE as SUMMARY
from auxjepa.runs.summary import MISSING
from auxjepa.study.own_data import reopen
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import PlannedRun
from auxjepa.study.score_rows import (
    Cost,
    empty_row,
    filled,
    filled_by_chance,
    with_ceiling,
    with_changed_frames,
    with_effective_size,
    without_encoder,
)
from auxjepa.study.stopping import stop_without
from auxjepa.train.checkpoint import CheckpointError, digest, load_encoder
from auxjepa.train.loop import Run
from auxjepa.train.record import reset_peak_memory

LOCK, FAILURE = ".lock", "error.txt"


class RunError(RuntimeError):
    """Error of a failed run; one line with variant, seed and reason."""


def run_folder(folder: Path, run: PlannedRun) -> Path:
    """Return the folder of a run in a study folder. Runs that train nothing are in ``controls/``."""
    return folder / ("runs" if run.control is None else "controls") / run.key


def work(study: StudyConfig, run: PlannedRun, folder: Path, device: str, parent: int) -> list[str]:
    """Pretrain or resume a run, then score it on every benchmark that has no row yet.

    If the parent was killed, a second process may start while the first still trains. A lock makes the second one wait.

    Args:
        study: the study.
        run: the run.
        folder: study folder.
        device: name of the device.
        parent: id of the parent process; this process stops at the next step if the parent is gone.

    Returns:
        One line for each damaged file in the run's folder, with the repair.

    Raises:
        RunError: if training or scoring fails; ``error.txt`` in the run's folder holds the trace.
    """
    notes: list[str] = []
    if device == "cpu":
        torch.set_num_threads(1)
    own = run_folder(folder, run)
    own.mkdir(parents=True, exist_ok=True)
    with FileLock(own / LOCK), _naming_the_run(run, own):
        if run.control is None:
            record_study(own, study.name, folder)
        store = RowStore(folder)
        done = {row.id for row in store}
        scored = sum(row.id in done for one in study.chosen_benchmarks() for row in rows_on(study, run, one))
        encoder, weights = load_or_train(run, own, device, lambda: stop_without(parent), scored, notes)
        config, kept = run.config, own / "features"
        scorer = Scorer(encoder, weights, config.model, config.data, seed=config.seed, features=kept)
        for benchmark in study.chosen_benchmarks():
            missing = [row for row in rows_on(study, run, benchmark) if row.id not in done]
            opened = reopen(benchmark, config.data) if missing else benchmark
            for row in missing:
                stop_without(parent)
                change: Change | None = next((one for one in CHANGES if one == row.control), None)
                with Cost() as cost:
                    score = scorer.score(opened if change is None else ChangedBenchmark.of(opened, change))
                score = with_effective_size(score) if benchmark.name in study.own_benchmarks else score
                store.append(filled(row, score, cost), score.correct)
        shutil.rmtree(own / "features", ignore_errors=True)
    return [f"{name_of(run)}: {note}" for note in notes]


def rows_on(study: StudyConfig, run: PlannedRun, benchmark: Benchmark) -> list[Row]:
    """Return the empty rows of a run on a benchmark: its score, and the controls with changed frames.

    These controls are measured on the reference alone.

    Args:
        study: the study.
        run: the run.
        benchmark: the benchmark.
    """
    row = encoder_row(run, benchmark)
    if run.control is not None or run.config.variant != study.reference:
        return [row]
    changes: list[Change] = [one for one in CHANGES if one in study.controls and one in benchmark.controls]
    return [row, *(with_changed_frames(row, change) for change in changes)]


@contextlib.contextmanager
def _naming_the_run(run: PlannedRun, own: Path) -> Iterator[None]:
    """Turn an error into a RunError that names the run. The run's folder keeps the trace until the run succeeds."""
    try:
        yield
    except Exception as error:
        note_failure(own, traceback.format_exc())
        why = " ".join(str(error).split()) or type(error).__name__
        raise RunError(f"{name_of(run)}: {why} (trace in {own / FAILURE})") from None
    (own / FAILURE).unlink(missing_ok=True)


def note_failure(own: Path, text: str) -> None:
    """Write the reason of a failure into a run's folder. Errors of writing are ignored: the disk may be full."""
    with contextlib.suppress(OSError):
        write_text(own / FAILURE, text)


def failed(own: Path) -> bool:
    """Check whether the last attempt of a run failed."""
    return (own / FAILURE).exists()


def name_of(run: PlannedRun) -> str:
    """Return the name of a run for people."""
    return f"{run.config.variant} seed {run.config.seed} ({run.config.regime})"


def load_or_train(
    run: PlannedRun, own: Path, device: str, alive: Callable[[], None], scored: int, notes: list[str]
) -> tuple[Encoder, str]:
    """Return the frozen student of a run and the digest of its weights. The run is trained first if needed.

    Args:
        run: the run.
        own: folder of the run.
        device: name of the device.
        alive: called at each step; it ends this process if the parent is gone.
        scored: number of scores of the run that are already written.
        notes: receives a line for each damaged or doubtful file.
    """
    if run.control is not None:
        encoder = build_initial_encoder(run.config.model, run.config.seed)
        return encoder.to(device), digest(encoder.state_dict())
    feed = open_feed(run.config.data, progress=False)
    bind(own, feed)  # also for a finished run: the run's hash does not cover the content of the data set
    record, steps = read_run(own, run.config.optim.steps), run.config.optim.steps
    if record.finished:
        with contextlib.suppress(CheckpointError):  # training reports the damage and resumes before it
            encoder, _ = load_encoder(own, "student")
            return encoder.to(device), digest(encoder.state_dict())
    notes += [fault for fault in record.faults if fault.startswith(SUMMARY) and fault != MISSING]
    if record.summary is not None and record.bare:
        notes.append("its checkpoints were removed, so it is trained again")
    if scored and record.summary is None and steps_done(own) < steps:
        notes.append(
            f"{scored} of its scores were written before its training ended, of {steps} steps: remove their lines from "
            "rows.jsonl to have them scored again"
        )
    reset_peak_memory()
    training = Run(run.config, feed, own, device, restart=True)
    training.train(lambda step, line: alive())
    notes += training.notes
    encoder, _ = load_encoder(own, "student")
    return encoder.to(device), digest(encoder.state_dict())


def encoder_row(run: PlannedRun, benchmark: Benchmark) -> Row:
    """Return the row that a planned run will fill on a benchmark; see :func:`auxjepa.study.score_rows.empty_row`."""
    return empty_row(run.config, benchmark, run=run.key, control=run.control)


def score_controls(study: StudyConfig, run: PlannedRun, folder: Path, parent: int, device: str = "cpu") -> None:
    """Write the rows of the controls that need no encoder of a run. They are scored once per regime.

    Args:
        study: the study.
        run: first run of the regime, with its clips and its seed.
        folder: study folder.
        parent: id of the parent process; this process stops if the parent is gone.
        device: name of the device on which networks are trained on labels.
    """
    torch.set_num_threads(1)
    lock = folder / "controls" / f"{run.config.data.digest()}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        store = RowStore(folder)
        done = {row.id for row in store}
        for benchmark, empty in control_rows(study, run):
            stop_without(parent)
            if empty.id not in done:
                _score_control(store, study, reopen(benchmark, run.config.data), run, empty, (device, parent))


def control_rows(study: StudyConfig, run: PlannedRun) -> list[tuple[Benchmark, Row]]:
    """Return the empty rows of the controls without an encoder that the study scores in a regime."""
    wanted: list[Control] = [c for c in ("raw_pixels", "majority", "chance") if c in study.controls]
    chosen = study.chosen_benchmarks()
    out = [(b, control_row(run, b, control)) for b in chosen for control in wanted if control in b.controls]
    # Ceilings take the longest, so that all other controls are written before them.
    ceilings: list[Ceiling] = [one for one in CEILINGS if one in study.controls]
    out += [(b, ceiling_row(study, run, b, one)) for b in chosen for one in ceilings if has_ceiling(b)]
    return out


def ceiling_row(study: StudyConfig, run: PlannedRun, benchmark: Benchmark, name: Ceiling) -> Row:
    """Return the empty row of a network that is trained on labels.

    Args:
        study: the study.
        run: first run of the regime.
        benchmark: the benchmark.
        name: name of the control.
    """
    return with_ceiling(encoder_row(run, benchmark), CeilingProtocol.of(name, study.ceiling, run.config.model))


def _score_control(
    store: RowStore, study: StudyConfig, benchmark: Benchmark, run: PlannedRun, empty: Row, place: tuple[str, int]
) -> None:
    """Score a control and write its row; ``place`` is the device and the id of the parent process."""
    data, (device, parent) = run.config.data, place
    ceiling: Ceiling | None = next((one for one in CEILINGS if one == empty.control), None)
    if empty.control == "chance":
        store.append(filled_by_chance(empty, measurement_of(benchmark).chance(benchmark)))
        return
    with Cost() as cost:
        if empty.control == "raw_pixels":
            score = score_raw_pixels(benchmark, data, seed=run.config.seed)
        elif ceiling is not None:
            protocol = CeilingProtocol.of(ceiling, study.ceiling, run.config.model)
            score = score_ceiling(
                benchmark,
                data,
                protocol,
                seed=run.config.seed,
                alive=lambda: stop_without(parent),
                device=device,
            )
            score = with_effective_size(score) if benchmark.name in study.own_benchmarks else score
        else:
            score = score_majority(benchmark, data)
    store.append(filled(empty, score, cost), score.correct)


def control_row(run: PlannedRun, benchmark: Benchmark, control: Control) -> Row:
    """Return the empty row of a control without an encoder."""
    return without_encoder(encoder_row(run, benchmark), control, benchmark)
