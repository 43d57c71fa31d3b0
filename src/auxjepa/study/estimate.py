"""Estimate of the hours, memory and disk space of a study, from a short measurement on this machine.

The measurement times a training step of each kind (:mod:`auxjepa.study.step_cost`), the parts of scoring
(:mod:`auxjepa.study.scoring`), and the generation of a few clips of the world. The estimate leaves out the decoding of
public data sets and the slowdown of processes that share memory.
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
from auxjepa.data.world.factors import STILL_ROLES
from auxjepa.models.initial import build_initial_encoder
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.study.scoring import scoring_cost
from auxjepa.study.step_cost import LIBRARIES_MB, Clock, StepCost, flops, kind_of, step_cost

DRAWN = 24
"""Number of the world's clips that are generated to time one clip."""
LONGEST = 3
"""Multiple of the requested seconds. After this time, further kinds of steps get the mean cost of the timed kinds."""


class Estimate(Typed):
    """Estimated cost of a study on this machine.

    Args:
        device: device of the measurement.
        runs: number of runs to train.
        scored: number of encoders to score.
        workers: number of processes side by side.
        training: hours of one process for training.
        scoring: hours of one process for scoring.
        making: hours of one process for generating the world's clips.
        hours: hours of the whole study with all processes on an otherwise idle machine.
        crowding: ratio of the measurement's wall-clock time to its CPU time.
        memory_gb: memory of all processes; memory of the accelerator if there is one.
        disk_gb: disk space of checkpoints, decoded clips, and features during scoring.
        operations: floating-point operations of training.
        steps: milliseconds of a training step by variant and regime.
        reckoned: kinds of steps that are extrapolated from smaller steps.
        guessed: kinds of steps that are not timed and get the mean cost of the others.
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
    """Return the estimated cost of a study. The measurement takes about ``seconds``, or longer for large models.

    Args:
        study: the study.
        workers: number of processes side by side.
        device: device of the measurement.
        seconds: approximate time of the measurement.

    Raises:
        ConfigError: if a run of the study cannot be built.
    """
    if device == "cpu":
        torch.set_num_threads(1)
    planned, place = plan(study), torch.device(device)
    step_cost(_small(planned[0].config), place, Clock(place), 0.0)  # torch's one-time setup must not count
    clock = Clock(place)
    runs = {(r.config.variant, r.config.regime): r.config for r in planned if r.control is None}
    counts = Counter((r.config.variant, r.config.regime) for r in planned if r.control is None)
    costs = _costs(list(runs.values()), place, clock, seconds)
    typical = _mean(list(costs.values()))
    cost_of_kind = {kind: costs.get(kind_of(config), typical) for kind, config in runs.items()}
    training = sum(counts[kind] * runs[kind].optim.steps * cost_of_kind[kind].seconds for kind in runs)
    chosen = study.chosen_benchmarks()
    first = planned[0].config
    encoder = build_initial_encoder(first.model, first.seed).to(place)
    scoring = scoring_cost(chosen, first, encoder, clock)
    making = _making(world_sets(study, chosen), clock)
    memory = max(one.memory_mb for one in cost_of_kind.values())
    if device == "cpu":
        memory = max(memory, LIBRARIES_MB + scoring.held / 2**20)
    checkpoint_bytes = sum(
        counts[kind] * 16 * cost_of_kind[kind].parameters for kind in runs
    )  # two networks, two moments, in float32
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
        disk_gb=(checkpoint_bytes + workers * scoring.kept + decoded_bytes(study, chosen)) / 1e9,
        operations=sum(counts[kind] * runs[kind].optim.steps * flops(runs[kind]) for kind in runs),
        steps={" on ".join(kind): round(1000 * cost_of_kind[kind].seconds, 1) for kind in runs},
        reckoned=tuple(" on ".join(kind) for kind in runs if not cost_of_kind[kind].whole),
        guessed=tuple(" on ".join(kind) for kind, config in runs.items() if kind_of(config) not in costs),
    )


def _costs(configs: list[RunConfig], device: torch.device, clock: Clock, seconds: float) -> dict[str, StepCost]:
    """Return the cost of a step for each kind that the time allows, at least for the first."""
    kinds = {kind_of(config): config for config in reversed(configs)}
    begin, costs = time.perf_counter(), {}
    for number, (kind, config) in enumerate(reversed(kinds.items())):
        spent = time.perf_counter() - begin
        if costs and spent > LONGEST * seconds:
            break
        left = max(0.0, 0.7 * seconds - spent) / (len(kinds) - number)
        costs[kind] = step_cost(config, device, clock, left)
    return costs


def _mean(costs: list[StepCost]) -> StepCost:
    seconds, memory = (sum(getattr(one, name) for one in costs) / len(costs) for name in ("seconds", "memory_mb"))
    return StepCost(seconds, memory, max(one.parameters for one in costs), whole=False)


def _small(config: RunConfig) -> RunConfig:
    """Return a run of a few operations for warming up."""
    model = config.model.model_copy(
        update={"size": "nano", "levels": 1, "predictor_dim": None, "predictor_depth": None}
    )
    return config.model_copy(update={"model": model, "optim": config.optim.model_copy(update={"batch": 2})})


class Drawn(NamedTuple):
    """A set of the world's clips: frames, pixels per side, seed, role, split and number of clips."""

    frames: int
    size: int
    seed: int
    role: str
    split: str
    clips: int


def world_sets(study: StudyConfig, chosen: list[Benchmark]) -> set[Drawn]:
    """Return every set of the world's clips that a study draws. Sets of shifted worlds are left out."""
    sets = set()
    for data in study.regimes.values():
        for one in data.sources.values():
            kind, _, role = one.source.partition(":")
            if kind == "world":
                sets.add(Drawn(one.frames, one.size, one.seed, role or "mixture", "pretrain", one.clips))
        for one in chosen:
            if one.source == "world":
                for role in measurement_of(one).world_roles or (one.role,):
                    for split in SPLITS:
                        count = getattr(one, split)
                        sets.add(Drawn(data.frames, data.size, data.seed, role, split, count))
    return sets


def _making(sets: set[Drawn], clock: Clock) -> float:
    """Return the seconds to draw, encode and decode the world's clips."""
    total, a_frame = 0.0, {}
    for one in sets:
        if one.size not in a_frame:
            with tempfile.TemporaryDirectory(prefix="auxjepa-plan-") as place:
                data = DataConfig.model_validate({"frames": one.frames, "size": one.size, "root": place})
                begin = clock()
                open_world(data, "pretrain", DRAWN, role="motion", workers=1, progress=False)
                a_frame[one.size] = (clock() - begin) / DRAWN / one.frames
        total += one.clips * a_frame[one.size] * (1 if one.role in STILL_ROLES else one.frames)
    return total


def decoded_bytes(study: StudyConfig, chosen: list[Benchmark]) -> float:
    """Return the bytes of decoded clips that are stored for pretraining pools and benchmarks."""
    pools = {f"{one.source} {one.clips}": one for data in study.regimes.values() for one in data.sources.values()}
    total = sum(_bytes(one, one.clips) for one in pools.values() if one.cache != "none")
    data = next(iter(study.regimes.values()))
    sets = {
        one.key: one for benchmark in chosen for one in measurement_of(benchmark).clip_sets(benchmark) if not one.fresh
    }
    return total + sum(_bytes(data, one.clips, 1 if one.still else 0) for one in sets.values())


def _bytes(data: DataConfig, clips: int, frames: int = 0) -> float:
    """Return the bytes of stored clips: raw up to 128 pixels per side, about a twelfth as JPEG above."""
    return clips * (frames or data.frames) * data.size**2 * 3 * (1.0 if data.size <= 128 else 1 / 12)
