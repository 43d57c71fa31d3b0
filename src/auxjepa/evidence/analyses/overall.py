"""All benchmarks together, by variant: interquartile mean, improvement, optimality gap, fronts and profiles."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.statistics.aggregate import (
    NormalisedScores,
    Profile,
    improvement,
    iqm,
    normalise,
    optimality_gap,
    paired_iqm,
    profile,
)
from auxjepa.evidence.statistics.pareto import front_stability
from auxjepa.evidence.statistics.records import ComparisonError, Estimate

TAUS = tuple(k / 40 for k in range(-4, 41))
"""Normalised scores at which profiles are computed."""


@dataclass(frozen=True)
class Overall:
    """One variant over all benchmarks, in normalised units: chance is 0, all correct is 1.

    Args:
        name: the variant.
        seeds: number of seeds that have every benchmark.
        benchmarks: number of benchmarks.
        iqm: interquartile mean.
        paired_iqm: interquartile mean of the differences from the reference; None without a common seed.
        gap: optimality gap.
        improvement: probability of improvement over the reference; None without a common seed.
        front_shares: for each pair of ``Results.axes`` the share of resamples in which the variant is on the Pareto
            front; None where it lacks a score, and with fewer than 5 seeds.
        profile: performance profile at :data:`TAUS`.
    """

    name: str
    seeds: int
    benchmarks: int
    iqm: Estimate
    paired_iqm: Estimate | None
    gap: Estimate
    improvement: Estimate | None
    front_shares: tuple[float | None, ...]
    profile: Profile


def study_overall(results: Results) -> list[Overall]:
    """Return one record a variant; a variant without a seed that has every benchmark is left out.

    Args:
        results: the table of results.
    """
    scores = _normalised(results)
    reference = results.reference.name if results.reference else ""
    fronts = [_front_shares(results, across, up) for across, up in results.axes]
    records = []
    for name, values in scores.items():
        paired, better = None, None
        if name != reference and reference in scores:
            with contextlib.suppress(ComparisonError):  # no seed in common
                paired, better = paired_iqm(values, scores[reference]), improvement(values, scores[reference])
        records.append(
            Overall(
                name=name,
                seeds=len(values.seeds),
                benchmarks=len(values.benchmarks),
                iqm=iqm(values),
                paired_iqm=paired,
                gap=optimality_gap(values),
                improvement=better,
                front_shares=tuple(front.get(name) for front in fronts),
                profile=profile(values, TAUS),
            )
        )
    return records


def _normalised(results: Results) -> dict[str, NormalisedScores]:
    chance = {str(i): column.chance for i, column in enumerate(results.columns) if column.is_share}
    scores = {}
    for line in results.variants:
        with contextlib.suppress(ComparisonError):
            scores[line.name] = normalise({i: line.cells[int(i)].scores for i in chance}, chance)
    return scores


def _front_shares(results: Results, across: str, up: str) -> Mapping[str, float]:
    """Return, by variant, the share of resamples of the seeds in which it is on the front of two capabilities."""
    pairs = {line.name: (results.mean_over(line, across), results.mean_over(line, up)) for line in results.variants}
    return front_stability({name: pair for name, pair in pairs.items() if pair[0] and pair[1]})
