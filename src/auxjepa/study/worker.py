"""What one process does with one planned run: pretrain, probe on every benchmark, write rows."""

from __future__ import annotations

import datetime
import os
import shutil
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import torch
from filelock import FileLock

from auxjepa.benchmarks import Benchmark
from auxjepa.benchmarks.score import RAW_PIXELS, score_encoder, score_majority, score_raw_pixels
from auxjepa.config import RunConfig
from auxjepa.data.pool import open_pool
from auxjepa.models.jepa import build_encoder
from auxjepa.models.vit import Encoder
from auxjepa.probes.fit import Score
from auxjepa.rows import Control, Row, RowStore
from auxjepa.seeds import seed_of
from auxjepa.study.plan import PlannedRun, StudyConfig
from auxjepa.train.checkpoint import digest, load_encoder, resolve
from auxjepa.train.loop import Run
from auxjepa.train.record import peak_memory_mb, reset_peak_memory


def run_folder(folder: Path, run: PlannedRun) -> Path:
    """Where a run of the study in ``folder`` lies."""
    return folder / "runs" / run.key


def work(study: StudyConfig, run: PlannedRun, folder: Path, device: str = "cpu") -> str:
    """Pretrain (or go on), then score on every benchmark that has no row yet; returns the run's key.

    A lock keeps a second process, started after a kill of the first one's parent, from training beside it.
    """
    parent = os.getppid()
    if device == "cpu":
        torch.set_num_threads(1)
    own = run_folder(folder, run)
    own.mkdir(parents=True, exist_ok=True)
    with FileLock(own / ".lock"):
        reset_peak_memory()
        encoder, weights = _encoder(run, own, device, lambda: _stop_without(parent))
        store = RowStore(folder)
        done = {row.id for row in store}
        for benchmark in study.chosen_benchmarks():
            _stop_without(parent)
            empty = encoder_row(run, benchmark)
            if empty.id in done:
                continue
            with Cost() as cost:
                score = score_encoder(
                    benchmark,
                    encoder,
                    weights,
                    run.config.model,
                    run.config.data,
                    seed=run.config.seed,
                    features=own / "features",
                )
            store.append(filled(empty, score, cost), score.correct)
        shutil.rmtree(own / "features", ignore_errors=True)
    return run.key


def _encoder(run: PlannedRun, own: Path, device: str, alive: Callable[[], None]) -> tuple[Encoder, str]:
    """The frozen student of a run, trained first where it isn't, and the digest of its weights."""
    if run.control is not None:
        encoder = initial_encoder(run.config)
        return encoder.to(device), digest(encoder.state_dict())
    if not (own / "summary.json").exists():
        clips = open_pool(run.config.data, progress=False).clips
        Run(run.config, clips, own, device).train(lambda step, line: alive())
    encoder, _ = load_encoder(resolve(own), "student")
    return encoder.to(device), digest(encoder.state_dict())


def initial_encoder(config: RunConfig) -> Encoder:
    """The encoder with which every variant of this seed starts: the random-init control."""
    torch.manual_seed(seed_of(config.seed, "initialisation"))
    return build_encoder(config.model).eval().requires_grad_(False)


def encoder_row(run: PlannedRun, benchmark: Benchmark) -> Row:
    """The row that a run will fill on a benchmark; its id is known before the score is."""
    return Row(
        run=run.key,
        variant=run.config.variant,
        regime=run.config.regime,
        seed=run.config.seed,
        control=run.control,
        benchmark=benchmark.name,
        benchmark_hash=benchmark.hash_on(run.config.data),
        protocol=benchmark.protocol.name,
        protocol_hash=benchmark.protocol.digest(),
        score=0.0,
        n_test=benchmark.test,
        n_classes=benchmark.classes,
    )


def score_controls(study: StudyConfig, run: PlannedRun, folder: Path) -> None:
    """Rows of the controls that need no encoder, once a regime, on the clips of ``run``."""
    torch.set_num_threads(1)
    store = RowStore(folder)
    done = {row.id for row in store}
    data, seed = run.config.data, run.config.seed
    for benchmark in study.chosen_benchmarks():
        for control in ("raw_pixels", "majority", "chance"):
            empty = control_row(run, benchmark, control)
            if control not in study.controls or empty.id in done:
                continue
            with Cost() as cost:
                if control == "raw_pixels":
                    score = score_raw_pixels(benchmark, data, seed=seed)
                elif control == "majority":
                    score = score_majority(benchmark, data)
                else:
                    score = None
            if score is None:
                store.append(empty.model_copy(update={"score": 100 / benchmark.classes, "created": _now()}))
            else:
                store.append(filled(empty, score, cost), score.correct)


def control_row(run: PlannedRun, benchmark: Benchmark, control: Control) -> Row:
    """The row of a control without an encoder."""
    raw = control == "raw_pixels"
    return encoder_row(run, benchmark).model_copy(
        update={
            "run": control,
            "variant": control,
            "control": control,
            "protocol": RAW_PIXELS.name if raw else control,
            "protocol_hash": RAW_PIXELS.digest() if raw else control,
        }
    )


class Cost:
    """Seconds, CPU-seconds and peak memory of a block."""

    def __enter__(self) -> Cost:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *exception: object) -> None:
        self.seconds = time.perf_counter() - self._wall
        self.cpu_seconds = time.process_time() - self._cpu
        self.peak_memory_mb = peak_memory_mb(torch.device("cpu"))


def filled(row: Row, score: Score, cost: Cost) -> Row:
    """A row with its score and what it cost."""
    return row.model_copy(
        update={
            "score": score.test,
            "validation": score.validation,
            "selected": score.selected,
            "seconds": round(cost.seconds, 3),
            "cpu_seconds": round(cost.cpu_seconds, 3),
            "peak_memory_mb": round(cost.peak_memory_mb, 1),
            "created": _now(),
            "versions": {name: version(name) for name in ("auxjepa", "torch", "numpy")},
        }
    )


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _stop_without(parent: int) -> None:
    """A worker whose study was killed stops too: what it has finished is on disk."""
    if os.getppid() != parent:
        os._exit(1)
