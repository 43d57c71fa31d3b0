"""Scores of a frozen encoder from elsewhere, for ``auxjepa probe`` and :func:`auxjepa.probe`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from auxjepa.benchmarks import Benchmark
from auxjepa.benchmarks.frozen_score import FrozenScores, data_to_read, is_drawn
from auxjepa.config import ConfigError, DataConfig
from auxjepa.encoders.foreign import ForeignEncoder, open_frozen
from auxjepa.encoders.foreign.prepare_clips import frames_note
from auxjepa.evidence.study_folder import encoders_file
from auxjepa.probes.fit import Score
from auxjepa.rows import Control, Row
from auxjepa.study.frozen_rows import frozen_row, name_in_rows
from auxjepa.study.probe import list_benchmarks
from auxjepa.study.probe_config import ProbeConfig
from auxjepa.study.probe_folder import ProbeFolder
from auxjepa.study.probe_measure import Measured, Probed, measure
from auxjepa.study.probe_rows import protocol_words
from auxjepa.study.score_rows import without_encoder


def probe_frozen(
    source: str,
    config: ProbeConfig,
    *,
    device: torch.device,
    folder: Path | None = None,
    progress: bool = True,
    tell: Callable[[str], None] = lambda line: None,
) -> Iterator[Measured]:
    """Score an encoder from elsewhere on each benchmark, and write the rows immediately after each measurement.

    Args:
        source: ``hf:NAME_OR_FOLDER``, ``timm:NAME`` or ``python:MODULE:FUNCTION``.
        config: settings of the probe.
        device: device that computes features.
        folder: folder for the rows; nothing is written when None.
        progress: whether progress is shown on standard error.
        tell: receives one line for each fact that the reader must know.

    Raises:
        ConfigError: if the encoder, benchmarks, labels or the folder cannot be used.
    """
    if config.role != "student":
        raise ConfigError(f"--role {config.role}: an encoder from elsewhere has one network; roles are for runs")
    store = None if folder is None else ProbeFolder(folder)
    encoder = open_frozen(source, device)
    assert isinstance(encoder, ForeignEncoder)
    level = -1 if config.level is None else config.level
    if not -encoder.levels <= level < encoder.levels:
        raise ConfigError(f"--level {level}: {source} has the levels 0 … {encoder.levels - 1}, and -1 for the last")
    task = task_of_probe(encoder, config)
    name = config.name or name_in_rows(source)
    if note := frames_note(task.frames, encoder.record.input.frames):
        tell(f"{source}: {note}")
    if config.controls:
        tell(f"{source}: its weights before training are unknown, so no random-init encoder is scored")
    features = task.root / "features"

    def rows(registered: Benchmark, benchmark: Benchmark, data: DataConfig, differences: list[str]) -> dict[str, Row]:
        column, protocol = protocol_words(registered, benchmark, differences)
        update = {"benchmark": column, "benchmark_hash": registered.hash_on(data), "protocol": protocol}
        row = frozen_row(encoder.record, name, benchmark, data, seed=config.seed).model_copy(update=update)
        names: tuple[Control, ...] = ("majority", "chance")
        controls: list[Control] = [one for one in names if config.controls and one in benchmark.controls]
        return {"encoder": row} | {one: without_encoder(row, one, benchmark) for one in controls}

    def score(benchmark: Benchmark, data: DataConfig) -> Score:
        scores = FrozenScores(encoder, data, seed=config.seed, features=features, progress=progress)
        return scores.score(benchmark)

    record = encoder.record.content()
    identity = {"encoder": record | {"name": name}, "weights": encoder.weights}
    probed = Probed(rows, {"encoder": score}, identity)
    if store is not None:
        encoders_file.write(store.folder, name, record)
    reading = task if config.data is None else data_to_read(encoder, config.data, task)
    for requested in list_benchmarks(config, reading):
        cut = requested.data.model_copy(update={"size": task.size})
        if not is_drawn(requested.benchmark.source):
            requested = requested._replace(data=data_to_read(encoder, requested.benchmark.source, requested.data))
        yield measure(requested, probed, config, store, tell, task=cut)


def task_of_probe(encoder: ForeignEncoder, config: ProbeConfig) -> DataConfig:
    """Return the settings that define the clips of a probe, as those of a run do for its probes.

    Args:
        encoder: the encoder.
        config: settings of the probe.

    Raises:
        ConfigError: if settings do not fit together.
    """
    plain, form = DataConfig(), encoder.record.input
    if config.fps is not None and config.stride is not None:
        raise ConfigError("give --stride or --fps, not both")
    own_videos = config.data is not None
    return DataConfig(
        frames=config.frames or (form.frames or plain.frames if own_videos else plain.frames),
        size=config.size or (form.size if own_videos else plain.size),
        stride=config.stride or plain.stride,
        fps=config.fps,
    )
