"""The report's tables as plain records of strings."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from auxjepa.evidence.effects import Effect
from auxjepa.evidence.folder import Study
from auxjepa.evidence.verdicts import bracket, count, probability, signed
from auxjepa.report import words
from auxjepa.report.curves import mean_of
from auxjepa.report.results import Cell, Line, Results

DASH = "–"
EQUAL = "all differences are equal"


@dataclass(frozen=True)
class Shown:
    """One cell of the results table, in words and signs. ``tone`` is up, down, unclear, none, refused or control."""

    score: str
    spread: str
    difference: str
    mark: str
    says: str
    tone: str
    below_random: bool
    sort: str


def shown(cell: Cell, line: Line) -> Shown:
    """How a cell reads."""
    score = DASH if cell.mean is None else f"{cell.mean:.1f}"
    spread = "" if cell.sd is None else f"±{cell.sd:.1f}"
    sort = "" if cell.mean is None else f"{cell.mean:.6f}"
    over = cell.over_random
    below = over is not None and over.leaning != "up"
    if cell.refusal:
        return Shown(score, spread, "not comparable", "⊘", cell.refusal, "refused", below, sort)
    if cell.effect is None or cell.verdict is None:
        says = "reference" if line.reference else ""
        return Shown(score, spread, says, "", says, "none", below, sort)
    effect = cell.effect
    difference = signed(effect.mean) + (f" {bracket(effect.interval)}" if effect.interval else "")
    tone = effect.leaning
    if cell.decided:
        tone = "up" if effect.mean > 0 else "down"
    mark = {"up": "▲" if cell.decided else "△", "down": "▼" if cell.decided else "▽", "unclear": "○"}[tone]
    says = f"registered: {cell.verdict.word}" if cell.decided else f"screen: {tone}"
    return Shown(score, spread, difference, mark, says, "control" if line.control else tone, below, sort)


STATISTICS = (
    "variant",
    "benchmark",
    "pairs",
    "mean",
    "median",
    "95 % t",
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
    """Every number behind every comparison, benchmarks first, then capabilities (columns: ``STATISTICS``)."""
    rows = []
    for line in results.lines:
        for cell, column in zip(line.cells, results.columns, strict=True):
            if cell.effect:
                rows.append(_statistics(cell.effect, column.title, cell))
    rows += [_statistics(effect, f"all {capability}") for (_, capability), effect in results.pooled.items()]
    return rows


def _statistics(effect: Effect, benchmark: str, cell: Cell | None = None) -> list[str]:
    crossed = cell.crossed if cell else None
    word = cell.verdict.word if cell and cell.verdict and cell.decided else f"screen: {effect.leaning}"
    return [
        effect.variant,
        benchmark,
        str(effect.n) + (f" ({len(effect.unpaired)} unpaired)" if effect.unpaired else ""),
        signed(effect.mean, 2),
        signed(effect.median, 2),
        bracket(effect.interval) if effect.interval else DASH,
        bracket(effect.bca) if effect.bca else DASH,
        bracket(crossed) if crossed else DASH,
        probability(effect.p),
        probability(effect.p_adjusted),
        f"{effect.improvement:.2f}",
        EQUAL if effect.equal else DASH if effect.standardised is None else signed(effect.standardised),
        DASH if effect.detectable is None else f"{effect.detectable:.1f}",
        str(effect.seeds_needed or "> 1000") if effect.sd else DASH,
        ", ".join(probability(test.p) for test in effect.sample_tests) or DASH,
        word,
    ]


COST = ("variant", "runs", "seconds", "CPU-seconds", "× reference", "peak memory, MB", "parameters", "ms per step")
COST = (*COST, "probe seconds", "health")


def cost_rows(study: Study) -> list[list[str]]:
    """Cost of a run of each variant, means over seeds (columns: ``COST``)."""
    base = mean_of(study.runs, study.reference, lambda run: run.number("cpu_seconds"))
    rows = []
    for variant in study.variants:
        runs = [run for run in study.runs if run.variant == variant]
        if not runs:
            continue
        cpu = mean_of(runs, variant, lambda run: run.number("cpu_seconds"))
        probes = [row.seconds for row in study.rows if row.variant == variant and row.control is None]
        verdicts = [str(run.summary.get("verdict", "unknown")) for run in runs]
        kinds = dict.fromkeys(verdicts)
        rows.append(
            [
                variant,
                str(len(runs)),
                _number(mean_of(runs, variant, lambda run: run.number("seconds"))),
                _number(cpu),
                f"{cpu / base:.2f}" if cpu is not None and base else DASH,
                _number(mean_of(runs, variant, lambda run: run.number("peak_memory_mb"))),
                _number(mean_of(runs, variant, lambda run: run.number("parameters"))),
                _number(mean_of(runs, variant, lambda run: run.number("milliseconds_per_step"))),
                _number(statistics.fmean(probes) if probes else None),
                verdicts[0] if len(kinds) == 1 else ", ".join(f"{verdicts.count(k)} {k}" for k in kinds),
            ]
        )
    return rows


def benchmark_rows(results: Results) -> list[list[str]]:
    """What was measured and how: title, capability, sizes, protocol, both hashes."""
    return [
        [
            c.title,
            c.capability,
            f"{c.n_test:,}",
            str(c.n_classes),
            c.metric,
            c.benchmark_hash,
            c.protocol,
            c.protocol_hash,
        ]
        for c in results.columns
    ]


BENCHMARKS = (
    "benchmark",
    "capability",
    "test examples",
    "classes",
    "metric",
    "benchmark hash",
    "protocol",
    "protocol hash",
)


def _number(value: float | None) -> str:
    if value is None:
        return DASH
    return words.quantity(value) if value >= 100 else f"{value:.1f}"


def subtitle(study: Study, results: Results) -> str:
    """One line: phase, seeds, variants, benchmarks, scores."""
    seeds = ", ".join(map(str, study.seeds))
    parts = [
        "screening phase" if study.phase == "screen" else "confirmation phase",
        f"{count(len(study.seeds), 'seed')} ({seeds})" if seeds else "no seed yet",
        count(len(results.variants), "variant"),
        count(len(results.columns), "benchmark"),
        count(len(study.rows), "score"),
    ]
    return " · ".join(parts)
