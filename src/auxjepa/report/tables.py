"""The report's tables as plain records of strings, and report.md with the same numbers."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from auxjepa.evidence.effects import Effect
from auxjepa.evidence.folder import Study
from auxjepa.evidence.verdicts import bracket, count, decide, probability, signed
from auxjepa.report import words
from auxjepa.report.curves import describe, mean_of
from auxjepa.report.results import Cell, Line, Results

DASH = "–"


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


def shown(cell: Cell, line: Line, phase: str) -> Shown:
    """How a cell reads."""
    score = DASH if cell.mean is None else f"{cell.mean:.1f}"
    spread = "" if cell.sd is None else f"±{cell.sd:.1f}"
    sort = "" if cell.mean is None else f"{cell.mean:.6f}"
    over = cell.over_random
    below = over is not None and words.direction(over, phase) != "up"
    if cell.refusal:
        return Shown(score, spread, "not comparable", "⊘", cell.refusal, "refused", below, sort)
    if cell.effect is None or cell.verdict is None:
        says = "reference" if line.reference else ""
        return Shown(score, spread, says, "", says, "none", below, sort)
    effect = cell.effect
    difference = signed(effect.mean) + (f" {bracket(effect.interval)}" if effect.interval else "")
    tone = words.direction(effect, phase)
    confirmed = cell.verdict.word in ("supported", "refuted")
    mark = {"up": "▲" if confirmed else "△", "down": "▼" if confirmed else "▽", "unclear": "○"}[tone]
    says = cell.verdict.word if cell.verdict.word != "not testable" else f"screen: {tone}"
    return Shown(score, spread, difference, mark, says, "control" if line.control else tone, below, sort)


STATISTICS = (
    "variant",
    "benchmark",
    "pairs",
    "mean",
    "median",
    "95 % t",
    "95 % BCa",
    "p sign-flip",
    "p Holm",
    "P(better)",
    "effect size",
    "detectable",
    "seeds needed",
    "McNemar p by seed",
    "verdict",
)


def statistics_rows(results: Results, phase: str) -> list[list[str]]:
    """Every number behind every comparison, benchmarks first, then capabilities (columns: ``STATISTICS``)."""
    rows = []
    for line in results.lines:
        for cell, column in zip(line.cells, results.columns, strict=True):
            if cell.effect:
                rows.append(_statistics(cell.effect, column.title, phase))
    rows += [_statistics(effect, f"all {capability}", phase) for (_, capability), effect in results.pooled.items()]
    return rows


def _statistics(effect: Effect, benchmark: str, phase: str) -> list[str]:
    verdict = decide(effect, "confirm" if phase == "confirm" else "screen")
    return [
        effect.variant,
        benchmark,
        str(effect.n) + (f" ({len(effect.unpaired)} unpaired)" if effect.unpaired else ""),
        signed(effect.mean, 2),
        signed(effect.median, 2),
        bracket(effect.interval) if effect.interval else DASH,
        bracket(effect.bca) if effect.bca else DASH,
        probability(effect.p),
        probability(effect.p_adjusted),
        f"{effect.improvement:.2f}",
        DASH if effect.standardised is None else signed(effect.standardised),
        DASH if effect.detectable is None else f"{effect.detectable:.1f}",
        DASH if effect.sd is None else str(effect.seeds_needed or "> 1000"),
        ", ".join(probability(test.p) for test in effect.sample_tests) or DASH,
        verdict.word,
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


def markdown(study: Study, results: Results) -> str:
    """report.md: the page's numbers and words without its figures."""
    parts = [f"# {_md(study.name)}", _md(study.question)]
    parts += ["## Answer", _paragraph(words.answer(study, results))]
    parts += [_paragraph(words.against_random(study, results)), _md(words.permission(study, results))]
    parts += [_md(describe(study.runs))]
    if study.notes or results.notes:
        parts += ["## What is missing", _bullets([*study.notes, *results.notes])]
    head = ["", *(c.title for c in results.columns)]
    body = []
    for line in results.lines:
        cells = [shown(cell, line, study.phase) for cell in line.cells]
        name = f"{line.name} (reference)" if line.reference else f"{line.name} (control)" if line.control else line.name
        body.append([name, *(_cell(c) for c in cells)])
    about = (
        "Mean score in percent ± standard deviation over seeds; below it the paired difference from "
        f"{study.reference or 'the reference'} with its 95 % t interval. △ ▽ screen up and down, "
        "▲ ▼ confirmed, ○ unclear, ° not shown to be above the random-init encoder."
    )
    parts += ["## Results", _md(about), _table(head, body)]
    parts += ["## Statistics", _table(STATISTICS, statistics_rows(results, study.phase))]
    if study.runs:
        parts += ["## Cost", _table(COST, cost_rows(study))]
    parts += ["## Benchmarks and protocols", _table(BENCHMARKS, benchmark_rows(results))]
    parts += ["## Limitations", _bullets(words.limitations(study, results))]
    if study.command:
        fence = "````"
        parts += ["## Repeat it", f"{fence}\n{study.command}\n{fence}"]
    return "\n\n".join(part for part in parts if part) + "\n"


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


def _cell(cell: Shown) -> str:
    score = f"{cell.score} {cell.spread}".strip() + ("°" if cell.below_random else "")
    return f"{score} · {cell.mark} {cell.difference}".replace("  ", " ") if cell.mark else score


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    if not body:
        return "Nothing yet."
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(_md(str(cell)) for cell in line) + " |" for line in lines)


def _paragraph(sentences: Sequence[words.Sentence]) -> str:
    pieces = [[words.Strong(_escaped(p)) if isinstance(p, words.Strong) else _escaped(p) for p in s] for s in sentences]
    return words.plain(pieces, bold="**")


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {_md(line)}" for line in lines)


def _md(text: str) -> str:
    return " ".join(_escaped(text).split())


def _escaped(text: str) -> str:
    for sign in "\\`*_[]<>|":
        text = text.replace(sign, f"\\{sign}" if sign not in "<>" else {"<": "&lt;", ">": "&gt;"}[sign])
    return text
