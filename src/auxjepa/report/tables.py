"""Tables of the report as records of strings: cells of results, statistics, costs and benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auxjepa.evidence.analyses.results import Cell, Line, Results
from auxjepa.evidence.analyses.training import Cost
from auxjepa.evidence.decisions.verdicts import screen_label
from auxjepa.evidence.statistics.records import Effect
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.wording import (
    DASH,
    format_count,
    format_effect,
    format_limit,
    format_number,
    format_p,
    format_quantity,
    format_signed,
    format_signed_interval,
)

SCREEN_SIGNS = {"up": "△", "down": "▽", "unclear": "○"}
DECIDED_SIGNS = {"up": "▲", "down": "▼", "unclear": "○"}
FLAGGED_SIGN = "◇"
EQUAL = "all differences are equal"
"""Text in place of an effect size that would divide by 0."""


@dataclass(frozen=True)
class CellText:
    """One cell of the results table, in words and signs.

    Args:
        score: mean score.
        spread: standard deviation over seeds.
        difference: difference from the reference.
        sign: sign of the result; empty where nothing is compared.
        label: the sign in words.
        tone: CSS class: up, down, flagged, unclear, none, refused or control.
        not_above_random: whether the score is not shown to be above the random-init encoder.
        sort: number by which the column is sorted.
    """

    score: str
    spread: str
    difference: str
    sign: str
    label: str
    tone: str
    not_above_random: bool
    sort: str


def cell_text(cell: Cell, line: Line, decimals: int = 1) -> CellText:
    """Return a cell in words and signs.

    Args:
        cell: the cell.
        line: its line.
        decimals: number of decimals of the scores.
    """
    score = DASH if cell.mean is None else format_number(cell.mean, decimals)
    spread = "" if cell.sd is None else f"±{cell.sd:.{decimals}f}"
    sort = "" if cell.mean is None else f"{cell.mean:.6f}"
    below = cell.is_not_above_random
    if cell.refusal:
        return CellText(score, spread, "not comparable", "⊘", cell.refusal, "refused", below, sort)
    if cell.effect is None or cell.verdict is None:
        label = "reference" if line.reference else ""
        return CellText(score, spread, label, "", label, "none", below, sort)
    is_flagged = cell.registered and cell.verdict.word == "flagged"
    sign = FLAGGED_SIGN if is_flagged else (DECIDED_SIGNS if cell.decided else SCREEN_SIGNS)[cell.direction]
    tone = "control" if line.control else "flagged" if is_flagged else cell.direction
    label = f"registered: {cell.label}" if cell.registered else cell.label
    return CellText(score, spread, format_effect(cell.effect, decimals), sign, label, tone, below, sort)


STATISTICS = (
    "variant",
    "benchmark",
    "pairs",
    "mean",
    "median",
    "95 % t",
    "95 % simultaneous",
    "95 % BCa",
    "95 % seeds and examples",
    "p sign-flip",
    "p Holm",
    "P(better)",
    "effect size",
    "detectable",
    "seeds needed",
    "McNemar p by seed",
    "verdict",
)


def statistics_rows(results: Results) -> list[list[str]]:
    """Return the numbers of every comparison, benchmarks first, then capabilities (columns: ``STATISTICS``).

    Args:
        results: the table of results.
    """
    rows = []
    for line in results.lines:
        for cell, column in zip(line.cells, results.columns, strict=True):
            if cell.effect:
                rows.append(
                    _statistics(cell.effect, column.title, cell, column.decimals, results.table_interval(cell.effect))
                )
    rows += [
        _statistics(effect, f"all {capability}", None, results.decimals_of(capability), results.pooled_interval(effect))
        for (_, capability), effect in results.pooled.items()
    ]
    return rows


COSTS = (
    "variant",
    "runs",
    "seconds",
    "CPU-seconds",
    "× reference",
    "peak memory, MB",
    "parameters",
    "ms per step",
    "probe seconds",
    "health",
)


def cost_rows(costs: Sequence[Cost]) -> list[list[str]]:
    """Return the cost of a run of each variant, means over seeds (columns: ``COSTS``).

    Args:
        costs: mean cost of each variant.
    """
    return [
        [
            cost.variant,
            str(cost.runs),
            _number(cost.seconds),
            _number(cost.cpu_seconds),
            DASH if cost.relative is None else f"{cost.relative:.2f}",
            _number(cost.peak_memory_mb),
            _number(cost.parameters),
            _number(cost.milliseconds_per_step),
            _number(cost.probe_seconds),
            _verdicts(cost.verdicts),
        ]
        for cost in costs
    ]


BENCHMARKS = (
    "benchmark",
    "capability",
    "test examples",
    "classes",
    "metric",
    "unit",
    "benchmark hash",
    "protocol",
    "protocol hash",
)


def benchmark_rows(results: Results) -> list[list[str]]:
    """Return the benchmarks and protocols of the study (columns: ``BENCHMARKS``).

    Args:
        results: the table of results.
    """
    return [
        [
            c.title,
            c.capability,
            f"{c.n_test:,}" if c.n_test else DASH,
            str(c.n_classes or DASH),
            c.metric,
            c.unit or DASH,
            c.benchmark_hash,
            c.protocol,
            c.protocol_hash,
        ]
        for c in results.columns
    ]


def subtitle(study: Study, results: Results) -> str:
    """Return phase, seeds, variants, benchmarks and scores on one line.

    Args:
        study: the study.
        results: the table of results.
    """
    seeds = ", ".join(map(str, study.seeds))
    parts = [
        f"scores of {study.source}"
        if study.source
        else f"{'screening' if study.phase == 'screen' else 'confirmation'} phase",
        f"{format_count(len(study.seeds), 'seed')} ({seeds})" if seeds else "no seed yet",
        format_count(len(results.variants), "variant"),
        format_count(len(results.columns), "benchmark"),
        format_count(len(study.rows), "score"),
    ]
    return " · ".join(parts)


def marks_by_chance(results: Results) -> str:
    """Return how many marks of a screen the table has, and how many it would have by chance; '' without an interval.

    Args:
        results: the table of results.
    """
    effects = [e for e in results.table_effects if e.interval is not None]
    outside = sum(e.direction != "unclear" for e in effects)
    verb = "excludes" if outside == 1 else "exclude"
    number = format_count(len(effects), "interval")
    return f"{outside} of {number} {verb} zero, {results.expected_by_chance:.1f} would by chance" if effects else ""


def _statistics(
    effect: Effect, benchmark: str, cell: Cell | None, decimals: int, simultaneous: tuple[float, float] | None
) -> list[str]:
    crossed = cell.crossed if cell else None
    return [
        effect.variant,
        benchmark,
        str(effect.n) + (f" ({len(effect.unpaired)} unpaired)" if effect.unpaired else ""),
        format_signed(effect.mean, decimals + 1),
        format_signed(effect.median, decimals + 1),
        format_signed_interval(effect.interval, decimals) if effect.interval else DASH,
        format_signed_interval(simultaneous, decimals) if simultaneous else DASH,
        format_signed_interval(effect.bca, decimals) if effect.bca else DASH,
        format_signed_interval(crossed, decimals) if crossed else DASH,
        format_p(effect.p),
        format_p(effect.p_adjusted),
        f"{effect.improvement:.2f}",
        EQUAL
        if effect.has_equal_differences
        else DASH
        if effect.standardised is None
        else format_signed(effect.standardised),
        format_limit(effect.detectable, decimals) or DASH,
        str(effect.seeds_needed or "> 1000") if effect.sd else DASH,
        ", ".join(format_p(test.p) for test in effect.sample_tests) or DASH,
        cell.label if cell else screen_label(effect),
    ]


def _verdicts(verdicts: dict[str, int]) -> str:
    if len(verdicts) == 1:
        return next(iter(verdicts))
    return ", ".join(f"{n} {verdict}" for verdict, n in verdicts.items())


def _number(value: float | None) -> str:
    if value is None:
        return DASH
    return format_quantity(value) if value >= 100 else f"{value:.1f}"
