"""Accuracy out of distribution: a probe fitted on clean clips of the world, scored on corrupted and shifted test clips.

The suites are ``corruptions`` and ``shifts``. The score is the mean accuracy over all conditions (kind and severity)
that keep the label. Parts: ``clean`` on the same clips, ``relative_drop`` = (clean - mean) / clean in percent, and each
condition as ``KIND-SEVERITY``. A different order of frames changes motion and order. In this case,
``KIND-SEVERITY:original`` is the accuracy against the original label of the clip, and ``reverse-5:reversed`` is the
accuracy against the label of the reversed clip. Neither is part of the mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Int, UInt8

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.clip_sets import ClipSet, is_still, split_sets
from auxjepa.benchmarks.measurement import Measurement
from auxjepa.benchmarks.score import Scorer
from auxjepa.benchmarks.world import WORLD
from auxjepa.data.corruptions import CORRUPTIONS, SEVERITIES, corrupt
from auxjepa.data.open import open_world
from auxjepa.data.world import shifts
from auxjepa.data.world.factor_sampling import sample
from auxjepa.data.world.factors import CLASSES, MOTION_LABELS, STILL_ROLES, reverse
from auxjepa.data.world.shifts import SHIFTS
from auxjepa.probes.fit import Fitted, Score

TEMPORAL = (*MOTION_LABELS, "order")
"""Labels that don't hold when the frames are reordered."""
AT_ONCE = 128
Clips = UInt8[np.ndarray, "n F X Y 3"]


def measure_corruptions(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Return the mean accuracy under every kind of corruption (:mod:`auxjepa.data.corruptions`) that applies to the
    benchmark.

    Args of the benchmark: ``base`` is the benchmark of the probe. ``clips`` is the number of test clips (all by
    default). ``kinds`` and ``severities`` select conditions (all by default).

    Args:
        scorer: scorer of the encoder.
        benchmark: the benchmark.

    Raises:
        ConfigError: if a kind is unknown.
        ValueError: if a severity is unknown.
    """
    base = base_of(benchmark)
    fitted = scorer.fitted(base)
    opened = base.open(scorer.data, "test", progress=False)
    count = min(int(benchmark.args.get("clips", base.test)), len(opened.labels))
    clips, labels = opened.clips[:count], opened.labels[:count]
    right: dict[str, Bool[np.ndarray, " n"]] = {}
    aside: dict[str, Bool[np.ndarray, " n"]] = {}
    for kind, severity in corruptions_of(benchmark):
        predicted = _read(scorer, fitted, clips, lambda some, how=(kind, severity): corrupt(some, *how))
        one = CORRUPTIONS[kind]
        if not (one.reorders and benchmark.label in TEMPORAL):
            right[f"{kind}-{severity}"] = predicted == labels
            continue
        aside[f"{kind}-{severity}:original"] = predicted == labels
        if kind == "reverse" and one.levels[severity - 1] == 1:
            aside[f"{kind}-{severity}:reversed"] = predicted == reversed_classes(benchmark.label)[labels]
    return _summed(fitted, _read(scorer, fitted, clips) == labels, right, aside)


def measure_shifts(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Return the mean accuracy in every shifted world (:mod:`auxjepa.data.world.shifts`) that keeps the label.

    Args of the benchmark: as in :func:`measure_corruptions`; ``kinds`` are names of shifts.

    Args:
        scorer: scorer of the encoder.
        benchmark: the benchmark.

    Raises:
        ConfigError: if a shift is unknown.
    """
    base = base_of(benchmark)
    fitted = scorer.fitted(base)
    count = min(int(benchmark.args.get("clips", base.test)), base.test)
    plain = base.open(scorer.data, "test", progress=False)
    right: dict[str, Bool[np.ndarray, " n"]] = {}
    for shift in shifts_of(benchmark):
        # Drawing this few clips takes less time than starting a second process.
        world = open_world(scorer.data, "test", count, role=benchmark.role, shift=shift, workers=1, progress=False)
        right[shift] = _read(scorer, fitted, world.clips) == world.labels[benchmark.label]
    return _summed(fitted, _read(scorer, fitted, plain.clips[:count]) == plain.labels[:count], right, {})


def base_of(benchmark: Benchmark) -> Benchmark:
    """Return the benchmark of the probe on clean clips: the same clips, label, sizes and protocol.

    Args:
        benchmark: the benchmark.
    """
    return benchmark.model_copy(
        update={"name": benchmark.args["base"], "version": 1, "suite": "", "args": {}, "metric": "top1"}
    )


def corruptions_of(benchmark: Benchmark) -> Iterator[tuple[str, int]]:
    """Yield the kinds and severities of a benchmark. Corruptions of time are left out for still images.

    Args:
        benchmark: the benchmark.
    """
    for kind in benchmark.args.get("kinds", CORRUPTIONS):
        if kind not in CORRUPTIONS or benchmark.role not in STILL_ROLES or CORRUPTIONS[kind].stills:
            yield from ((kind, int(severity)) for severity in benchmark.args.get("severities", SEVERITIES))


def shifts_of(benchmark: Benchmark) -> list[str]:
    """Return the shifts of a benchmark that are visible on its clips and keep the label.

    Args:
        benchmark: the benchmark.
    """
    wanted: Sequence[int] = benchmark.args.get("severities", range(1, 6))
    names = []
    for name in benchmark.args.get("kinds", SHIFTS):
        if name not in SHIFTS:
            shifts.find_shift(f"{name}-1")  # raises the error that names the known shifts
        shift = SHIFTS[name]
        if benchmark.role in shift.roles and benchmark.label not in shift.loses:
            names += [f"{name}-{severity}" for severity in wanted if severity <= len(shift.levels)]
    return names


def reversed_classes(label: str) -> Int[np.ndarray, " C"]:
    """Return the class of the reversed clip for every class of a label.

    Args:
        label: name of the label.
    """
    grid = np.indices([len(CLASSES[name]) for name in ("direction", "speed_profile", "rotation", "order")])
    direction, profile, rotation, order = grid.reshape(4, -1)
    one = sample("train", 1, role="order" if label == "order" else "motion")[np.zeros(len(order), np.int64)]
    every = replace(one, direction=direction, speed_profile=profile, rotation=rotation, order=order)
    back = np.empty(len(CLASSES[label]), np.int64)
    back[every.labels()[label]] = reverse(every).labels()[label]
    return back


def _read(
    scorer: Scorer, fitted: Fitted, clips: Clips, change: Callable[[Clips], Clips] | None = None
) -> Int[np.ndarray, " n"]:
    """Return the predicted class of clips.

    Features are rounded like stored ones. They aren't stored, because no other measurement needs them.
    """
    level, predicted = fitted.protocol.reading.level, []
    for start in range(0, len(clips), AT_ONCE):
        some = np.asarray(clips[start : start + AT_ONCE])
        some = change(some) if change else some
        tokens = scorer.frozen.encode(some, level)
        predicted.append(fitted.predict(tokens.half().float().cpu()).cpu().numpy())
    return np.concatenate(predicted)


def _summed(
    fitted: Fitted,
    clean: Bool[np.ndarray, " n"],
    right: dict[str, Bool[np.ndarray, " n"]],
    aside: dict[str, Bool[np.ndarray, " n"]],
) -> Score:
    if not right:
        raise ValueError("no requested corruption or shift keeps the labels of these clips")
    correct = np.concatenate(list(right.values()))
    mean, before = 100 * float(correct.mean()), 100 * float(clean.mean())
    parts = {"clean": before} | ({"relative_drop": 100 * (before - mean) / before} if before else {})
    parts |= {name: 100 * float(one.mean()) for name, one in (right | aside).items()}
    units = np.tile(np.arange(len(clean)), len(right))  # each condition marks each clip once
    return Score(mean, fitted.validation, correct, fitted.selected, parts, units, len(clean))


def _of(base: Benchmark, suite: str, word: str, version: int) -> Benchmark:
    return base.model_copy(
        update={
            "name": f"{base.name}_{word}",
            "version": version,
            "title": f"{base.title.rpartition(' (')[0]}, {word} ({base.classes})",
            "capability": "robustness",
            "suite": suite,
            "args": {"base": base.name, "clips": 300, "severities": [1, 3, 5]},
            "metric": "mean_top1",
            "controls": ("random_init", "chance"),
        }
    )


_BASES = [one for one in WORLD if one.name in ("world_fine_motion", "world_order", "world_appearance")]
ROBUSTNESS = (
    *(_of(base, "corruptions", "corrupted", 1) for base in _BASES),
    *(_of(base, "shifts", "shifted", shifts.VERSION) for base in _BASES),
)


def _count_corruptions(benchmark: Benchmark) -> int:
    """Return the number of conditions: clean clips, and every corruption at each severity."""
    return 1 + len(list(corruptions_of(benchmark)))


def _count_shifts(benchmark: Benchmark) -> int:
    """Return the number of conditions: clean clips, and every shift at each severity."""
    return 1 + len(shifts_of(benchmark))


def _clip_sets(benchmark: Benchmark, conditions: int) -> Iterator[ClipSet]:
    """Yield the clips of the splits, and the test clips under every condition."""
    yield from split_sets(benchmark)
    clips = conditions * int(benchmark.args.get("clips", benchmark.test))
    yield ClipSet(benchmark.name, clips, is_still(benchmark), True)


CORRUPTION_MEASUREMENT = Measurement(
    measure=measure_corruptions,
    clip_sets=lambda benchmark: _clip_sets(benchmark, _count_corruptions(benchmark)),
    conditions=_count_corruptions,
)
SHIFT_MEASUREMENT = Measurement(
    measure=measure_shifts,
    clip_sets=lambda benchmark: _clip_sets(benchmark, _count_shifts(benchmark)),
    conditions=_count_shifts,
)
