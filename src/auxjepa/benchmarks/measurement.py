"""The record of a kind of measurement: everything that the package knows about a suite of benchmarks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.clip_sets import ClipSet, view_sets
from auxjepa.benchmarks.cost import Clock, probe_seconds
from auxjepa.config import ConfigError, hint
from auxjepa.probes.fit import Score
from auxjepa.tokens import Grid

if TYPE_CHECKING:
    from auxjepa.benchmarks.score import Scorer


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """How the benchmarks of a suite are measured, what that needs and what it costs.

    Args:
        measure: returns the score of an encoder on a benchmark.
        clip_sets: yields the clips that a benchmark encodes of each encoder.
        fit_seconds: returns the seconds to fit and read what stands on the features, from the benchmark, the grid and
            the width of its tokens, and a clock.
        world_roles: roles of the world whose clips a benchmark draws; empty for the role of the benchmark.
        conditions: returns the number of conditions under which each test clip is read.
        marks_each_clip: whether every test clip has exactly one mark, so that marks are a sample of clips.
        fits_probe: whether it fits the probe of the benchmark's protocol. Benchmarks that ask the same question share
            this fit, and another head can replace the probe's.
        undisturbed: whether its test clips are those of the data set, so that features of encoders can be compared on
            them.
    """

    measure: Callable[[Scorer, Benchmark], Score]
    clip_sets: Callable[[Benchmark], Iterator[ClipSet]] = view_sets
    fit_seconds: Callable[[Benchmark, Grid, int, Clock], float] = probe_seconds
    world_roles: tuple[str, ...] = ()
    conditions: Callable[[Benchmark], int] = lambda benchmark: 0
    marks_each_clip: bool = False
    fits_probe: bool = True
    undisturbed: bool = False


MEASUREMENTS: dict[str, Measurement] = {}
"""Every measurement by the name of its suite; '' is one probe. :mod:`auxjepa.benchmarks` fills it."""


def measurement_of(benchmark: Benchmark) -> Measurement:
    """Return the measurement of a benchmark.

    Raises:
        ConfigError: for an unknown suite; the message names the nearest known one.
    """
    if benchmark.suite not in MEASUREMENTS:
        raise ConfigError(f"{benchmark.name}: no suite {benchmark.suite!r}{hint(benchmark.suite, MEASUREMENTS)}")
    return MEASUREMENTS[benchmark.suite]
