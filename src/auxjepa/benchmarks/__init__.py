"""What is measured: data set, split, label, metric and protocol of every benchmark."""

from __future__ import annotations

from difflib import get_close_matches

from auxjepa.benchmarks import (
    alignment,
    alternative_heads,
    captioned,
    cka,
    epic_fewshot,
    factors,
    fewshot,
    kinetics_shift,
    motion_discrimination,
    physics,
    recognition,
    robustness,
)
from auxjepa.benchmarks.base import Benchmark
from auxjepa.benchmarks.score import SUITES
from auxjepa.benchmarks.world import WORLD
from auxjepa.config import ConfigError
from auxjepa.modules import make_registry

BENCHMARKS: dict[str, Benchmark] = {
    benchmark.name: benchmark
    for benchmark in (
        *WORLD,
        *recognition.RECOGNITION,
        *alternative_heads.ALTERNATIVE_HEADS,
        *motion_discrimination.MOTION_DISCRIMINATION,
        *physics.PHYSICS,
        *robustness.ROBUSTNESS,
        *kinetics_shift.KINETICS_SHIFT,
        *fewshot.FEWSHOT,
        *epic_fewshot.EPIC_FEWSHOT,
        *factors.FACTORS,
        *cka.CKA,
        *alignment.ALIGNMENT,
        *captioned.CAPTIONED,
    )
}
SUITES["alignment"] = alignment.measure
SUITES["captioned"] = captioned.measure
SUITES["epic_fewshot"] = epic_fewshot.measure
SUITES["cka"] = cka.measure
SUITES["factors"] = factors.measure
SUITES["fewshot"] = fewshot.measure
SUITES["physics"] = physics.measure
SUITES["recognition"] = recognition.measure
SUITES["corruptions"] = robustness.measure_corruptions
SUITES["shifts"] = robustness.measure_shifts
SUITES["kinetics_shift"] = kinetics_shift.measure

__all__ = ["BENCHMARKS", "Benchmark", "get"]


def get(name: str) -> Benchmark:
    """A registered benchmark.

    Raises:
        ConfigError: for an unknown name, with the nearest known one.
    """
    if name not in BENCHMARKS:
        near = get_close_matches(name, BENCHMARKS, n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]!r}?" if near else f" (known: {', '.join(BENCHMARKS)})"
        raise ConfigError(f"unknown benchmark {name!r}{hint}")
    return BENCHMARKS[name]


make_registry(__name__, lambda: BENCHMARKS, get)
