"""What scoring an encoder takes: clips encoded, probes fitted and read, each timed on a few made-up clips."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch

from auxjepa.benchmarks import Benchmark, robustness
from auxjepa.benchmarks.alignment import SHARES
from auxjepa.benchmarks.factors import APPEARANCE, DYNAMICS, PLACE
from auxjepa.benchmarks.score import IN_MEMORY
from auxjepa.config import ModelConfig, RunConfig
from auxjepa.data.corruptions.lost_frames import KINDS
from auxjepa.models.vit import Encoder
from auxjepa.probes import fewshot
from auxjepa.probes.alignment import Alignment, align
from auxjepa.probes.features import encode
from auxjepa.probes.fit import Split, fit_probe
from auxjepa.probes.pairs import Pairs
from auxjepa.probes.protocol import Protocol
from auxjepa.probes.reading import QUARTERS, READINGS, ridge_accuracy
from auxjepa.study.measure import SMALL, Clock, encoder_flops
from auxjepa.tokens import Grid

FITTED = 128
"""Clips on which a fit is timed, fewer where their features are large; its time grows with their number."""
MOST_BYTES = 64 << 20
TEXT_DIM = 384
EPISODES = 10


class ClipSet(NamedTuple):
    """Clips that are encoded once an encoder: which, how many, and how often over (``fresh`` ones aren't kept)."""

    key: str
    clips: int
    still: bool
    fresh: bool = False


class Scoring(NamedTuple):
    """Of one encoder: seconds, bytes of features that are kept meanwhile, and those of them that memory holds."""

    seconds: float
    kept: float
    held: float


def scoring_cost(chosen: list[Benchmark], config: RunConfig, encoder: Encoder, clock: Clock) -> Scoring:
    """Seconds and bytes to score one encoder on benchmarks."""
    data, model = config.data, config.model
    grid = Grid.of_clip(data.frames, data.size, data.size, model.tubelet, model.patch)
    a_clip, a_still = encode_seconds(config, encoder, clock)
    sets = {one.key: one for benchmark in chosen for one in clip_sets(benchmark)}.values()
    seconds = sum(one.clips * (a_still if one.still else a_clip) for one in sets)
    dim = encoder.width.dim
    size = {one.key: one.clips * dim * (grid.H * grid.W if one.still else grid.N) for one in sets if not one.fresh}
    kept = 2.0 * sum(size.values())
    held = 8.0 * sum(sorted((min(IN_MEMORY / 4, n) for n in size.values()), reverse=True)[:3])  # raw and prepared
    asked = {_question(benchmark): benchmark for benchmark in chosen}
    for benchmark in asked.values():
        seconds += FITS.get(benchmark.suite, probe_seconds)(benchmark, grid, dim, clock)
    for benchmark in chosen:
        if benchmark.suite in ("corruptions", "shifts"):  # the probe of their base is fitted once and read often
            seconds += _conditions(benchmark) * int(benchmark.args.get("clips", benchmark.test)) * 0.2 * a_clip
    return Scoring(seconds, kept, held)


def clip_sets(benchmark: Benchmark) -> Iterator[ClipSet]:
    """What a benchmark encodes of each encoder."""
    source, sizes = benchmark.source, {s: getattr(benchmark, s) for s in ("train", "validation", "test")}
    still = source == "world" and benchmark.role == "images"
    suite, args, own = benchmark.suite, benchmark.args, benchmark.name
    roles = {"factors": ("motion", "order"), "cka": ()}.get(suite, (benchmark.role,))
    held_out = suite in ("captioned", "epic_fewshot")  # splits of their own
    for role in roles:
        for split, clips in sizes.items():
            yield ClipSet(f"{source} {role} {split} {clips} {own if held_out else ''}", clips, still)
    if suite == "cka":
        for role in ("motion", "order", "images"):
            yield ClipSet(
                f"{own} {role}", 3 * min(int(args.get("clips", benchmark.test)), benchmark.test), role == "images", True
            )
    if suite in ("corruptions", "shifts"):
        yield ClipSet(own, _conditions(benchmark) * int(args.get("clips", benchmark.test)), still, True)
    if suite in ("alignment", "captioned"):
        for number in range((len(SHARES) - 1) * len(KINDS)):
            yield ClipSet(f"{own} dropout {number}", benchmark.test, still, suite == "captioned")
        # The control that sees one frame; of its features the mean over time is kept.
        yield ClipSet(f"{own} still", sum(sizes.values()), still, True)
    if suite == "kinetics_shift":  # the other edition's clips, about as many
        yield ClipSet(f"{own} new", sum(sizes.values()), False)
    if args.get("views", 1) > 1:
        yield ClipSet(f"{own} views", int(args["views"]) * benchmark.test, still)


def encode_seconds(config: RunConfig, encoder: Encoder, clock: Clock) -> tuple[float, float]:
    """Seconds to encode a clip, and a still picture; of large ones from smaller ones, by their operations."""
    data, model = config.data, config.model
    frames, side = min(data.frames, SMALL[-1] * model.tubelet), min(data.size, SMALL[-1] * model.patch)
    some = 32 if encoder_flops(model, _tokens(model, frames, side)) < 1e9 else 2

    def seconds(frames: int) -> float:
        clips = np.zeros((some, frames, side, side, 3), np.uint8)
        taken = [
            _time(lambda: encode(encoder, clips, tubelet=model.tubelet, patch=model.patch), clock) for _ in range(3)
        ]
        whole = encoder_flops(model, _tokens(model, data.frames if frames > 1 else 1, data.size))
        return min(taken) / some * whole / encoder_flops(model, _tokens(model, frames, side))

    return seconds(frames), seconds(1)


def probe_seconds(benchmark: Benchmark, grid: Grid, dim: int, clock: Clock) -> float:
    """To fit a probe and read it once. What comes before the first epoch is told from an epoch by fitting twice."""
    tokens = min(grid.N, math.prod(side for side in (SMALL[-1],) * 3))
    few = _few(tokens, dim)
    steps = grid.T if tokens == grid.N else SMALL[-1]
    split = Split(_random(few, tokens, dim), torch.arange(few) % benchmark.classes, steps)
    once, thrice = (
        _time(lambda e=epochs: fit_probe(_lasting(benchmark, e), split, split, benchmark.classes, seed=0), clock)
        for epochs in (1, 3)
    )
    epoch = max(0.0, thrice - once) / 2  # fitted on and validated on, so a little too long
    fit = max(0.0, once - epoch) / 2 + epoch * benchmark.protocol.epochs
    times = 2 if benchmark.suite == "kinetics_shift" else 1
    return times * fit * benchmark.train / few * grid.N / tokens


def fewshot_seconds(benchmark: Benchmark, grid: Grid, dim: int, clock: Clock) -> float:
    """To classify the episodes: a fifth as many for each head and pooling that are tried, then all for each head."""
    how = fewshot.Episodes.model_validate({k: v for k, v in benchmark.args.items() if k != "division"})
    ways = how.ways or benchmark.classes
    each, some = how.shots + how.queries, min(ways, 64)
    labels = np.repeat(np.arange(some), each)
    total = 0.0
    for head, tried in (("prototype", 2), ("ridge", 3), ("logistic", 3)):
        for width in (dim, min(grid.T * dim, 8192)):
            one = how.model_copy(update={"head": head, "ways": some, "episodes": EPISODES})
            features = _random(len(labels), 1, width)[:, 0]
            taken = _time(lambda o=one, f=features: fewshot.classify(f, labels, o, seed=0), clock)
            total += taken / EPISODES * how.episodes * (tried / 5 + (1 if head != "prototype" else 2) / 2)
    return total * ways / some


def factors_seconds(benchmark: Benchmark, grid: Grid, dim: int, clock: Clock) -> float:
    """To solve a ridge problem for every factor and reading."""
    width = grid.T * QUARTERS**2 * dim
    splits = [
        (_random(clips, 1, width)[:, 0], np.arange(clips) % 4)
        for clips in (benchmark.train, benchmark.validation, benchmark.test)
    ]
    known, held, asked = splits
    return (
        len(READINGS) * len(APPEARANCE | DYNAMICS | PLACE) * _time(lambda: ridge_accuracy(known, held, asked, 4), clock)
    )


def alignment_seconds(benchmark: Benchmark, grid: Grid, dim: int, clock: Clock) -> float:
    """To train the heads, and those of the two controls."""
    recipe = Alignment.model_validate(
        {"name": "x", **(benchmark.args.get("alignment", {}) if benchmark.suite == "captioned" else benchmark.args)}
    )
    tokens = min(grid.N, SMALL[-1] ** 3)
    few = min(_few(tokens, dim), benchmark.train)
    texts = torch.randn(few, TEXT_DIM, generator=torch.Generator().manual_seed(0))
    pairs = Pairs(_random(few, tokens, dim), texts, torch.arange(few), torch.arange(few))
    once, thrice = (
        _time(lambda e=epochs: align(recipe.model_copy(update={"epochs": e}), pairs, pairs, 0), clock)
        for epochs in (1, 3)
    )
    epoch = max(0.0, thrice - once) / 2
    fit = max(0.0, once - epoch) + epoch * recipe.epochs
    return 3 * fit * benchmark.train / few * grid.N / tokens


FITS: dict[str, Callable[[Benchmark, Grid, int, Clock], float]] = {
    "alignment": alignment_seconds,
    "captioned": alignment_seconds,
    "cka": lambda benchmark, grid, dim, clock: 0.0,
    "epic_fewshot": fewshot_seconds,
    "factors": factors_seconds,
    "fewshot": fewshot_seconds,
}
"""Seconds behind the encoding, by suite; every other one is a probe."""


def _question(benchmark: Benchmark) -> str:
    """What is fitted: benchmarks of one question share the fit."""
    if benchmark.suite in FITS:
        return benchmark.name
    sizes = (benchmark.train, benchmark.validation, benchmark.classes)
    return f"{benchmark.source} {benchmark.role} {benchmark.label} {sizes} {benchmark.protocol.digest()}"


def _conditions(benchmark: Benchmark) -> int:
    """Corruptions or shifts at each severity, and clean clips."""
    if benchmark.suite == "shifts":
        return 1 + len(robustness.shifts_of(benchmark))
    return 1 + len(list(robustness.corruptions_of(benchmark)))


def _lasting(benchmark: Benchmark, epochs: int) -> Protocol:
    return benchmark.protocol.model_copy(update={"epochs": epochs})


def _few(tokens: int, dim: int) -> int:
    return max(16, min(FITTED, MOST_BYTES // (4 * tokens * dim)))


def _random(clips: int, tokens: int, dim: int) -> torch.Tensor:
    return torch.randn(clips, tokens, dim, generator=torch.Generator().manual_seed(0))


def _tokens(model: ModelConfig, frames: int, size: int) -> int:
    return Grid.of_clip(max(frames, model.tubelet), size, size, model.tubelet, model.patch).N


def _time(what: Callable[[], object], clock: Clock) -> float:
    begin = clock()
    what()
    return clock() - begin
