"""Separation of factors: how well each factor of the world can be read from each half of the channels.

Factorised objectives claim that appearance is in the first half of the channels and dynamics in the second. The score
is their separation: the difference in points between reading a factor from the expected half and from the other half.
It is the mean over appearance and dynamics factors. It is 0 for any arbitrary division, including the random one of an
unfactorised encoder. It would be high if the claim were true.
"""

from __future__ import annotations

import contextlib

import numpy as np
import torch
from jaxtyping import Int

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.clip_sets import split_sets
from auxjepa.benchmarks.cost import Clock, random_features, seconds_of
from auxjepa.benchmarks.measurement import Measurement
from auxjepa.benchmarks.score import Scorer
from auxjepa.data.world.factor_sampling import sample
from auxjepa.data.world.factors import Factors, Role
from auxjepa.probes.cka import debiased_cka
from auxjepa.probes.fit import Score
from auxjepa.probes.kept import gathered
from auxjepa.probes.protocol import Protocol
from auxjepa.probes.reading import QUARTERS, READINGS, pooled, read, ridge_accuracy
from auxjepa.rows import Control
from auxjepa.tokens import Grid

APPEARANCE = {"shape": 5, "texture": 4, "size": 3, "background": 3}
DYNAMICS = {"direction": 8, "speed_profile": 3, "rotation": 2, "order": 8}
PLACE = {"position": 4}
"""Factor that is reported but belongs to no half: the quarter of the frame that holds the sprite in the first frame."""
CONTROLS: tuple[Control, ...] = ("random_init",)


def measure(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Return the separation in points.

    Parts: accuracy of every ``factor@reading`` in percent, ``majority@factor`` (accuracy of the most frequent class
    of the training clips) and ``chance@factor`` (1 / number of classes). ``separation_appearance`` and
    ``separation_dynamics`` are the two terms of the score. ``gap`` is the mean over factors of the absolute gap
    between the two halves, as in a mutual information gap. ``cka`` is the debiased CKA of the two halves: up to 1,
    and about 0 for unrelated halves. It is missing if a half is the same for all clips, or there are fewer than 4
    clips.

    Version 1 used the plain CKA, which is above 0 for unrelated halves, and had neither majority nor chance.

    Args:
        scorer: scorer of the encoder.
        benchmark: the benchmark.

    Raises:
        ValueError: if clips have a single time step.
    """
    clips = {role: _features(scorer, benchmark, role) for role in ("motion", "order")}
    parts: dict[str, float] = {}
    for factor, classes in (APPEARANCE | DYNAMICS | PLACE).items():
        splits = clips["order" if factor == "order" else "motion"]
        for reading in READINGS:
            train, validation, test = (
                (read(features, reading, benchmark.protocol.ratio), label_of(factors, factor))
                for features, factors in splits
            )
            correct, _ = ridge_accuracy(train, validation, test, classes)
            parts[f"{factor}@{reading}"] = 100 * float(correct.mean())
        train, test = (label_of(factors, factor) for _, factors in (splits[0], splits[2]))
        commonest = np.bincount(train, minlength=classes).argmax()
        parts |= {f"majority@{factor}": 100 * float((test == commonest).mean()), f"chance@{factor}": 100 / classes}
    own = [parts[f"{factor}@appearance"] - parts[f"{factor}@dynamics"] for factor in APPEARANCE]
    others = [parts[f"{factor}@dynamics"] - parts[f"{factor}@appearance"] for factor in DYNAMICS]
    halves = [read(clips["motion"][2][0], half, benchmark.protocol.ratio) for half in ("appearance", "dynamics")]
    summary = {
        "separation_appearance": float(np.mean(own)),
        "separation_dynamics": float(np.mean(others)),
        "gap": float(np.mean(np.abs(own + others))),
    }
    with contextlib.suppress(ValueError):
        summary["cka"] = debiased_cka(*halves)
    separation = (summary["separation_appearance"] + summary["separation_dynamics"]) / 2
    return Score(separation, None, None, {}, summary | parts)


def label_of(factors: Factors, factor: str) -> Int[np.ndarray, " n"]:
    """Return the class of each clip in a factor.

    Sizes and backgrounds are divided into thirds of their range, and positions into quarters of the frame.

    Args:
        factors: factors of the clips.
        factor: name of the factor.
    """
    if factor == "position":
        row, column = (np.clip((factors.position[:, axis] * 2).astype(np.int64), 0, 1) for axis in (0, 1))
        return 2 * row + column
    if factor in ("size", "background"):
        values = factors.size if factor == "size" else factors.background.mean(axis=1)
        low, high = {"size": (0.22, 0.25), "background": (0.23, 0.33)}[factor]
        return np.clip((3 * (values - low) / (high - low)).astype(np.int64), 0, 2)
    return getattr(factors, factor)


def _features(scorer: Scorer, benchmark: Benchmark, role: Role) -> list[tuple[torch.Tensor, Factors]]:
    """Return the pooled features and factors of the training, validation and test clips of a role."""
    plain = benchmark.model_copy(update={"role": role, "label": "shape", "suite": "", "args": {}})
    out = []
    for split in ("train", "validation", "test"):
        labelled = plain.open(scorer.data, split, progress=False)
        grid = scorer.frozen.grid(*labelled.clips.shape[1:4])
        tokens = scorer.tokens(labelled.clips, labelled.key, benchmark.protocol.reading.level)
        out.append(
            (
                gathered(lambda part, grid=grid: pooled(part, grid).cpu(), tokens),
                sample(split, len(labelled.clips), scorer.data.seed, role=role),
            )
        )
    return out


FACTORS = (
    Benchmark(
        name="world_factors",
        version=2,
        title="Separation of factors (points)",
        capability="factors",
        label="shape",
        classes=2,
        protocol=Protocol(name="ridge", head="linear"),
        suite="factors",
        metric="points",
        controls=CONTROLS,
    ),
)


def _fit_seconds(benchmark: Benchmark, grid: Grid, dim: int, clock: Clock) -> float:
    """Return the seconds to solve a ridge problem for every factor and reading."""
    width = grid.T * QUARTERS**2 * dim
    sizes = (benchmark.train, benchmark.validation, benchmark.test)
    train, validation, test = ((random_features(clips, 1, width)[:, 0], np.arange(clips) % 4) for clips in sizes)
    problems = len(READINGS) * len(APPEARANCE | DYNAMICS | PLACE)
    return problems * seconds_of(lambda: ridge_accuracy(train, validation, test, 4), clock)


MEASUREMENT = Measurement(
    measure=measure,
    clip_sets=lambda benchmark: split_sets(benchmark, ("motion", "order")),
    fit_seconds=_fit_seconds,
    world_roles=("motion", "order", "images"),
    fits_probe=False,
)
