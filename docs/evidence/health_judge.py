"""Statistics of health.py: which runs failed, and how well each signal predicts it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import QuantileTransformer

from auxjepa.benchmarks import get, measurement_of
from auxjepa.runs.health import NARROW_RANK

MEAN = "mean"
"""Name of the mean of the normalised scores."""
SHRINKING = 0.5
"""Threshold of version 1 of the rule on its ratio."""
FIXED = {"version 1": "version 1", "version 2": "rank / initial"}
"""Signal of each version of the rule, with the threshold that is in the package."""
LEAST = 5
"""Smallest number of runs of one variant and one number of steps for a correlation."""
RESAMPLES = 500


class Limit(NamedTuple):
    """Score up to which a run failed: the upper 95 % prediction limit of the score of one untrained encoder."""

    mean: float
    sd: float
    encoders: int
    limit: float


@dataclass(frozen=True)
class Runs:
    """Runs as columns.

    Args:
        group: "search" or "studies", which have different benchmarks.
        variant: name of the variant.
        steps: optimizer steps.
        cluster: number of the cluster; runs with one recipe of the search are one cluster.
        signals: values by name; NaN where a run has no such signal.
        scores: scores by axis, NaN where an axis is not measured; ``mean`` is normalised by chance.
        failed: 1 failed, 0 not, NaN not measured, by axis.
    """

    group: np.ndarray
    variant: np.ndarray
    steps: np.ndarray
    cluster: np.ndarray
    signals: dict[str, np.ndarray]
    scores: dict[str, np.ndarray]
    failed: dict[str, np.ndarray]


class Discrimination(NamedTuple):
    """How well a signal orders the runs: AUROC of failure, and correlation with the mean score within variants."""

    auroc: float
    low: float
    high: float
    by_variant: tuple[float, ...]
    by_group: dict[str, float]
    correlation: float
    correlation_low: float
    correlation_high: float


class Rates(NamedTuple):
    """Rates of an alarm, each with its 95 % interval: (estimate, low, high)."""

    false_alarm: tuple[float, float, float]
    miss: tuple[float, float, float]
    precision: tuple[float, float, float]
    thresholds: tuple[float, ...]


@dataclass(frozen=True)
class Judged:
    """Results for the tables of the page."""

    runs: Runs
    limits: dict[tuple[str, str], Limit]
    discrimination: dict[tuple[str, str], Discrimination]
    rates: dict[tuple[str, str], Rates]
    axes: list[str] = field(default_factory=list)


def judge(records: Sequence[Mapping[str, Any]], signals: Mapping[str, tuple[str, int]]) -> Judged:
    """Return how well signals predict failed runs.

    Args:
        records: content of health.jsonl.
        signals: meaning and side of the alarm of each signal.
    """
    benchmarks = sorted({name for record in records for name in record["scores"]})
    axes = [*benchmarks, MEAN]
    limits = dict(limits_of(records))
    runs = runs_of(records, axes, limits, list(signals))
    discrimination, rates = {}, {}
    for axis in axes:
        for version, limit in (("version 1", SHRINKING), ("version 2", NARROW_RANK)):
            alarms = runs.signals[FIXED[version]] < limit
            rates[f"rule of {version}", axis] = rates_of(runs, axis, alarms, ())
        for name, (_, side) in signals.items():
            discrimination[name, axis] = discriminate(runs, axis, side * runs.signals[name])
            alarms, thresholds = alarms_of(runs, axis, runs.signals[name])
            rates[name, axis] = rates_of(runs, axis, alarms, thresholds)
        risk = combined_risk(runs, axis)
        discrimination["all signals", axis] = discriminate(runs, axis, risk)
        rates["all signals", axis] = rates_of(runs, axis, risk > 0, ())
    return Judged(runs, limits, discrimination, rates, axes)


def group_of(record: Mapping[str, Any]) -> str:
    """Return "search" for the trials of a search and "studies" for scores on test clips."""
    return "search" if str(record["source"]).endswith("tuning") else "studies"


def with_mean(scores: Mapping[str, float]) -> dict[str, float]:
    """Return scores with the mean of the shares of the way from chance to 100."""
    shares = []
    for name, score in scores.items():
        benchmark = get(name)
        chance = measurement_of(benchmark).chance(benchmark)
        shares.append(100 * (score - chance) / (100 - chance))
    return dict(scores) | {MEAN: float(np.mean(shares))}


def limits_of(records: Sequence[Mapping[str, Any]]) -> Iterator[tuple[tuple[str, str], Limit]]:
    """Yield the limit of each group and axis."""
    untrained: dict[tuple[str, str], dict[int, float]] = {}  # studies share seeds, and then the same encoder
    for record in records:
        if record.get("control"):
            for axis, score in with_mean(record["scores"]).items():
                untrained.setdefault((group_of(record), axis), {})[record["seed"]] = score
    for key, by_seed in untrained.items():
        scores = list(by_seed.values())
        n, mean, sd = len(scores), float(np.mean(scores)), float(np.std(scores, ddof=1))
        yield key, Limit(mean, sd, n, mean + float(stats.t.ppf(0.95, n - 1)) * sd * (1 + 1 / n) ** 0.5)


def runs_of(
    records: Sequence[Mapping[str, Any]],
    axes: Sequence[str],
    limits: Mapping[tuple[str, str], Limit],
    signals: Sequence[str],
) -> Runs:
    """Return the trained runs as columns."""
    trained = [record for record in records if not record.get("control")]
    group = np.array([group_of(record) for record in trained])
    names = [r["recipe"] if group_of(r) == "search" else r["run"] for r in trained]
    nan = float("nan")
    all_scores = [with_mean(record["scores"]) for record in trained]
    scores = {axis: np.array([one.get(axis, nan) for one in all_scores]) for axis in axes}
    failed = {}
    for axis in axes:
        bound = np.array([limits[one, axis].limit if (one, axis) in limits else nan for one in group])
        failed[axis] = np.where(np.isnan(scores[axis]) | np.isnan(bound), nan, scores[axis] <= bound)
    return Runs(
        group,
        np.array([record["variant"] for record in trained]),
        np.array([record["steps"] for record in trained]),
        np.unique(names, return_inverse=True)[1],
        {s: np.array([nan if r["signals"][s] is None else r["signals"][s] for r in trained]) for s in signals},
        scores,
        failed,
    )


def auroc(risk: np.ndarray, failed: np.ndarray) -> float:
    """Return the probability that a failed run has more risk than a run that did not fail; ties count half."""
    ranks, count = stats.rankdata(risk), int(failed.sum())
    others = len(failed) - count
    if not count or not others:
        return float("nan")
    return float((ranks[failed > 0].sum() - count * (count + 1) / 2) / (count * others))


def discriminate(runs: Runs, axis: str, risk: np.ndarray) -> Discrimination:
    """Return how well a risk orders the runs.

    Args:
        runs: the runs.
        axis: axis of the scores.
        risk: larger means more at risk.
    """
    usable = ~np.isnan(risk) & ~np.isnan(runs.failed[axis])
    risk, failed, score = risk[usable], runs.failed[axis][usable], runs.scores[axis][usable]
    variant, cluster = runs.variant[usable], runs.cluster[usable]
    cells = np.char.add(np.char.add(variant.astype(str), runs.steps[usable].astype(str)), runs.group[usable])
    x, y, weight = (np.zeros(len(risk)) for _ in range(3))
    for cell in np.unique(cells):
        rows = np.flatnonzero(cells == cell)
        if len(rows) >= LEAST:
            a, b = (stats.rankdata(values[rows]) for values in (-risk, score))
            x[rows], y[rows] = ((one - one.mean()) / max(float(one.std()), 1e-9) for one in (a, b))
            weight[rows] = 1

    def correlation(rows: np.ndarray) -> float:
        return float((x[rows] * y[rows]).sum() / max(1, weight[rows].sum()))

    draws = [(auroc(risk[rows], failed[rows]), correlation(rows)) for rows in resamples(cluster)]
    low, high = np.nanpercentile(np.array(draws), (2.5, 97.5), axis=0)
    by_variant = [auroc(risk[variant == name], failed[variant == name]) for name in np.unique(variant)]
    group = runs.group[usable]
    every = np.arange(len(risk))
    return Discrimination(
        auroc(risk, failed),
        float(low[0]),
        float(high[0]),
        tuple(one for one in by_variant if not np.isnan(one)),
        {str(name): auroc(risk[group == name], failed[group == name]) for name in np.unique(group)},
        correlation(every),
        float(low[1]),
        float(high[1]),
    )


def resamples(cluster: np.ndarray) -> Iterator[np.ndarray]:
    """Yield rows of resampled clusters."""
    rng = np.random.default_rng(0)
    rows = [np.flatnonzero(cluster == name) for name in np.unique(cluster)]
    for _ in range(RESAMPLES):
        yield np.concatenate([rows[i] for i in rng.integers(len(rows), size=len(rows))])


def alarms_of(runs: Runs, axis: str, values: np.ndarray) -> tuple[np.ndarray, tuple[float, ...]]:
    """Return the alarm of each run (NaN where it has none), with the threshold and side that the other variants choose.

    The threshold has the largest sum of sensitivity and specificity.

    Args:
        runs: the runs.
        axis: axis of the scores.
        values: values of the signal.
    """
    alarms, thresholds = np.full(len(values), np.nan), []
    usable = ~np.isnan(values) & ~np.isnan(runs.failed[axis])
    for name in np.unique(runs.variant[usable]):
        judged, others = usable & (runs.variant == name), usable & (runs.variant != name)
        side, threshold = best_threshold(values[others], runs.failed[axis][others])
        alarms[judged] = side * values[judged] > side * threshold
        thresholds.append(threshold)
    return alarms, tuple(thresholds)


def best_threshold(values: np.ndarray, failed: np.ndarray) -> tuple[int, float]:
    """Return side and threshold with the largest sum of sensitivity and specificity."""
    order = np.argsort(values)
    ordered, wrong = values[order], failed[order]
    below = np.cumsum(wrong) / max(1, wrong.sum()) - np.cumsum(1 - wrong) / max(1, (1 - wrong).sum())
    middle = (ordered[1:] + ordered[:-1]) / 2
    best = int(np.argmax(np.abs(below[:-1])))
    return (-1 if below[best] > 0 else 1), float(middle[best])


def combined_risk(runs: Runs, axis: str) -> np.ndarray:
    """Return the log odds of failure from all signals, by a logistic regression on the other variants."""
    table = np.stack(list(runs.signals.values()), axis=1)
    table = np.where(np.isnan(table), np.nanmedian(table, axis=0), table)
    table = QuantileTransformer(n_quantiles=50).fit_transform(table) - 0.5
    risk, usable = np.full(len(table), np.nan), ~np.isnan(runs.failed[axis])
    for name in np.unique(runs.variant[usable]):
        judged, others = usable & (runs.variant == name), usable & (runs.variant != name)
        failed = runs.failed[axis][others]
        if 0 < failed.sum() < len(failed):
            model = LogisticRegression(class_weight="balanced", max_iter=1000).fit(table[others], failed)
            risk[judged] = model.decision_function(table[judged])
    return risk


def rates_of(runs: Runs, axis: str, alarms: np.ndarray, thresholds: Sequence[float]) -> Rates:
    """Return the rates of an alarm.

    Args:
        runs: the runs.
        axis: axis of the scores.
        alarms: 1 or True for an alarm, NaN where there is none.
        thresholds: the thresholds.
    """
    alarms = np.asarray(alarms, dtype=float)
    usable = ~np.isnan(alarms) & ~np.isnan(runs.failed[axis])
    alarm, failed, cluster = alarms[usable] > 0, runs.failed[axis][usable] > 0, runs.cluster[usable]

    def of(rows: np.ndarray) -> tuple[float, float, float]:
        a, f = alarm[rows], failed[rows]
        parts = ((a & ~f).sum(), (~f).sum()), ((~a & f).sum(), f.sum()), ((a & f).sum(), a.sum())
        return tuple(float(n / d) if d else float("nan") for n, d in parts)  # type: ignore[return-value]

    draws = np.array([of(rows) for rows in resamples(cluster)])
    low, high = np.nanpercentile(draws, (2.5, 97.5), axis=0)
    estimates = of(np.arange(len(alarm)))
    triples = [(estimate, float(a), float(b)) for estimate, a, b in zip(estimates, low, high, strict=True)]
    return Rates(triples[0], triples[1], triples[2], tuple(thresholds))
