"""Statistics of accuracies on clean and on shifted clips: rank stability, and effective robustness."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import special

from auxjepa.evidence.statistics.bootstrap import bootstrap_interval, seed_weights
from auxjepa.evidence.statistics.records import FEWEST_SEEDS, ComparisonError, Estimate

ALL = "mean"
"""Name of the mean over all conditions, next to the names of the kinds of shift."""
CLIP_PERCENT = 0.1
"""Distance in percent that accuracies keep from 0 and 100 before the logit."""
Scores = Mapping[str, Mapping[int, float]]
"""Name of an encoder's variant: seed: accuracy in percent."""


@dataclass(frozen=True)
class Fit:
    """The line ``logit(shifted) = intercept + slope * logit(clean)`` through the study's encoders.

    Args:
        slope: slope of the line.
        intercept: intercept of the line.
    """

    slope: float
    intercept: float

    def expected(self, clean: float) -> float:
        """Return the accuracy under shift (percent) that the line expects.

        Args:
            clean: accuracy on clean clips, in percent.
        """
        return 100 * float(special.expit(self.intercept + self.slope * _logit(clean)))


@dataclass(frozen=True)
class Stability:
    """Agreement of the variants' ranks on clean and on shifted clips.

    Args:
        kind: kind of shift.
        tau: Kendall's tau-b of mean accuracies over seeds; None where all variants are equal on one side.
        interval: interval of tau over seeds; None with fewer than 5 seeds.
        variants: number of variants.
        seeds: number of seeds.
    """

    kind: str
    tau: float | None
    interval: tuple[float, float] | None
    variants: int
    seeds: int


def rank_stability(
    clean: Scores, shifted: Scores, kind: str = ALL, confidence: float = 0.95, seed: int = 0
) -> Stability:
    """Return Kendall's tau-b between variants' means on clean and on shifted clips, over seeds that all variants have.

    The interval resamples whole seeds, for all variants and both sides together. Resamples in which all variants are
    equal on a side are left out. It shows where tau of other studies with as many seeds falls (93 to 99 % of them). It
    is no interval for tau of the true means, because noise of the seeds lowers tau (docs/evidence/planning.md).

    Args:
        clean: accuracies on clean clips.
        shifted: accuracies on shifted clips.
        kind: kind of shift.
        confidence: confidence of the interval.
        seed: seed of the resamples.

    Raises:
        ComparisonError: with fewer than 3 variants, or without a seed that all variants have.

    Source:
        Kendall (1945), "The Treatment of Ties in Ranking Problems".
    """
    names = sorted(clean.keys() & shifted.keys())
    if len(names) < 3:
        raise ComparisonError(f"ranks need at least 3 variants, got {len(names)}")
    seeds = sorted(set.intersection(*(clean[n].keys() & shifted[n].keys() for n in names)))
    if not seeds:
        raise ComparisonError("no seed has every variant")
    first, second = (np.array([[side[n][s] for n in names] for s in seeds]) for side in (clean, shifted))
    tau = float(_tau(first.mean(axis=0, keepdims=True), second.mean(axis=0, keepdims=True))[0])
    interval = None
    if len(seeds) >= FEWEST_SEEDS:
        weights = seed_weights(len(seeds), seed=seed)
        drawn = _tau(weights @ first, weights @ second)
        interval = bootstrap_interval(drawn[~np.isnan(drawn)], len(seeds), confidence)
    return Stability(kind, None if math.isnan(tau) else tau, interval, len(names), len(seeds))


def fit_line(clean: Sequence[float], shifted: Sequence[float]) -> Fit:
    """Return the least-squares line on the logits of accuracies in percent.

    Args:
        clean: accuracy on clean clips, one value an encoder.
        shifted: accuracy on shifted clips, one value an encoder.

    Raises:
        ComparisonError: with fewer than 3 encoders, or when all have the same accuracy on clean clips.
    """
    x, y = _logit(np.asarray(clean, float)), _logit(np.asarray(shifted, float))
    if len(x) < 3:
        raise ComparisonError(f"a line of robustness needs at least 3 encoders, got {len(x)}")
    slope, intercept, is_defined = _lines(x[None], y[None], np.ones((1, len(x))))
    if not is_defined[0]:
        raise ComparisonError("all encoders have the same accuracy in domain")
    return Fit(float(slope[0]), float(intercept[0]))


def effective_robustness(
    clean: Scores, shifted: Scores, confidence: float = 0.95, seed: int = 0
) -> tuple[Fit, dict[str, Estimate]]:
    """Return accuracy under shift minus what the line expects at the same clean accuracy, in points, by variant.

    In the source the line goes through many standard models. Here it goes through the study's own encoders, including
    the variants that are judged. So values are relative to the study, and a variant pulls the line towards itself. The
    interval resamples the seeds (the same seeds in all variants that have them) and fits the line again.

    Args:
        clean: accuracies on clean clips.
        shifted: accuracies on shifted clips.
        confidence: confidence of the intervals.
        seed: seed of the resamples.

    Raises:
        ComparisonError: see :func:`fit_line`.

    Source:
        Taori et al. (2020), "Measuring Robustness to Natural Distribution Shifts in Image Classification".
    """
    pairs = [(n, s) for n in clean for s in sorted(clean[n].keys() & shifted.get(n, {}).keys())]
    first, second = (np.array([side[n][s] for n, s in pairs], float) for side in (clean, shifted))
    fit = fit_line(first.tolist(), second.tolist())
    seeds = sorted({s for _, s in pairs})
    seed_index = np.array([seeds.index(s) for _, s in pairs])
    weights = seed_weights(len(seeds), seed=seed)[:, seed_index] if len(seeds) > 1 else np.empty((0, len(pairs)))
    x, y = _logit(first), _logit(second)
    slope, intercept, is_defined = _lines(x[None], y[None], weights)
    over = second - 100 * special.expit(intercept[:, None] + slope[:, None] * x)
    estimates = {}
    for name in dict.fromkeys(n for n, _ in pairs):
        selected = np.array([n == name for n, _ in pairs])
        value = float(np.mean([b - fit.expected(a) for a, b in zip(first[selected], second[selected], strict=True)]))
        share = weights[:, selected].sum(axis=1)
        usable = is_defined & (share > 0)
        drawn = (weights[:, selected] * over[:, selected]).sum(axis=1)[usable] / share[usable]
        estimates[name] = Estimate(value, bootstrap_interval(drawn, int(selected.sum()), confidence))
    return fit, estimates


def _tau(a: Float[np.ndarray, "R V"], b: Float[np.ndarray, "R V"]) -> Float[np.ndarray, " R"]:
    """Return tau-b of each row; nan where all values are equal on a side."""
    first, second = (np.sign(np.round(x[:, :, None] - x[:, None], 9)) for x in (a, b))
    untied = np.sqrt((first != 0).sum(axis=(1, 2)) * (second != 0).sum(axis=(1, 2)))
    return np.where(untied > 0, (first * second).sum(axis=(1, 2)) / np.maximum(untied, 1), np.nan)


def _logit(percent):
    return special.logit(np.clip(percent, CLIP_PERCENT, 100 - CLIP_PERCENT) / 100)


def _lines(
    x: np.ndarray, y: np.ndarray, weights: Float[np.ndarray, "R n"]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return slope and intercept of weighted least squares for each row of weights, and whether they are defined."""
    total = weights.sum(axis=1)
    mean_x, mean_y = (weights * x).sum(axis=1) / total, (weights * y).sum(axis=1) / total
    spread = (weights * (x - mean_x[:, None]) ** 2).sum(axis=1) / total
    is_defined = spread > 1e-9
    together = (weights * (x - mean_x[:, None]) * (y - mean_y[:, None])).sum(axis=1) / total
    slope = np.where(is_defined, together / np.where(is_defined, spread, 1), 0.0)
    return slope, mean_y - slope * mean_x, is_defined
