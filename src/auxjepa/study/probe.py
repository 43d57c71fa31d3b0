"""Scores of the frozen encoder of a run and its controls, for ``auxjepa probe`` and :func:`auxjepa.probe`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from auxjepa import benchmarks
from auxjepa.benchmarks import Benchmark
from auxjepa.benchmarks.diagnostics import DIAGNOSTICS
from auxjepa.benchmarks.diagnostics.requests import ALL_DIAGNOSTICS, request_diagnostics
from auxjepa.benchmarks.requested import (
    RequestedBenchmark,
    request_own_videos,
    request_prepared_set,
    request_registered,
)
from auxjepa.benchmarks.score import Scorer
from auxjepa.benchmarks.world import WORLD
from auxjepa.config import ConfigError, DataConfig, RunConfig
from auxjepa.models.initial import build_initial_encoder
from auxjepa.models.vit import Encoder
from auxjepa.probes.fit import Score
from auxjepa.rows import Row
from auxjepa.runs.record import Chosen
from auxjepa.study.probe_config import ProbeConfig
from auxjepa.study.probe_folder import ProbeFolder
from auxjepa.study.probe_measure import Measured, Probed, measure
from auxjepa.study.probe_rows import empty_rows
from auxjepa.train.checkpoint import digest, load_encoder


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
    if window := [name for name in ("frames", "size", "stride", "fps") if getattr(config, name) is not None]:
        flags = ", ".join(f"--{name}" for name in window)
        raise ConfigError(f"{flags}: a run cuts clips as in its training; they are for encoders from elsewhere")
    store = None if folder is None else ProbeFolder(folder)
    run, untrained = chosen.state.config, config.role == "random_init"
    initial = build_initial_encoder(run.model, run.seed) if untrained or config.controls else None
    trained = initial if untrained else load_encoder(chosen.path, config.role)[0]  # type: ignore[arg-type]
    assert trained is not None
    features_folder = _features_folder(chosen.path, run.data.root, tell)
    weights, scores = digest(trained.state_dict()), {}
    scores["encoder"] = _scorer(trained.to(device), weights, run, config, features_folder, progress)
    if initial is not None and not untrained:  # the random-init network is its own control; it is not scored twice
        start = digest(initial.state_dict())
        scores["random_init"] = _scorer(initial.to(device), start, run, config, features_folder, progress)

    def rows(registered: Benchmark, benchmark: Benchmark, data: DataConfig, differences: list[str]) -> dict[str, Row]:
        return empty_rows(chosen, config, registered, benchmark, data, differences)

    identity = {
        "role": config.role,
        "weights": weights,
        "checkpoint": {"step": chosen.state.step, "of": run.optim.steps},
    }
    probed = Probed(rows, scores, identity)
    for requested in list_benchmarks(config, run.data):
        yield measure(requested, probed, config, store, tell)


def list_benchmarks(config: ProbeConfig, data: DataConfig) -> list[RequestedBenchmark]:
    """Return the benchmarks of a probe, and how their clips are cut.

    Args:
        config: settings of the probe.
        data: how the encoder's clips are cut.

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


def _scorer(
    encoder: Encoder, weights: str, run: RunConfig, config: ProbeConfig, features: Path, progress: bool
) -> Callable[[Benchmark, DataConfig], Score]:
    def score(benchmark: Benchmark, data: DataConfig) -> Score:
        scorer = Scorer(encoder, weights, run.model, data, seed=config.seed, features=features, progress=progress)
        return scorer.score(benchmark)

    return score


def _features_folder(checkpoint: Path, root: Path, tell: Callable[[str], None]) -> Path:
    """Return the folder for features: in the run's folder or, if that cannot be written, below the root of data."""
    run = checkpoint.parent.parent if checkpoint.parent.name == "checkpoints" else checkpoint
    if os.access(run, os.W_OK):
        return run / "features"
    tell(f"{run} can't be written: features are kept in {root / 'features'}")
    return root / "features"
