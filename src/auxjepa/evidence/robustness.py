"""Out of distribution: relative drops, whether variants keep their ranks, and effective robustness.

Read from the parts of rows: ``clean`` is the accuracy in domain, ``KIND-SEVERITY`` that in one condition. Parts with a
colon in their name are of other labels and stay aside.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import special

from auxjepa.evidence.aggregate import Estimate
from auxjepa.evidence.bootstrap import expanded_percentile, seed_weights
from auxjepa.evidence.effects import ComparisonError, Effect, paired_effect
from auxjepa.evidence.intervals import t_interval, wilson
from auxjepa.rows import Row

ALL = "mean"
"""Name of the mean over all conditions, beside the kinds'."""
LEAST = 0.1
"""Percent from which accuracies are kept away from 0 and 100 before the logit."""
Scores = Mapping[str, Mapping[int, float]]
"""Name of an encoder's variant: seed: accuracy in percent."""
_CONDITION = re.compile(r"[a-z0-9_]+-\d+")


@dataclass(frozen=True)
class Fit:
    """The line ``logit(shifted) = intercept + slope * logit(clean)`` through the study's encoders."""

    slope: float
    intercept: float

    def expected(self, clean: float) -> float:
        """Accuracy under shift (percent) that goes with an accuracy in domain (percent)."""
        return 100 * float(special.expit(self.intercept + self.slope * _logit(clean)))


@dataclass(frozen=True)
class Stability:
    """Do variants that are better on clean clips stay better? Kendall's tau-b of mean accuracies over seeds; None where
    all variants are equal on one side."""

    kind: str
    tau: float | None
    interval: tuple[float, float] | None
    variants: int
    seeds: int


@dataclass(frozen=True)
class Line:
    """One variant (or control). Accuracies and effective robustness in points, drops in percent of the clean accuracy.

    ``drop_effect``: its drop minus the reference's, paired by seed. ``effective``: how much higher its accuracy under
    shift is than that of the study's encoders with the same accuracy in domain. ``kinds``: mean accuracy by kind.
    ``above_chance``: the clean accuracy is, by its Wilson interval over clips; else a small drop means nothing.
    """

    name: str
    control: str | None
    clean: Estimate
    shifted: Estimate
    drop: Estimate
    drop_effect: Effect | None
    effective: Estimate | None
    kinds: Mapping[str, float]
    above_chance: bool
    points: tuple[tuple[float, float], ...]  # clean and shifted accuracy of each seed


@dataclass(frozen=True)
class Robustness:
    """What one benchmark with conditions shows."""

    benchmark: str
    regime: str
    n_classes: int
    kinds: tuple[str, ...]
    lines: tuple[Line, ...]
    stability: tuple[Stability, ...]
    fit: Fit | None


def conditions(row: Row) -> dict[str, float]:
    """Accuracy by condition, of a row that has a clean accuracy to compare with."""
    return {k: v for k, v in row.parts.items() if _CONDITION.fullmatch(k)} if "clean" in row.parts else {}


def by_kind(row: Row) -> dict[str, float]:
    """Mean accuracy by kind over its severities, and over all conditions (``mean``)."""
    named: dict[str, list[float]] = {}
    for name, value in conditions(row).items():
        named.setdefault(name.rpartition("-")[0], []).append(value)
    return {ALL: row.score} | {kind: float(np.mean(values)) for kind, values in named.items()}


def relative_drop(clean: float, shifted: float) -> float:
    """Percent of the accuracy in domain that is lost. Near chance there is little to lose: read it with the accuracy.

    Raises:
        ComparisonError: when nothing was right in domain.
    """
    if clean <= 0:
        raise ComparisonError("a relative drop needs an accuracy above 0 in domain")
    return 100 * (clean - shifted) / clean


def rank_stability(
    clean: Scores, shifted: Scores, kind: str = ALL, confidence: float = 0.95, seed: int = 0
) -> Stability:
    """Kendall's (1945) tau-b between variants' means on clean and on shifted clips, over seeds that all variants have.

    The interval resamples whole seeds, for all variants and both sides together; resamples in which all variants are
    equal on a side are left out.

    Raises:
        ComparisonError: with fewer than 3 variants, or without a seed that all of them have.
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
    if len(seeds) > 1:
        weights = seed_weights(len(seeds), seed=seed)
        drawn = _tau(weights @ first, weights @ second)
        kept = drawn[~np.isnan(drawn)]
        if len(kept):
            low, high = expanded_percentile(kept, len(seeds), confidence)
            interval = (float(low), float(high))
    return Stability(kind, None if math.isnan(tau) else tau, interval, len(names), len(seeds))


def fit_line(clean: Sequence[float], shifted: Sequence[float]) -> Fit:
    """Least squares on the logits of accuracies in percent, one pair an encoder.

    Raises:
        ComparisonError: with fewer than 3 encoders, or when all have the same accuracy in domain.
    """
    x, y = _logit(np.asarray(clean, float)), _logit(np.asarray(shifted, float))
    if len(x) < 3:
        raise ComparisonError(f"a line of robustness needs at least 3 encoders, got {len(x)}")
    slope, intercept, good = _lines(x[None], y[None], np.ones((1, len(x))))
    if not good[0]:
        raise ComparisonError("all encoders have the same accuracy in domain")
    return Fit(float(slope[0]), float(intercept[0]))


def effective_robustness(
    clean: Scores, shifted: Scores, confidence: float = 0.95, seed: int = 0
) -> tuple[Fit, dict[str, Estimate]]:
    """Accuracy under shift minus what the line through all encoders expects at the same accuracy in domain, in points.

    Taori et al. (2020), "Measuring Robustness to Natural Distribution Shifts in Image Classification"; their line goes
    through many standard models, this one through the study's own encoders, those that are judged included. So values
    are relative to the study and a variant pulls the line towards itself. The interval resamples each variant's seeds
    (the same seeds in all variants that have them) and fits the line anew.

    Raises:
        ComparisonError: see :func:`fit_line`.
    """
    pairs = [(n, s) for n in clean for s in sorted(clean[n].keys() & shifted.get(n, {}).keys())]
    first, second = (np.array([side[n][s] for n, s in pairs], float) for side in (clean, shifted))
    fit = fit_line(first.tolist(), second.tolist())
    seeds = sorted({s for _, s in pairs})
    place = np.array([seeds.index(s) for _, s in pairs])
    weights = seed_weights(len(seeds), seed=seed)[:, place] if len(seeds) > 1 else np.empty((0, len(pairs)))
    x, y = _logit(first), _logit(second)
    slope, intercept, good = _lines(x[None], y[None], weights)
    over = second - 100 * special.expit(intercept[:, None] + slope[:, None] * x)
    found = {}
    for name in dict.fromkeys(n for n, _ in pairs):
        mine = np.array([n == name for n, _ in pairs])
        value = float(np.mean([b - fit.expected(a) for a, b in zip(first[mine], second[mine], strict=True)]))
        share = weights[:, mine].sum(axis=1)
        usable = good & (share > 0)
        interval = None
        if mine.sum() > 1 and usable.any():
            drawn = (weights[:, mine] * over[:, mine]).sum(axis=1)[usable] / share[usable]
            low, high = expanded_percentile(drawn, int(mine.sum()), confidence)
            interval = (float(low), float(high))
        found[name] = Estimate(value, interval)
    return fit, found


def robustness(rows: Sequence[Row], reference: str = "") -> list[Robustness]:
    """One record for each regime and benchmark whose rows have conditions; none where there are no such rows.

    Args:
        rows: of one protocol and benchmark hash each (:func:`auxjepa.evidence.folder.current`). The random-init control
            counts as an encoder; other controls are left out.
    """
    cells: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.control in (None, "random_init") and conditions(row) and row.parts["clean"] > 0:
            cells.setdefault((row.regime, row.benchmark), []).append(row)
    return [_cell(*key, own, reference) for key, own in cells.items()]


def _cell(regime: str, benchmark: str, rows: Sequence[Row], reference: str) -> Robustness:
    named: dict[str, dict[int, Row]] = {}
    for row in rows:
        named.setdefault(row.control or row.variant, {})[row.seed] = row
    controls = {name for name, own in named.items() if next(iter(own.values())).control}
    kinds = tuple(dict.fromkeys(kind for row in rows for kind in by_kind(row)))
    clean = {n: {s: row.parts["clean"] for s, row in own.items()} for n, own in named.items()}
    values = {n: {s: by_kind(row) for s, row in own.items()} for n, own in named.items()}
    shifted = {
        kind: {n: {s: v[kind] for s, v in own.items() if kind in v} for n, own in values.items()} for kind in kinds
    }
    drops = {n: {s: relative_drop(clean[n][s], row.score) for s, row in own.items()} for n, own in named.items()}
    try:
        fit, effective = effective_robustness(clean, shifted[ALL])
    except ComparisonError:
        fit, effective = None, {}
    lines = []
    for name, own in named.items():
        effect = None
        if name != reference and drops.get(reference, {}).keys() & own.keys():
            effect = paired_effect(
                drops[name], drops[reference], variant=name, reference=reference, benchmark=benchmark
            )
        lines.append(
            Line(
                name=name,
                control=name if name in controls else None,
                clean=_over_seeds(clean[name]),
                shifted=_over_seeds(shifted[ALL][name]),
                drop=_over_seeds(drops[name]),
                drop_effect=effect,
                effective=effective.get(name),
                kinds={k: float(np.mean(list(shifted[k][name].values()))) for k in kinds if shifted[k][name]},
                above_chance=_above_chance(clean[name], own),
                points=tuple((clean[name][s], shifted[ALL][name][s]) for s in sorted(own)),
            )
        )
    trained = {n: own for n, own in clean.items() if n not in controls}
    stability = []
    for kind in kinds:
        try:
            stability.append(rank_stability(trained, {n: shifted[kind][n] for n in trained}, kind))
        except ComparisonError:
            continue
    lines.sort(key=lambda line: line.control is not None)
    return Robustness(benchmark, regime, rows[0].n_classes, kinds, tuple(lines), tuple(stability), fit)


def _above_chance(clean: Mapping[int, float], rows: Mapping[int, Row]) -> bool:
    one = next(iter(rows.values()))
    clips = max(1, one.n_test // len(conditions(one)))  # a row counts each clip once a condition
    return wilson(float(np.mean(list(clean.values()))) / 100, clips)[0] > 1 / one.n_classes


def _over_seeds(scores: Mapping[int, float]) -> Estimate:
    values = list(scores.values())
    return Estimate(float(np.mean(values)), t_interval(values) if len(values) > 1 else None)


def _tau(a: Float[np.ndarray, "R V"], b: Float[np.ndarray, "R V"]) -> Float[np.ndarray, " R"]:
    """Tau-b in each row; nan where all are equal on a side."""
    first, second = (np.sign(np.round(x[:, :, None] - x[:, None], 9)) for x in (a, b))
    untied = np.sqrt((first != 0).sum(axis=(1, 2)) * (second != 0).sum(axis=(1, 2)))
    return np.where(untied > 0, (first * second).sum(axis=(1, 2)) / np.maximum(untied, 1), np.nan)


def _logit(percent):
    return special.logit(np.clip(percent, LEAST, 100 - LEAST) / 100)


def _lines(
    x: np.ndarray, y: np.ndarray, weights: Float[np.ndarray, "R n"]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes and intercepts of weighted least squares, one a row of ``weights``, and which of them exist."""
    total = weights.sum(axis=1)
    mean_x, mean_y = (weights * x).sum(axis=1) / total, (weights * y).sum(axis=1) / total
    spread = (weights * (x - mean_x[:, None]) ** 2).sum(axis=1) / total
    good = spread > 1e-9
    together = (weights * (x - mean_x[:, None]) * (y - mean_y[:, None])).sum(axis=1) / total
    slope = np.where(good, together / np.where(good, spread, 1), 0.0)
    return slope, mean_y - slope * mean_x, good
