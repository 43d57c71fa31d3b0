"""Measure the time of fits on the features of a benchmark, with a few random features."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.probes.fit import Split, fit_probe
from auxjepa.tokens import Grid

Clock = Callable[[], float]
"""Function that returns the seconds that have passed."""
MOST_CLIPS = 128
"""Largest number of clips on which a fit is timed. It is smaller if features are large. The time of a fit grows with
the number of clips."""
MOST_BYTES = 64 << 20
"""Largest number of bytes of features on which a fit is timed."""
MOST_STEPS = 6
"""Largest number of tokens along each side of the clips on which a fit is timed."""


def probe_seconds(benchmark: Benchmark, grid: Grid, dim: int, clock: Clock) -> float:
    """Estimate the seconds that fitting a probe and scoring it once take.

    Two fits of one and of three epochs separate the time of an epoch from the time before the first epoch.

    Args:
        benchmark: the benchmark.
        grid: tokens of a clip.
        dim: channels of a token.
        clock: returns the seconds that have passed.
    """
    tokens = min(grid.N, MOST_STEPS**3)
    few = few_clips(tokens, dim)
    steps = grid.T if tokens == grid.N else MOST_STEPS
    split = Split(random_features(few, tokens, dim), torch.arange(few) % benchmark.classes, steps)

    def fit(epochs: int) -> float:
        protocol = benchmark.protocol.model_copy(update={"epochs": epochs})
        return seconds_of(lambda: fit_probe(protocol, split, split, benchmark.classes, seed=0), clock)

    once, thrice = fit(1), fit(3)
    epoch = max(0.0, thrice - once) / 2  # it includes training and validation clips, so it is slightly too long
    seconds = max(0.0, once - epoch) / 2 + epoch * benchmark.protocol.epochs
    return seconds * benchmark.train / few * grid.N / tokens


def few_clips(tokens: int, dim: int) -> int:
    """Return the number of clips on which a fit is timed.

    Args:
        tokens: tokens of a clip.
        dim: channels of a token.
    """
    return max(16, min(MOST_CLIPS, MOST_BYTES // (4 * tokens * dim)))


def random_features(clips: int, tokens: int, dim: int) -> Float[Tensor, "clips tokens dim"]:
    """Return features from a standard normal distribution, the same ones for the same shape.

    Args:
        clips: number of clips.
        tokens: tokens of a clip.
        dim: channels of a token.
    """
    return torch.randn(clips, tokens, dim, generator=torch.Generator().manual_seed(0))


def seconds_of(work: Callable[[], object], clock: Clock) -> float:
    """Return the seconds that a call takes.

    Args:
        work: the call.
        clock: returns the seconds that have passed.
    """
    begin = clock()
    work()
    return clock() - begin
