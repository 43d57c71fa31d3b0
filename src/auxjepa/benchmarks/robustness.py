"""Out of distribution: a probe fitted on clean clips of the world, read on corrupted and on shifted test clips.

Suites ``corruptions`` and ``shifts``. Their score is the mean accuracy over all conditions (kind and severity) under
which the label stays true. Parts: ``clean`` on the same clips, ``relative_drop`` = (clean - mean) / clean in percent,
each condition as ``KIND-SEVERITY``. Frames in another order change what motion and order are: accuracy against the
label that the clip had before is ``KIND-SEVERITY:original``, against that of the clip played backwards
``reverse-5:reversed``; neither is part of the mean.
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
from auxjepa.data.world.factors import CLASSES, MOTION_LABELS, reverse
from auxjepa.data.world.shifts import SHIFTS
from auxjepa.probes.features import encode
from auxjepa.probes.fit import Fitted, Score

TEMPORAL = (*MOTION_LABELS, "order")
"""Labels that frames in another order belie."""
AT_ONCE = 128
Clips = UInt8[np.ndarray, "n F X Y 3"]


def measure_corruptions(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Mean accuracy under every kind of corruption (:mod:`auxjepa.data.corruptions`) that means something here.

    Args of the benchmark: ``base``, whose probe is read; ``clips``, the first so many test clips (all when left out);
    ``kinds`` and ``severities`` (all when left out).

    Raises:
        ConfigError: for an unknown kind.
        ValueError: for an unknown severity.
    """
    base = base_of(benchmark)
    fitted = scorer.fitted(base)
    opened = base.open(scorer.data, "test", progress=False)
    count = min(int(benchmark.args.get("clips", base.test)), len(opened.labels))
    clips, labels = opened.clips[:count], opened.labels[:count]
    right: dict[str, Bool[np.ndarray, " n"]] = {}
    aside: dict[str, Bool[np.ndarray, " n"]] = {}
    for kind, severity in corruptions_of(benchmark):
        said = _read(scorer, fitted, clips, lambda some, how=(kind, severity): corrupt(some, *how))
        one = CORRUPTIONS[kind]
        if not (one.reorders and benchmark.label in TEMPORAL):
            right[f"{kind}-{severity}"] = said == labels
            continue
        aside[f"{kind}-{severity}:original"] = said == labels
        if kind == "reverse" and one.levels[severity - 1] == 1:
            aside[f"{kind}-{severity}:reversed"] = said == reversed_classes(benchmark.label)[labels]
    return _summed(fitted, _read(scorer, fitted, clips) == labels, right, aside)


def measure_shifts(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Mean accuracy in every shifted world (:mod:`auxjepa.data.world.shifts`) that keeps the label.

    Args of the benchmark: as in :func:`measure_corruptions`; ``kinds`` are names of shifts.

    Raises:
        ConfigError: for an unknown shift.
    """
    base = base_of(benchmark)
    fitted = scorer.fitted(base)
    count = min(int(benchmark.args.get("clips", base.test)), base.test)
    plain = base.open(scorer.data, "test", progress=False)
    right: dict[str, Bool[np.ndarray, " n"]] = {}
    for shift in shifts_of(benchmark):
        # So few clips are drawn sooner than a second process has started.
        world = open_world(scorer.data, "test", count, role=benchmark.role, shift=shift, workers=1, progress=False)
        right[shift] = _read(scorer, fitted, world.clips) == world.labels[benchmark.label]
    return _summed(fitted, _read(scorer, fitted, plain.clips[:count]) == plain.labels[:count], right, {})


def base_of(benchmark: Benchmark) -> Benchmark:
    """The benchmark on clean clips whose probe is read: the same clips, label, sizes and protocol."""
    return benchmark.model_copy(
        update={"name": benchmark.args["base"], "version": 1, "suite": "", "args": {}, "metric": "top1"}
    )


def corruptions_of(benchmark: Benchmark) -> Iterator[tuple[str, int]]:
    """Kinds and severities that a benchmark asks for; images know no time."""
    for kind in benchmark.args.get("kinds", CORRUPTIONS):
        if kind not in CORRUPTIONS or benchmark.role != "images" or CORRUPTIONS[kind].stills:
            yield from ((kind, int(severity)) for severity in benchmark.args.get("severities", SEVERITIES))


def shifts_of(benchmark: Benchmark) -> list[str]:
    """Shifts that a benchmark asks for, that show on its clips and leave them their label."""
    wanted: Sequence[int] = benchmark.args.get("severities", range(1, 6))
    names = []
    for name in benchmark.args.get("kinds", SHIFTS):
        if name not in SHIFTS:
            shifts.find_shift(f"{name}-1")  # says what is known
        shift = SHIFTS[name]
        if benchmark.role in shift.roles and benchmark.label not in shift.loses:
            names += [f"{name}-{severity}" for severity in wanted if severity <= len(shift.levels)]
    return names


def reversed_classes(label: str) -> Int[np.ndarray, " C"]:
    """For every class of a label, that of the same clip played backwards."""
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
    """What the probe says of clips; features are rounded as kept ones are, and not kept: nobody else asks for them."""
    level, model, said = fitted.protocol.reading.level, scorer.model, []
    for start in range(0, len(clips), AT_ONCE):
        some = np.asarray(clips[start : start + AT_ONCE])
        some = change(some) if change else some
        tokens = encode(scorer.encoder, some, level=level, tubelet=model.tubelet, patch=model.patch)
        said.append(fitted.predict(tokens.half().float().cpu()).cpu().numpy())
    return np.concatenate(said)


def _summed(
    fitted: Fitted,
    clean: Bool[np.ndarray, " n"],
    right: dict[str, Bool[np.ndarray, " n"]],
    aside: dict[str, Bool[np.ndarray, " n"]],
) -> Score:
    if not right:
        raise ValueError("no corruption or shift was asked for that leaves these clips their label")
    correct = np.concatenate(list(right.values()))
    mean, before = 100 * float(correct.mean()), 100 * float(clean.mean())
    parts = {"clean": before} | ({"relative_drop": 100 * (before - mean) / before} if before else {})
    parts |= {name: 100 * float(one.mean()) for name, one in (right | aside).items()}
    units = np.tile(np.arange(len(clean)), len(right))  # a clip is marked once a condition
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
