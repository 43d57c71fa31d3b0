"""Regression: how well a number of each clip can be read linearly from the features of a frozen encoder.

The suite is ``regression``. The score is R² on test clips, in percent. Parts: ``mae``, ``rmse`` and ``spearman`` of the
predictions, and ``mean_r2``, ``mean_mae`` and ``mean_rmse`` of the mean training number. ``low`` and ``high`` are the
ends of the 95 % bootstrap interval of the score over independent videos.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float
from torch import Tensor

from auxjepa.benchmarks.benchmark import SPLITS, Benchmark, Labelled
from auxjepa.benchmarks.clip_sets import ClipSet, split_sets
from auxjepa.benchmarks.cost import Clock, random_features, seconds_of
from auxjepa.benchmarks.measurement import Measurement
from auxjepa.benchmarks.pixel_components import principal_components
from auxjepa.benchmarks.score import RAW_COMPONENTS, RAW_PIXELS, Scorer
from auxjepa.config import DataConfig
from auxjepa.probes.fit import Score
from auxjepa.probes.kept import Tokens
from auxjepa.probes.protocol import Protocol
from auxjepa.probes.ridge import fit_ridge, r_squared, r_squared_interval, regression_parts
from auxjepa.tokens import Grid

TIMED_CLIPS = 256
"""Number of clips on which a fit is timed."""


def measure(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Return R² on test clips, in percent. The module describes its parts.

    Args:
        scorer: scorer of the encoder.
        benchmark: the benchmark.

    Raises:
        ValueError: if the clips have no numbers.
    """
    opened = [benchmark.open(scorer.data, split, progress=False) for split in SPLITS]
    level, steps = benchmark.protocol.reading.level, scorer.time_steps(opened[0].clips)
    tokens = [scorer.tokens(one.clips, one.key, level) for one in opened]
    return _score(benchmark, benchmark.protocol, tokens, opened, steps)


def score_raw_pixels(benchmark: Benchmark, data: DataConfig, seed: int) -> Score:
    """Return R² of a ridge regression on the principal components of whole clips, in percent.

    Args:
        benchmark: the benchmark.
        data: settings with which clips are cut.
        seed: ignored; a ridge regression has no random numbers.

    Raises:
        ValueError: if the clips have no numbers.
    """
    opened = [benchmark.open(data, split, progress=False) for split in SPLITS]
    components, selected = principal_components([one.clips for one in opened], max(RAW_COMPONENTS))
    tokens: list[Tokens] = [part[:, None] for part in components]
    score = _score(benchmark, RAW_PIXELS, tokens, opened, 1)
    score.selected.update(selected)
    return score


def _score(benchmark: Benchmark, protocol: Protocol, tokens: list[Tokens], opened: list[Labelled], steps: int) -> Score:
    targets = [_targets(benchmark, one) for one in opened]
    fitted = fit_ridge(protocol, (tokens[0], targets[0]), (tokens[1], targets[1]), steps)
    predicted, actual, units = fitted.predict(tokens[2]), targets[2], opened[2].unit
    units = np.arange(len(actual)) if units is None else units
    clips, example = len(actual), opened[2].example
    if example is not None:  # several clips of one example give the mean of their predictions
        first = np.unique(example, return_index=True)[1]
        predicted = np.bincount(example, weights=predicted) / np.bincount(example)
        actual, units = actual[first], units[first]
    parts = {"chance": 0.0, **regression_parts(predicted, actual, float(targets[0].mean()))}
    interval = r_squared_interval(predicted, actual, units)
    if interval is not None:
        parts |= {"low": 100 * interval[0], "high": 100 * interval[1]}
    selected: dict[str, float | int | str] = {"features": fitted.features, "penalty": fitted.penalty}
    return Score(
        100 * r_squared(predicted, actual), 100 * fitted.validation, None, selected, parts, units=units, clips=clips
    )


def _targets(benchmark: Benchmark, labelled: Labelled) -> Float[np.ndarray, " n"]:
    if labelled.target is None:
        raise ValueError(f"{benchmark.name}: the clips have no numbers")
    return labelled.target


def _clip_sets(benchmark: Benchmark) -> Iterator[ClipSet]:
    return split_sets(benchmark, own_splits=True)


def _fit_seconds(benchmark: Benchmark, grid: Grid, dim: int, clock: Clock) -> float:
    """Return the seconds of a fit on a few clips, scaled by the number of clips."""
    clips = min(TIMED_CLIPS, benchmark.train)
    features: Tensor = random_features(clips, min(grid.N, 64), dim)
    target = features[:, 0, 0].double().numpy()
    split = (features, target)
    return seconds_of(lambda: fit_ridge(benchmark.protocol, split, split), clock) * benchmark.train / clips


MEASUREMENT = Measurement(
    measure=measure,
    clip_sets=_clip_sets,
    fit_seconds=_fit_seconds,
    fits_probe=False,
    chance=lambda benchmark: 0.0,
    raw_pixels=score_raw_pixels,
)
