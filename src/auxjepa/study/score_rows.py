"""Rows of the results store: the row of a score before it is measured, and the row with its score and cost."""

from __future__ import annotations

import datetime
import time
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import torch

from auxjepa.benchmarks import Benchmark
from auxjepa.benchmarks.score import raw_pixels_protocol
from auxjepa.benchmarks.supervised import CeilingProtocol
from auxjepa.config import RunConfig
from auxjepa.evidence.statistics.intervals import effective_size
from auxjepa.probes.fit import Score
from auxjepa.rows import Control, Row
from auxjepa.train.record import peak_memory_mb, reset_peak_memory


def empty_row(config: RunConfig, benchmark: Benchmark, *, run: str, control: Control | None = None) -> Row:
    """Return the row that an encoder will fill on a benchmark. Its id is known before its score.

    Args:
        config: configuration of the encoder's run.
        benchmark: the benchmark.
        run: content hash of the run, or the name of a control.
        control: kind of control; None for a trained encoder.
    """
    return Row(
        run=run,
        variant=config.variant,
        regime=config.regime,
        seed=config.seed,
        control=control,
        benchmark=benchmark.name,
        benchmark_hash=benchmark.hash_on(config.data),
        protocol=benchmark.protocol.name,
        protocol_hash=benchmark.protocol.digest(),
        metric=benchmark.metric,
        score=0.0,
        n_test=benchmark.test,
        n_classes=benchmark.classes,
    )


def without_encoder(row: Row, control: Control, benchmark: Benchmark) -> Row:
    """Return the empty row of a control that has no encoder, on the benchmark of another empty row.

    Args:
        row: empty row of any encoder on the benchmark.
        control: ``raw_pixels``, ``majority`` or ``chance``.
        benchmark: the benchmark, with the protocol of its encoders.
    """
    protocol = raw_pixels_protocol(benchmark) if control == "raw_pixels" else None
    return row.model_copy(
        update={
            "run": control,
            "variant": control,
            "control": control,
            "protocol": control if protocol is None else protocol.name,
            "protocol_hash": control if protocol is None else protocol.digest(),
        }
    )


def with_ceiling(row: Row, protocol: CeilingProtocol) -> Row:
    """Return the empty row of a network that is trained on labels, on the benchmark of another empty row.

    Args:
        row: empty row of any encoder on the benchmark.
        protocol: network and settings of the training.
    """
    name = protocol.network
    return row.model_copy(
        update={
            "run": name,
            "variant": name,
            "control": name,
            "protocol": name,
            "protocol_hash": protocol.digest(),
        }
    )


def with_changed_frames(row: Row, control: Control) -> Row:
    """Return the empty row of an encoder that reads changed frames, next to the row of the encoder on true clips.

    Args:
        row: empty row of the encoder.
        control: ``one_frame`` or ``shuffled``.
    """
    return row.model_copy(update={"variant": control, "control": control})


class Cost:
    """Seconds, CPU-seconds and peak memory of a block of code."""

    def __enter__(self) -> Cost:
        reset_peak_memory()
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *exception: object) -> None:
        self.seconds = time.perf_counter() - self._wall
        self.cpu_seconds = time.process_time() - self._cpu
        self.peak_memory_mb = peak_memory_mb(torch.device("cpu"))


def filled(row: Row, score: Score, cost: Cost) -> Row:
    """Return a row with its score and its cost.

    Args:
        row: empty row.
        score: result of the measurement.
        cost: cost of the measurement.
    """
    return row.model_copy(
        update={
            "score": score.test,
            "validation": score.validation,
            "selected": score.selected,
            "parts": score.parts,
            "n_test": row.n_test if score.correct is None else len(score.correct),
            "seconds": round(cost.seconds, 3),
            "cpu_seconds": round(cost.cpu_seconds, 3),
            "peak_memory_mb": round(cost.peak_memory_mb, 1),
            "created": _now(),
            "versions": {name: version(name) for name in ("auxjepa", "torch", "numpy")},
        }
    )


def with_effective_size(score: Score) -> Score:
    """Return a score whose parts hold the number of independent examples, if several marks are of one group.

    Intervals over test clips use this number instead of the number of clips.

    Args:
        score: result of a measurement on own videos.
    """
    if score.correct is None or score.units is None or len(np.unique(score.units)) == len(score.correct):
        return score
    effective = effective_size(np.asarray(score.correct, bool), score.units)
    return replace(score, parts={**score.parts, "effective": effective})


def filled_by_chance(row: Row, chance: float) -> Row:
    """Return the row of chance, which is computed and not measured.

    Args:
        row: empty row.
        chance: expected score of a guess, in percent.
    """
    return row.model_copy(update={"score": chance, "created": _now()})


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
