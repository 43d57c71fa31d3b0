"""Training of a study's runs, by variant: curves over seeds, share of step time, mean cost, health."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from auxjepa.evidence.study_folder.artifacts import Curve, Run, finite
from auxjepa.evidence.study_folder.folder import Study

POINTS = 100
"""Number of stretches of steps over which a curve is averaged; a figure cannot show more."""
CURVES = ("loss", "grad_norm")
"""Metrics whose curves a report shows."""
CURVE_GROUPS = ("terms/", "std/", "rank/")
"""Starts of the names of further metrics whose curves a report shows."""
STEP_PARTS = ("data", "masks", "teacher", "student", "predictor", "objectives", "backward", "optimiser", "other")
"""Parts of a training step, in their order in figures; the last is everything else."""
UNHEALTHY = ("shrinking", "collapsed")
"""Verdicts on runs whose features lost spread or rank."""


@dataclass(frozen=True)
class CurveBand:
    """A curve over seeds, averaged in stretches of steps.

    Args:
        steps: middle of each stretch.
        low: minimum over seeds.
        median: median over seeds.
        high: maximum over seeds.
    """

    steps: tuple[float, ...]
    low: tuple[float, ...]
    median: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Cost:
    """Mean cost of a run of one variant; None where no run reports a number.

    Args:
        variant: the variant.
        runs: number of runs.
        seconds: seconds of pretraining.
        cpu_seconds: CPU-seconds of pretraining.
        relative: CPU-seconds divided by those of the reference.
        peak_memory_mb: peak memory, in MB.
        parameters: number of parameters.
        milliseconds_per_step: milliseconds per step.
        probe_seconds: seconds of a probe.
        verdicts: number of runs by verdict on their health.
    """

    variant: str
    runs: int
    seconds: float | None
    cpu_seconds: float | None
    relative: float | None
    peak_memory_mb: float | None
    parameters: float | None
    milliseconds_per_step: float | None
    probe_seconds: float | None
    verdicts: dict[str, int]


@dataclass(frozen=True)
class UnhealthyRuns:
    """Unhealthy runs of one variant with one verdict.

    Args:
        variant: the variant.
        verdict: 'shrinking' or 'collapsed'.
        seeds: seeds of the runs.
        of: number of all runs of the variant.
    """

    variant: str
    verdict: str
    seeds: tuple[int, ...]
    of: int


def training_curves(runs: Sequence[Run], variants: Sequence[str]) -> dict[str, dict[str, CurveBand]]:
    """Return the curves that a report shows: losses, gradient norm, spread and rank of features.

    Args:
        runs: the runs.
        variants: names of the variants.

    Returns:
        Key of the metric: variant: minimum, median and maximum over seeds.
    """
    keys = {key for run in runs for key in run.curves if key in CURVES or key.startswith(CURVE_GROUPS)}
    return {key: curve_bands(runs, key, variants) for key in sorted(keys)}


def curve_bands(runs: Sequence[Run], key: str, variants: Sequence[str]) -> dict[str, CurveBand]:
    """Return minimum, median and maximum over seeds of one curve, by variant.

    Args:
        runs: the runs.
        key: key of the metric.
        variants: names of the variants; one without the curve is left out.
    """
    bands = {}
    for variant in variants:
        curves = [run.curves[key] for run in runs if run.variant == variant and key in run.curves]
        if curves:
            bands[variant] = _band(curves)
    return bands


def step_time_shares(runs: Sequence[Run], variants: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Return the percentage of a step's time by part (:data:`STEP_PARTS`), mean over the runs of a variant.

    Args:
        runs: the runs.
        variants: names of the variants; one without a measured time is left out.
    """
    shares = {}
    for variant in variants:
        parts = [mean_of(runs, variant, partial(_share_of_step, part=part)) or 0.0 for part in STEP_PARTS]
        if sum(parts) > 0:
            shares[variant] = tuple(100 * share / sum(parts) for share in parts)
    return shares


def study_costs(study: Study) -> list[Cost]:
    """Return the mean cost of a run of each variant; a variant without a run is left out.

    Args:
        study: the study.
    """
    base = mean_of(study.runs, study.reference, lambda run: run.number("cpu_seconds"))
    costs = []
    for variant in study.variants:
        runs = [run for run in study.runs if run.variant == variant]
        if not runs:
            continue
        cpu_seconds = mean_of(runs, variant, lambda run: run.number("cpu_seconds"))
        probes = [row.seconds for row in study.rows if row.variant == variant and row.control is None]
        costs.append(
            Cost(
                variant=variant,
                runs=len(runs),
                seconds=mean_of(runs, variant, lambda run: run.number("seconds")),
                cpu_seconds=cpu_seconds,
                relative=cpu_seconds / base if cpu_seconds is not None and base else None,
                peak_memory_mb=mean_of(runs, variant, lambda run: run.number("peak_memory_mb")),
                parameters=mean_of(runs, variant, lambda run: run.number("parameters")),
                milliseconds_per_step=mean_of(runs, variant, lambda run: run.number("milliseconds_per_step")),
                probe_seconds=statistics.fmean(probes) if probes else None,
                verdicts=dict(Counter(run.health or "unknown" for run in runs)),
            )
        )
    return costs


def unhealthy_runs(runs: Sequence[Run]) -> list[UnhealthyRuns]:
    """Return the runs that shrank or collapsed, grouped by variant and verdict.

    Args:
        runs: the runs.
    """
    seeds: dict[tuple[str, str], list[int]] = {}
    for run in runs:
        if run.health in UNHEALTHY:
            seeds.setdefault((run.variant, run.health), []).append(run.seed)
    total = Counter(run.variant for run in runs)
    return [UnhealthyRuns(variant, verdict, tuple(s), total[variant]) for (variant, verdict), s in seeds.items()]


def mean_of(runs: Sequence[Run], variant: str, read: Callable[[Run], float | None]) -> float | None:
    """Return the mean of a number over the runs of a variant that have it; None where no run has it.

    Args:
        runs: the runs.
        variant: the variant.
        read: returns the number of a run, or None.
    """
    values = [v for v in (read(run) for run in runs if run.variant == variant) if v is not None]
    return sum(values) / len(values) if values else None


def _band(curves: list[Curve]) -> CurveBand:
    last = max(steps[-1] for steps, _ in curves)
    shortest = min(len(steps) for steps, _ in curves)
    edges = np.linspace(0, last, max(2, min(POINTS, shortest) + 1))
    stretches = len(edges) - 1
    means = np.full((len(curves), stretches), np.nan)
    for mean, (steps, values) in zip(means, curves, strict=True):
        stretch = np.clip(np.searchsorted(edges, steps, side="left") - 1, 0, stretches - 1)
        count = np.bincount(stretch, minlength=stretches)
        np.divide(np.bincount(stretch, values, stretches), count, out=mean, where=count > 0)
    covered = ~np.isnan(means).all(axis=0)
    middle = (edges[1:] + edges[:-1])[covered] / 2
    low, median, high = (f(means[:, covered], 0) for f in (np.nanmin, np.nanmedian, np.nanmax))
    return CurveBand(*(tuple(values.tolist()) for values in (middle, low, median, high)))


def _share_of_step(run: Run, part: str) -> float | None:
    """Return a run's share of step time; "other" is the sum of the parts without a name in ``STEP_PARTS``."""
    shares = run.summary.get("shares")
    if not isinstance(shares, dict):
        return None
    if part == "other":
        return sum((finite(share) or 0.0 for name, share in shares.items() if name not in STEP_PARTS[:-1]), 0.0)
    return finite(shares.get(part))
