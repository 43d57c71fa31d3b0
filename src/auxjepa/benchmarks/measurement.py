"""Record of a kind of measurement: all properties of a suite of benchmarks that the package needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.clip_sets import ClipSet, view_sets
from auxjepa.benchmarks.cost import Clock, probe_seconds
from auxjepa.config import ConfigError, DataConfig, hint
from auxjepa.probes.fit import Score
from auxjepa.tokens import Grid

if TYPE_CHECKING:
    from auxjepa.benchmarks.score import Scorer


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Measurement of the benchmarks of a suite, with its requirements and its cost.

    Args:
        measure: returns the score of an encoder on a benchmark.
        clip_sets: yields the clips that a benchmark encodes for each encoder.
        fit_seconds: returns the seconds to fit and score everything after the features. Its arguments are the
            benchmark,
            the grid of tokens, the channels of a token, and a clock.
        world_roles: roles of the world for which a benchmark draws clips; empty for the role of the benchmark.
        conditions: returns the number of conditions under which each test clip is scored.
        marks_each_clip: whether every test clip has exactly one mark, so that marks are a sample of clips.
        fits_probe: whether it fits the probe of the benchmark's protocol. Benchmarks of the same task share this
            fit, and
            another head can replace the head of the probe.
        undisturbed: whether its test clips are those of the data set, so that features of encoders can be compared on
            them.
        chance: returns the expected score of a guess.
        raw_pixels: returns the score of principal components of pixels; its arguments are the benchmark, the settings
            with which clips are cut, and the seed of the probe. None for a linear probe on them.
    """

    measure: Callable[[Scorer, Benchmark], Score]
    clip_sets: Callable[[Benchmark], Iterator[ClipSet]] = view_sets
    fit_seconds: Callable[[Benchmark, Grid, int, Clock], float] = probe_seconds
    world_roles: tuple[str, ...] = ()
    conditions: Callable[[Benchmark], int] = lambda benchmark: 0
    marks_each_clip: bool = False
    fits_probe: bool = True
    undisturbed: bool = False
    chance: Callable[[Benchmark], float] = lambda benchmark: 100 / benchmark.classes
    raw_pixels: Callable[[Benchmark, DataConfig, int], Score] | None = None


MEASUREMENTS: dict[str, Measurement] = {}
"""Every measurement by the name of its suite; '' is one probe. :mod:`auxjepa.benchmarks` fills it."""


def measurement_of(benchmark: Benchmark) -> Measurement:
    """Return the measurement of a benchmark.

    Args:
        benchmark: the benchmark.

    Raises:
        ConfigError: if the suite is unknown; the message names the nearest known one.
    """
    if benchmark.suite not in MEASUREMENTS:
        raise ConfigError(f"{benchmark.name}: no suite {benchmark.suite!r}{hint(benchmark.suite, MEASUREMENTS)}")
    return MEASUREMENTS[benchmark.suite]
