"""Pooled effects of a study, next to its raw effects and the outcomes of its registered hypotheses."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from auxjepa.evidence.analyses.marks_by_cell import CellMarks, marks_by_cell
from auxjepa.evidence.analyses.results import Column, Results
from auxjepa.evidence.analyses.variance_shares import paired_table
from auxjepa.evidence.decisions.decision import Outcome
from auxjepa.evidence.decisions.verdicts import DECIDED
from auxjepa.evidence.statistics.pooling import Pooling, pool_effects
from auxjepa.evidence.statistics.pooling_records import ClipNoise, PooledEffect
from auxjepa.evidence.statistics.records import ComparisonError
from auxjepa.evidence.statistics.variance_components import variance_components
from auxjepa.evidence.study_folder.folder import Study


@dataclass(frozen=True)
class PooledLine:
    """Pooled effect of a variant against the study's reference on one benchmark.

    Args:
        variant: the variant.
        title: title of the column.
        n: number of paired seeds.
        raw_interval: t interval of the raw mean; None with one seed.
        effect: the pooled effect.
        decimals: number of decimals with which the scores are shown.
    """

    variant: str
    title: str
    n: int
    raw_interval: tuple[float, float] | None
    effect: PooledEffect
    decimals: int


@dataclass(frozen=True)
class PooledOutcome:
    """Registered hypothesis with its outcome and its pooled effect.

    Args:
        id: short name of the hypothesis.
        statement: the claim.
        word: word of the verdict.
        raw: raw mean difference; None where nothing was measured.
        raw_interval: its t interval; None where there is none.
        effect: the pooled effect; None where there is none.
        reason: reason why there is no pooled effect; empty where there is one.
        decimals: number of decimals with which the scores are shown.
    """

    id: str
    statement: str
    word: str
    raw: float | None
    raw_interval: tuple[float, float] | None
    effect: PooledEffect | None
    reason: str
    decimals: int


@dataclass(frozen=True)
class PooledEffects:
    """All pooled effects of a study.

    Args:
        reference: the study's reference.
        lines: one record a variant and benchmark.
        outcomes: one record a registered hypothesis.
        has_clip_noise: titles of benchmarks whose intervals hold for other test clips too.
        without_clip_noise: titles of benchmarks whose intervals hold for these test clips only.
        omitted: benchmarks that are left out, one line each.
        largest_r_hat: largest potential scale reduction of the sampler's chains.
    """

    reference: str
    lines: tuple[PooledLine, ...]
    outcomes: tuple[PooledOutcome, ...]
    has_clip_noise: tuple[str, ...]
    without_clip_noise: tuple[str, ...]
    omitted: tuple[str, ...]
    largest_r_hat: float

    @property
    def mean_share(self) -> float | None:
        """Median share (pooled by raw) of decided hypotheses about differences; None without such a hypothesis."""
        shares = [
            o.effect.share for o in self.outcomes if o.word in DECIDED and o.effect and o.effect.share is not None
        ]
        return statistics.median(shares) if shares else None


def study_pooled_effects(study: Study, results: Results) -> PooledEffects | None:
    """Return the pooled effects of a study; None where fewer than 2 seeds or differences that vary exist.

    Args:
        study: the study.
        results: its table of results.
    """
    base = results.reference
    if base is None:
        return None
    effects = {
        (line.name, _key(column, i)): (line, i, cell.effect)
        for line in results.variants
        if line is not base
        for i, (cell, column) in enumerate(zip(line.cells, results.columns, strict=True))
        if cell.effect is not None
    }
    differences = {key: dict(zip(e.seeds, e.differences, strict=True)) for key, (_, _, e) in effects.items()}
    marks = marks_by_cell(study, results)
    noise = {_key(column, i): clip_noise(marks, base.name, i) for i, column in enumerate(results.columns)}
    noise = {key: value for key, value in noise.items() if value.variance_by_variant}
    try:
        pooling = pool_effects(differences, noise)
    except ComparisonError:
        return None
    titles = {_key(column, i): column.title for i, column in enumerate(results.columns)}
    lines = tuple(
        PooledLine(line.name, results.columns[i].title, e.n, e.interval, pooled, results.columns[i].decimals)
        for key, (line, i, e) in effects.items()
        if (pooled := pooling.effect_by_cell.get(key)) is not None
    )
    used = dict.fromkeys(key for _, key in pooling.effect_by_cell)
    return PooledEffects(
        reference=base.name,
        lines=lines,
        outcomes=tuple(_outcome(outcome, results, pooling, base.name) for outcome in study.outcomes),
        has_clip_noise=tuple(titles[key] for key in used if key in noise),
        without_clip_noise=tuple(titles[key] for key in used if key not in noise),
        omitted=tuple(f"{titles[line.split(': ')[0]]}: {line.split(': ', 1)[1]}" for line in pooling.omitted),
        largest_r_hat=pooling.largest_r_hat,
    )


def clip_noise(marks: Mapping[tuple[str, int], CellMarks], reference: str, i: int) -> ClipNoise:
    """Return the variances of the mean differences on one benchmark that come from the choice of test clips.

    Args:
        marks: marks by variant and index of the column.
        reference: the reference.
        i: index of the column.
    """
    base = marks.get((reference, i))
    if base is None:
        return ClipNoise({})
    tables = {
        variant: table
        for (variant, index), cell in marks.items()
        if index == i and variant != reference and (table := paired_table(cell, base)) is not None
    }
    variances = {v: variance_components(table).of_mean()["clip"].positive for v, table in tables.items()}
    # Var(a + b) = Var(a) + Var(b) + 2 Cov(a, b): the shared part follows from sums of two tables with equal seeds.
    same = [table for table in tables.values() if table.shape == (len(base.seeds), base.marks.shape[1])]
    if len(same) < 2:
        return ClipNoise(variances)
    total = variance_components(np.sum(same, axis=0)).of_mean()["clip"].variance
    single = sum(variance_components(table).of_mean()["clip"].variance for table in same)
    return ClipNoise(variances, max(0.0, (total - single) / (len(same) * (len(same) - 1))))


def _outcome(outcome: Outcome, results: Results, pooling: Pooling, reference: str) -> PooledOutcome:
    h, effect, reason, decimals = outcome.hypothesis, None, "", 1
    columns = [
        (i, c) for i, c in enumerate(results.columns) if c.benchmark == h.benchmark and h.regime in ("", c.regime)
    ]
    if h.reference_regime not in ("", h.regime):
        reason = "its two sides have different regimes"
    elif len(columns) != 1:
        reason = "no single column of the results has this benchmark"
    else:
        (i, column), decimals = columns[0], columns[0][1].decimals
        try:
            if h.reference == reference:
                effect = pooling.effect_by_cell[h.variant, _key(column, i)]
            elif h.variant == reference:
                effect = pooling.effect_by_cell[h.reference, _key(column, i)].negated()
            else:
                effect = pooling.contrast(h.variant, h.reference, _key(column, i))
        except (KeyError, ComparisonError):
            reason = "one side has no difference from the study's reference"
    measured = outcome.effect
    return PooledOutcome(
        id=h.id,
        statement=h.statement,
        word=outcome.verdict.word,
        raw=None if measured is None else measured.mean,
        raw_interval=None if measured is None else measured.interval,
        effect=effect,
        reason=reason,
        decimals=decimals,
    )


def _key(column: Column, i: int) -> str:
    return f"{i} {column.benchmark}"
