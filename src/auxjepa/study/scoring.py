"""Estimated cost of scoring an encoder: encoding clips and fitting probes, each timed on a few synthetic clips."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from auxjepa.benchmarks import Benchmark, measurement_of
from auxjepa.benchmarks.cost import seconds_of
from auxjepa.benchmarks.score import IN_MEMORY
from auxjepa.config import ModelConfig, RunConfig
from auxjepa.models.vit import Encoder
from auxjepa.probes.features import encode
from auxjepa.study.step_cost import SMALL, Clock, encoder_flops
from auxjepa.tokens import Grid


class Scoring(NamedTuple):
    """Cost of scoring one encoder: seconds of compute, bytes of stored features, and bytes of features in memory."""

    seconds: float
    kept: float
    held: float


def scoring_cost(chosen: list[Benchmark], config: RunConfig, encoder: Encoder, clock: Clock) -> Scoring:
    """Return the cost of scoring one encoder on benchmarks.

    Args:
        chosen: the benchmarks.
        config: the encoder's run.
        encoder: the encoder.
        clock: clock of the device.
    """
    data, model = config.data, config.model
    grid = Grid.of_clip(data.frames, data.size, data.size, model.tubelet, model.patch)
    a_clip, a_still = encode_seconds(config, encoder, clock)
    sets = {one.key: one for benchmark in chosen for one in measurement_of(benchmark).clip_sets(benchmark)}.values()
    seconds = sum(one.clips * (a_still if one.still else a_clip) for one in sets)
    dim = encoder.width.dim
    size = {one.key: one.clips * dim * (grid.H * grid.W if one.still else grid.N) for one in sets if not one.fresh}
    kept_bytes = 2.0 * sum(size.values())
    held_bytes = 8.0 * sum(sorted((min(IN_MEMORY / 4, n) for n in size.values()), reverse=True)[:3])  # raw and prepared
    benchmark_by_question = {_question(benchmark): benchmark for benchmark in chosen}
    for benchmark in benchmark_by_question.values():
        seconds += measurement_of(benchmark).fit_seconds(benchmark, grid, dim, clock)
    for benchmark in chosen:  # a probe is fitted once and scored under every condition
        conditions = measurement_of(benchmark).conditions(benchmark)
        seconds += conditions * int(benchmark.args.get("clips", benchmark.test)) * 0.2 * a_clip
    return Scoring(seconds, kept_bytes, held_bytes)


def encode_seconds(config: RunConfig, encoder: Encoder, clock: Clock) -> tuple[float, float]:
    """Return the seconds to encode a clip, and the seconds to encode a still picture.

    The time of large clips is extrapolated from smaller ones by the number of operations.

    Args:
        config: the encoder's run.
        encoder: the encoder.
        clock: clock of the device.
    """
    data, model = config.data, config.model
    frames, side = min(data.frames, SMALL[-1] * model.tubelet), min(data.size, SMALL[-1] * model.patch)
    some = 32 if encoder_flops(model, _tokens(model, frames, side)) < 1e9 else 2

    def seconds(frames: int) -> float:
        clips = np.zeros((some, frames, side, side, 3), np.uint8)
        timings = [
            seconds_of(lambda: encode(encoder, clips, tubelet=model.tubelet, patch=model.patch), clock)
            for _ in range(3)
        ]
        whole = encoder_flops(model, _tokens(model, data.frames if frames > 1 else 1, data.size))
        return min(timings) / some * whole / encoder_flops(model, _tokens(model, frames, side))

    return seconds(frames), seconds(1)


def _question(benchmark: Benchmark) -> str:
    """Return a text that identifies the probe of a benchmark. Benchmarks with the same text share one fit."""
    if not measurement_of(benchmark).fits_probe:
        return benchmark.name
    sizes = (benchmark.train, benchmark.validation, benchmark.classes)
    return f"{benchmark.source} {benchmark.role} {benchmark.label} {sizes} {benchmark.protocol.digest()}"


def _tokens(model: ModelConfig, frames: int, size: int) -> int:
    return Grid.of_clip(max(frames, model.tubelet), size, size, model.tubelet, model.patch).N
