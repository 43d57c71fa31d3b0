"""Scores of one frozen encoder and its controls, for ``auxjepa probe`` and :func:`auxjepa.probe`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from auxjepa import benchmarks
from auxjepa.benchmarks import Benchmark, measurement_of
from auxjepa.benchmarks.diagnostics import DIAGNOSTICS
from auxjepa.benchmarks.diagnostics.requests import ALL_DIAGNOSTICS, request_diagnostics
from auxjepa.benchmarks.requested import (
    RequestedBenchmark,
    request_own_videos,
    request_prepared_set,
    request_registered,
)
from auxjepa.benchmarks.score import Scorer, score_majority, score_raw_pixels
from auxjepa.benchmarks.world import WORLD
from auxjepa.config import ConfigError, DataConfig, RunConfig
from auxjepa.evidence.statistics.intervals import clustered_wilson
from auxjepa.models.initial import build_initial_encoder
from auxjepa.models.vit import Encoder
from auxjepa.probes.fit import Score
from auxjepa.rows import Row
from auxjepa.runs.record import Chosen
from auxjepa.study.order_notes import describe_order_controls
from auxjepa.study.probe_config import ProbeConfig
from auxjepa.study.probe_folder import ProbeFolder
from auxjepa.study.probe_rows import as_configured, empty_rows
from auxjepa.study.score_rows import Cost, filled, filled_by_chance, score_changed_frames
from auxjepa.train.checkpoint import digest, load_encoder


@dataclass(frozen=True)
class Measured:
    """Scores on one benchmark.

    Args:
        benchmark: the benchmark, with the chosen head and features.
        data: how its clips are cut.
        score: score of the encoder.
        chance: expected score of a guess, in percent.
        interval: ends of the 95 % interval of the sample, in percent; None if marks are not a sample of clips.
        controls: scores of the measured controls, in percent, by name. Chance is separate.
        rows: rows of the encoder and of its controls, the encoder's first.
        record: the same content for JSON.
    """

    benchmark: Benchmark
    data: DataConfig
    score: Score
    chance: float
    interval: list[float] | None
    controls: dict[str, float]
    rows: list[Row]
    record: dict[str, Any]


def probe_encoder(
    chosen: Chosen,
    config: ProbeConfig,
    *,
    device: torch.device,
    folder: Path | None = None,
    progress: bool = True,
    tell: Callable[[str], None] = lambda line: None,
) -> Iterator[Measured]:
    """Score the encoder of a checkpoint on each benchmark, and write the rows immediately after each measurement.

    Args:
        chosen: the checkpoint; see :func:`auxjepa.runs.record.choose`.
        config: settings of the probe.
        device: device that computes features.
        folder: folder for the rows; nothing is written when None.
        progress: whether progress is shown on standard error.
        tell: receives one line for each fact that the reader must know.

    Raises:
        ConfigError: if benchmarks, labels or the folder cannot be used.
        CheckpointError: if the checkpoint has no such role, or is damaged.
    """
    store = None if folder is None else ProbeFolder(folder)
    run, untrained = chosen.state.config, config.role == "random_init"
    initial = build_initial_encoder(run.model, run.seed) if untrained or config.controls else None
    trained = initial if untrained else load_encoder(chosen.path, config.role)[0]  # type: ignore[arg-type]
    assert trained is not None
    features_folder = _features_folder(chosen.path, run.data.root, tell)
    scorers = {"encoder": _scorer(trained.to(device), run, config, features_folder, progress)}
    if initial is not None:  # the random-init network is its own control; it is not scored twice
        scorers["random_init"] = (
            scorers["encoder"] if untrained else _scorer(initial.to(device), run, config, features_folder, progress)
        )
    for asked in list_benchmarks(config, run.data):
        yield _measure(asked, chosen, config, scorers, store, tell)


def list_benchmarks(config: ProbeConfig, data: DataConfig) -> list[RequestedBenchmark]:
    """Return the benchmarks of a probe, and how their clips are cut.

    Args:
        config: settings of the probe.
        data: how the encoder's training clips were cut.

    Raises:
        ConfigError: if names and settings do not fit together, or data cannot be used.
    """
    if config.data is None:
        if config.clips is not None:
            raise ConfigError("--clips is for --data: benchmarks have fixed sizes")
        names = config.benchmark or tuple(benchmark.name for benchmark in WORLD)
        for name in names:
            if name in (ALL_DIAGNOSTICS, *DIAGNOSTICS):
                raise ConfigError(f"{name} is made from videos: add --data folder:PATH or --data shards:URL")
        return [request_registered(benchmarks.get(name), data) for name in names]
    if config.benchmark:
        return request_diagnostics(config.benchmark, config.data, data, config.clips)
    if ":" in config.data:
        return [
            request_own_videos(
                config.data,
                config.label,
                data,
                config.clips,
                allow_padding=config.allow_padding,
                target=config.target,
            )
        ]
    if config.clips is not None:
        raise ConfigError("--clips is for folders: official splits are read whole")
    return [request_prepared_set(config.data, config.label, data, allow_padding=config.allow_padding)]


def count_sample(score: Score) -> dict[str, int] | None:
    """Return the number of independent videos (groups, clips), of marks and of clips; None if there are no marks.

    Args:
        score: result of a measurement.
    """
    if score.correct is None and score.units is None:
        return None
    marks = len(score.units if score.correct is None else score.correct)  # type: ignore[arg-type]
    independent = marks if score.units is None else len(np.unique(score.units))
    return {"independent": independent, "marks": marks, "clips": score.clips or marks}


@dataclass(frozen=True)
class _Scorer:
    """An encoder, its configuration and the digest of its weights."""

    encoder: Encoder
    weights: str
    run: RunConfig
    config: ProbeConfig
    features: Path
    progress: bool

    def open(self, data: DataConfig) -> Scorer:
        return Scorer(
            self.encoder,
            self.weights,
            self.run.model,
            data,
            seed=self.config.seed,
            features=self.features,
            progress=self.progress,
        )

    def score(self, benchmark: Benchmark, data: DataConfig) -> tuple[Score, Cost]:
        with Cost() as cost:
            return self.open(data).score(benchmark), cost

    def score_changed_frames(self, benchmark: Benchmark, data: DataConfig, row: Row) -> Iterator[tuple[Row, Score]]:
        return score_changed_frames(self.open(data), benchmark, row)


def _scorer(encoder: Encoder, run: RunConfig, config: ProbeConfig, features: Path, progress: bool) -> _Scorer:
    return _Scorer(encoder, digest(encoder.state_dict()), run, config, features, progress)


def _measure(
    asked: RequestedBenchmark,
    chosen: Chosen,
    config: ProbeConfig,
    scorers: dict[str, _Scorer],
    store: ProbeFolder | None,
    tell: Callable[[str], None],
) -> Measured:
    """Score the encoder and its controls on one benchmark."""
    for note in asked.notes:
        tell(note)
    registered, data = asked.benchmark, asked.data
    benchmark, differences = as_configured(config, registered)
    rows = empty_rows(chosen, config, registered, benchmark, data, differences)
    if store is not None:
        name, notes = store.describe(rows["encoder"], benchmark, data)
        for line in notes:
            tell(line)
        rows = {k: r if r.protocol == r.control else r.model_copy(update={"protocol": name}) for k, r in rows.items()}
        store.check(rows.values())
    filled_rows, marks = [], {}

    def keep(row: Row, score: Score | None) -> None:
        filled_rows.append(row)
        marks[row.id] = None if score is None else score.correct

    score, cost = scorers["encoder"].score(benchmark, data)
    keep(filled(rows["encoder"], score, cost), score)
    controls: dict[str, float] = {}
    if config.controls:
        if config.role == "random_init":
            controls["random_init"] = score.test
        else:
            control, cost = scorers["random_init"].score(benchmark, data)
            controls["random_init"] = control.test
            keep(filled(rows["random_init"], control, cost), control)
        if "raw_pixels" in rows:
            with Cost() as cost:
                control = score_raw_pixels(benchmark, data, seed=config.seed)
            controls["raw_pixels"] = control.test
            keep(filled(rows["raw_pixels"], control, cost), control)
        if config.role != "random_init":
            for row, control in scorers["encoder"].score_changed_frames(benchmark, data, rows["encoder"]):
                controls[str(row.control)] = control.test
                keep(row, control)
        if "majority" in benchmark.controls:
            with Cost() as cost:
                control = score_majority(benchmark, data)
            controls["majority"] = control.test
            keep(filled(rows["majority"], control, cost), control)
    chance = score.parts.get("chance", measurement_of(benchmark).chance(benchmark))
    if "chance" in rows:
        keep(filled_by_chance(rows["chance"], chance), None)
    verdicts = describe_order_controls(filled_rows, marks, benchmark, score)
    for line in verdicts:
        tell(line)
    interval = _interval(score, benchmark)
    record = {
        "row": filled_rows[0].id,
        "benchmark": benchmark.name,
        "benchmark_hash": registered.hash_on(data),
        "protocol": benchmark.protocol.model_dump(mode="json"),
        "role": config.role,
        "weights": scorers["encoder"].weights,
        "checkpoint": {"step": chosen.state.step, "of": chosen.state.config.optim.steps},
        "top1": score.test,
        "interval": interval,
        "n": count_sample(score),
        "classes": benchmark.classes,
        "controls": {**controls, "chance": chance},
        "validation": score.validation,
        "selected": score.selected,
        "parts": score.parts,
        "units": None if score.units is None or score.correct is None else score.units.tolist(),
        "correct": None if score.correct is None else score.correct.astype(int).tolist(),
        "notes": [*asked.notes, *verdicts],
        **asked.record,
    }
    if store is not None:
        independent = score.units is None or len(np.unique(score.units)) == len(score.units)
        for line in store.append(filled_rows, marks, record, is_sample=independent or ":" not in benchmark.source):
            tell(line)
    return Measured(benchmark, data, score, chance, interval, controls, filled_rows, record)


def _features_folder(checkpoint: Path, root: Path, tell: Callable[[str], None]) -> Path:
    """Return the folder for features: in the run's folder or, if that cannot be written, below the root of data."""
    run = checkpoint.parent.parent if checkpoint.parent.name == "checkpoints" else checkpoint
    if os.access(run, os.W_OK):
        return run / "features"
    tell(f"{run} can't be written: features are kept in {root / 'features'}")
    return root / "features"


def _interval(score: Score, benchmark: Benchmark) -> list[float] | None:
    """Return the 95 % interval of the sample in percent, over independent videos (groups, clips).

    None if marks are not a sample of them, such as marks of episodes. A regression has an interval among its parts.
    """
    if "low" in score.parts and "high" in score.parts:
        return [score.parts["low"], score.parts["high"]]
    if score.correct is None or (score.units is None and not benchmark.marks_each_clip):
        return None
    units = np.arange(len(score.correct)) if score.units is None else score.units
    return [100 * end for end in clustered_wilson(score.correct, units)]
