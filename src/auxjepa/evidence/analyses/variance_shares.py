"""Sources of the variance of a study's scores and differences: seeds, test clips, both together, and probes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from auxjepa.evidence.analyses.marks_by_cell import CellMarks, marks_by_cell, rows_by_cell
from auxjepa.evidence.analyses.results import Column, Results
from auxjepa.evidence.statistics.variance_components import (
    Component,
    VarianceComponents,
    probe_variance,
    variance_components,
)
from auxjepa.evidence.study_folder import probe_repeats
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.study_folder.probe_repeats import RepeatedScore
from auxjepa.rows import Row

SOURCES = ("seed", "clip", "rest")


@dataclass(frozen=True)
class StandardDeviation:
    """Standard deviation of a score that comes from one source, in points.

    Args:
        value: the estimate; 0 where the estimate of the variance is below 0.
        interval: 95 % interval.
    """

    value: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class VarianceShares:
    """Sources of the variance of a variant's scores, or of its differences from the reference, on one benchmark.

    Args:
        column: title of the column.
        variant: the variant.
        is_difference: whether differences from the reference are meant.
        n_seeds: number of seeds.
        n_clips: number of test clips.
        deviations: by source (``seed``, ``clip``, ``rest``), standard deviation of the score of one seed.
        shares: by source, share of the variance of the mean over the seeds, from 0 to 1; empty without any variance.
        probe: standard deviation that other probe seeds give; None without repeated probes.
        repeats: number of encoders whose probe was repeated.
    """

    column: str
    variant: str
    is_difference: bool
    n_seeds: int
    n_clips: int
    deviations: Mapping[str, StandardDeviation]
    shares: Mapping[str, float]
    probe: StandardDeviation | None
    repeats: int


@dataclass(frozen=True)
class BenchmarkShares:
    """Shares of one benchmark, from the mean of the variances over variants.

    Args:
        column: title of the column.
        n_seeds: number of seeds.
        n_clips: number of test clips.
        of_scores: by source, share of the variance of a variant's mean score.
        of_differences: by source, share of the variance of a mean difference; empty without a difference.
    """

    column: str
    n_seeds: int
    n_clips: int
    of_scores: Mapping[str, float]
    of_differences: Mapping[str, float]


@dataclass(frozen=True)
class Variance:
    """Sources of variance in a study.

    Args:
        benchmarks: one record a benchmark.
        lines: one record a variant and benchmark, and one a difference.
        notes: what is left out, one line each.
        has_probes: whether probes were repeated.
    """

    benchmarks: tuple[BenchmarkShares, ...]
    lines: tuple[VarianceShares, ...]
    notes: tuple[str, ...]
    has_probes: bool


def study_variance(study: Study, results: Results, folder: Path | None = None) -> Variance | None:
    """Return the sources of variance on every benchmark with marks; None where no benchmark has marks of 2 seeds.

    Args:
        study: the study.
        results: its table of results.
        folder: study folder with repeated probes; None without one.
    """
    notes: list[str] = []
    repeats = probe_repeats.read(folder, notes) if folder is not None else []
    marks, rows = marks_by_cell(study, results), rows_by_cell(study, results)
    benchmarks: list[BenchmarkShares] = []
    lines: list[VarianceShares] = []
    without = [c.title for i, c in enumerate(results.columns) if not any(index == i for _, index in marks)]
    if marks and without:
        where = ", ".join(without)
        notes.append(f"Fewer than 2 seeds have one mark a clip, so no source of variance is estimated on {where}")
    for i, column in enumerate(results.columns):
        scores: list[VarianceComponents] = []
        differences: list[VarianceComponents] = []
        for line in results.variants:
            cell = marks.get((line.name, i))
            if cell is None:
                continue
            scores.append(variance_components(100.0 * cell.marks))
            probe = _probe_of(rows[line.name, i], repeats)
            lines.append(_describe(column, line.name, False, scores[-1], probe))
        base = results.reference
        reference = None if base is None else marks.get((base.name, i))
        for line in results.variants:
            cell = marks.get((line.name, i))
            if base is None or reference is None or cell is None or line is base:
                continue
            table = paired_table(cell, reference)
            if table is not None:
                differences.append(variance_components(table))
                probe = _probe_of_difference(rows[line.name, i], rows[base.name, i], repeats)
                lines.append(_describe(column, line.name, True, differences[-1], probe))
        if scores:
            size = scores[0].n_seeds, scores[0].n_clips
            benchmarks.append(BenchmarkShares(column.title, *size, _mean_shares(scores), _mean_shares(differences)))
    if not benchmarks:
        return None
    return Variance(tuple(benchmarks), tuple(lines), tuple(notes), any(line.probe is not None for line in lines))


def paired_table(cell: CellMarks, reference: CellMarks) -> Float[np.ndarray, "S E"] | None:
    """Return differences of marks in points, seeds by clips; None with fewer than 2 shared seeds or other clips.

    Args:
        cell: marks of a variant.
        reference: marks of the reference.
    """
    seeds = tuple(seed for seed in cell.seeds if seed in reference.seeds)
    if len(seeds) < 2 or cell.marks.shape[1] != reference.marks.shape[1]:
        return None
    return 100.0 * (cell.of_seeds(seeds).astype(float) - reference.of_seeds(seeds))


def _describe(
    column: Column,
    variant: str,
    is_difference: bool,
    components: VarianceComponents,
    probe: tuple[Component | None, int],
) -> VarianceShares:
    component, repeats = probe
    return VarianceShares(
        column=column.title,
        variant=variant,
        is_difference=is_difference,
        n_seeds=components.n_seeds,
        n_clips=components.n_clips,
        deviations={source: _deviation(c) for source, c in components.of_score().items()},
        shares=_mean_shares([components]),
        probe=None if component is None else _deviation(component),
        repeats=repeats,
    )


def _deviation(component: Component) -> StandardDeviation:
    low, high = component.interval
    return StandardDeviation(math.sqrt(component.positive), (math.sqrt(low), math.sqrt(high)))


def _mean_shares(components: Sequence[VarianceComponents]) -> dict[str, float]:
    """Return the share of each source in the mean of the variances; empty where all variances are 0."""
    sums = {s: max(0.0, sum(c.of_mean()[s].variance for c in components)) for s in SOURCES}
    total = sum(sums.values())
    return {source: value / total for source, value in sums.items()} if total > 0 else {}


def _probe_of(rows: Sequence[Row], repeats: Sequence[RepeatedScore]) -> tuple[Component | None, int]:
    """Return the variance that other probe seeds give to a score, and the number of encoders with repeated probes."""
    groups = [list(probe_repeats.scores_by_seed(row, repeats).values()) for row in rows] if repeats else []
    return probe_variance(groups), sum(len(group) > 1 for group in groups)


def _probe_of_difference(
    rows: Sequence[Row], reference_rows: Sequence[Row], repeats: Sequence[RepeatedScore]
) -> tuple[Component | None, int]:
    """Return the same for a difference: both sides of a repeat have the same probe seed."""
    if not repeats:
        return None, 0
    reference_by_seed = {row.seed: row for row in reference_rows}
    groups = []
    for row in rows:
        if row.seed not in reference_by_seed:
            continue
        first = probe_repeats.scores_by_seed(row, repeats)
        second = probe_repeats.scores_by_seed(reference_by_seed[row.seed], repeats)
        groups.append([first[k] - second[k] for k in sorted(first.keys() & second.keys())])
    return probe_variance(groups), sum(len(group) > 1 for group in groups)
