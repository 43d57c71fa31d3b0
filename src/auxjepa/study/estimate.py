"""What a study will take, before it starts: hours, memory and disk, from a short measurement on this machine.

Training is timed for each kind of step (:mod:`auxjepa.study.measure`), scoring by its parts
(:mod:`auxjepa.study.scoring`), the making of the world's clips by a few. Left out: decoding public data sets once,
and the slowing down of processes that share memory.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from typing import NamedTuple

import torch

from auxjepa.benchmarks import Benchmark, measurement_of
from auxjepa.benchmarks.benchmark import SPLITS
from auxjepa.config import DataConfig, RunConfig, Typed
from auxjepa.data.open import open_world
from auxjepa.models.initial import build_initial_encoder
from auxjepa.study.measure import LIBRARIES_MB, Clock, StepCost, flops, kind_of, step_cost
from auxjepa.study.plan import StudyConfig, plan
from auxjepa.study.scoring import scoring_cost

DRAWN = 24
"""Clips of the world that are made to see how long one takes."""
LONGEST = 3
"""Times the asked-for seconds, behind which kinds of steps that weren't timed yet are taken to be like the others."""


class Estimate(Typed):
    """What a study will take on this machine.

    Args:
        device: that was measured.
        runs: to train;
        scored: encoders to score.
        training, scoring, making: hours of one process, the last for the world's clips.
        hours: of the whole study, ``workers`` processes side by side on a machine that is otherwise idle.
        crowding: how many times longer the measurement took than it would alone.
        memory_gb: of all processes, on an accelerator its own.
        disk_gb: checkpoints, decoded clips, and features while encoders are scored.
        operations: of training, floating-point.
        steps: milliseconds of a training step by variant and regime.
        reckoned: those that were told from smaller steps;
        guessed: those taken to be like the others.
    """

    device: str
    runs: int
    scored: int
    workers: int
    training: float
    scoring: float
    making: float
    hours: float
    crowding: float
    memory_gb: float
    disk_gb: float
    operations: float
    steps: dict[str, float]
    reckoned: tuple[str, ...]
    guessed: tuple[str, ...]


def estimate(study: StudyConfig, *, workers: int, device: str = "cpu", seconds: float = 20.0) -> Estimate:
    """Measure for about ``seconds`` (longer for large models), and reckon up.

    Raises:
        ConfigError: when a run of the study can't be built.
    """
    if device == "cpu":
        torch.set_num_threads(1)
    planned, place = plan(study), torch.device(device)
    step_cost(_small(planned[0].config), place, Clock(place), 0.0)  # what torch does once isn't the first kind's cost
    clock = Clock(place)
    runs = {(r.config.variant, r.config.regime): r.config for r in planned if r.control is None}
    counts = Counter((r.config.variant, r.config.regime) for r in planned if r.control is None)
    costs = _costs(list(runs.values()), place, clock, seconds)
    typical = _mean(list(costs.values()))
    told = {kind: costs.get(kind_of(config), typical) for kind, config in runs.items()}
    training = sum(counts[kind] * runs[kind].optim.steps * told[kind].seconds for kind in runs)
    chosen = study.chosen_benchmarks()
    first = planned[0].config
    encoder = build_initial_encoder(first.model, first.seed).to(place)
    scoring = scoring_cost(chosen, first, encoder, clock)
    making = _making(world_sets(study, chosen), clock)
    memory = max(one.memory_mb for one in told.values())
    if device == "cpu":
        memory = max(memory, LIBRARIES_MB + scoring.held / 2**20)
    kept = sum(counts[kind] * 16 * told[kind].parameters for kind in runs)  # two networks, two moments, in float32
    encoders = len(planned)
    spent = training + encoders * scoring.seconds
    return Estimate(
        device=device,
        runs=sum(counts.values()),
        scored=encoders,
        workers=workers,
        training=training / 3600,
        scoring=encoders * scoring.seconds / 3600,
        making=making / 3600,
        hours=(spent + making) / workers / 3600,
        crowding=clock.crowding,
        memory_gb=workers * memory / 1024,
        disk_gb=(kept + workers * scoring.kept + decoded_bytes(study, chosen)) / 1e9,
        operations=sum(counts[kind] * runs[kind].optim.steps * flops(runs[kind]) for kind in runs),
        steps={" on ".join(kind): round(1000 * told[kind].seconds, 1) for kind in runs},
        reckoned=tuple(" on ".join(kind) for kind in runs if not told[kind].whole),
        guessed=tuple(" on ".join(kind) for kind, config in runs.items() if kind_of(config) not in costs),
    )


def _costs(configs: list[RunConfig], device: torch.device, clock: Clock, seconds: float) -> dict[str, StepCost]:
    """Cost of a step of each kind, as many kinds as there is time for, the first at least."""
    kinds = {kind_of(config): config for config in reversed(configs)}
    begin, found = time.perf_counter(), {}
    for number, (kind, config) in enumerate(reversed(kinds.items())):
        spent = time.perf_counter() - begin
        if found and spent > LONGEST * seconds:
            break
        left = max(0.0, 0.7 * seconds - spent) / (len(kinds) - number)
        found[kind] = step_cost(config, device, clock, left)
    return found


def _mean(costs: list[StepCost]) -> StepCost:
    seconds, memory = (sum(getattr(one, name) for one in costs) / len(costs) for name in ("seconds", "memory_mb"))
    return StepCost(seconds, memory, max(one.parameters for one in costs), whole=False)


def _small(config: RunConfig) -> RunConfig:
    """A run of a few operations, to be thrown away."""
    model = config.model.model_copy(
        update={"size": "nano", "levels": 1, "predictor_dim": None, "predictor_depth": None}
    )
    return config.model_copy(update={"model": model, "optim": config.optim.model_copy(update={"batch": 2})})


class Drawn(NamedTuple):
    """A set of the world's clips: frames, pixels a side and seed, which clips, how many."""

    frames: int
    size: int
    seed: int
    role: str
    split: str
    clips: int


def world_sets(study: StudyConfig, chosen: list[Benchmark]) -> set[Drawn]:
    """Every set of the world's clips that a study draws; those of shifted worlds are left out."""
    found = set()
    for data in study.regimes.values():
        for one in data.sources.values():
            kind, _, role = one.source.partition(":")
            if kind == "world":
                found.add(Drawn(one.frames, one.size, one.seed, role or "mixture", "pretrain", one.clips))
        for one in chosen:
            if one.source == "world":
                for role in measurement_of(one).world_roles or (one.role,):
                    for split in SPLITS:
                        count = getattr(one, split)
                        found.add(Drawn(data.frames, data.size, data.seed, role, split, count))
    return found


def _making(sets: set[Drawn], clock: Clock) -> float:
    """Seconds to draw, encode and decode the world's clips."""
    total, a_frame = 0.0, {}
    for one in sets:
        if one.size not in a_frame:
            with tempfile.TemporaryDirectory(prefix="auxjepa-plan-") as place:
                data = DataConfig.model_validate({"frames": one.frames, "size": one.size, "root": place})
                begin = clock()
                open_world(data, "pretrain", DRAWN, role="motion", workers=1, progress=False)
                a_frame[one.size] = (clock() - begin) / DRAWN / one.frames
        total += one.clips * a_frame[one.size] * (1 if one.role == "images" else one.frames)
    return total


def decoded_bytes(study: StudyConfig, chosen: list[Benchmark]) -> float:
    """Bytes of decoded clips that are kept: of pretraining pools and of benchmarks."""
    pools = {f"{one.source} {one.clips}": one for data in study.regimes.values() for one in data.sources.values()}
    total = sum(_bytes(one, one.clips) for one in pools.values() if one.cache != "none")
    data = next(iter(study.regimes.values()))
    sets = {
        one.key: one for benchmark in chosen for one in measurement_of(benchmark).clip_sets(benchmark) if not one.fresh
    }
    return total + sum(_bytes(data, one.clips, 1 if one.still else 0) for one in sets.values())


def _bytes(data: DataConfig, clips: int, frames: int = 0) -> float:
    """Raw up to 128 pixels, else about a twelfth as JPEG."""
    return clips * (frames or data.frames) * data.size**2 * 3 * (1.0 if data.size <= 128 else 1 / 12)
