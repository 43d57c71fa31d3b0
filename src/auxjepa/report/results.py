"""Rows turned into the table of variants and controls by benchmarks, with effects and verdicts."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from auxjepa.evidence.effects import ComparisonError, Effect, adjust, check_comparable, compare, paired_effect
from auxjepa.evidence.folder import Study, current
from auxjepa.evidence.hierarchical import crossed_interval, marks
from auxjepa.evidence.intervals import spread, wilson
from auxjepa.evidence.verdicts import Verdict, decide
from auxjepa.rows import Row

CONTROLS = {
    "random_init": "random-init encoder",
    "raw_pixels": "raw pixels",
    "majority": "majority class",
    "chance": "chance",
}


@dataclass(frozen=True)
class Column:
    """One benchmark under one protocol after one pretraining regime."""

    regime: str
    benchmark: str
    protocol: str
    metric: str
    title: str
    capability: str
    n_test: int
    n_classes: int
    benchmark_hash: str
    protocol_hash: str


@dataclass
class Cell:
    """The scores of one line in one column, by seed, and what was compared.

    ``test_interval`` is for other test examples (Wilson), ``effect.interval`` for other seeds, ``crossed`` for both.
    ``decided``: the verdict is that of a registered hypothesis; any other comparison only screens.
    """

    scores: dict[int, float] = field(default_factory=dict)
    test_interval: tuple[float, float] | None = None
    effect: Effect | None = None
    verdict: Verdict | None = None
    decided: bool = False
    crossed: tuple[float, float] | None = None
    over_random: Effect | None = None
    refusal: str = ""

    @property
    def mean(self) -> float | None:
        """Mean over seeds, or None without a score."""
        return statistics.fmean(self.scores.values()) if self.scores else None

    @property
    def sd(self) -> float | None:
        """Standard deviation over seeds, or None with fewer than two."""
        return spread(list(self.scores.values())) if len(self.scores) > 1 else None


@dataclass
class Line:
    """A variant or a control."""

    name: str
    control: str | None = None
    reference: bool = False
    cells: list[Cell] = field(default_factory=list)


@dataclass
class Results:
    """The table, and effects pooled over the benchmarks of a capability (same order of lines)."""

    columns: list[Column]
    lines: list[Line]
    capabilities: list[str]
    pooled: dict[tuple[str, str], Effect]
    pooled_over_random: dict[tuple[str, str], Effect]
    notes: list[str]

    @property
    def variants(self) -> list[Line]:
        """Lines that are variants."""
        return [line for line in self.lines if line.control is None]

    @property
    def controls(self) -> list[Line]:
        """Lines that are controls."""
        return [line for line in self.lines if line.control is not None]

    @property
    def axes(self) -> list[tuple[str, str]]:
        """Pairs of capabilities of one pretraining regime to set against each other: appearance (or else the first)
        against every other."""
        pairs = []
        for regime in dict.fromkeys(column.regime for column in self.columns):
            own = list(dict.fromkeys(c.capability for c in self.columns if c.regime == regime))
            across = next((c for c in own if c.split(" (")[0] == "appearance"), own[0])
            pairs += [(across, up) for up in own if up != across]
        return pairs

    def cells_of(self, line: Line, capability: str) -> list[Cell]:
        """The line's cells in the columns of a capability."""
        return [c for c, column in zip(line.cells, self.columns, strict=True) if column.capability == capability]

    def mean_over(self, line: Line, capability: str) -> dict[int, float]:
        """Mean score by seed over a capability's benchmarks, for the seeds that have them all."""
        cells = self.cells_of(line, capability)
        seeds = set.intersection(*(set(cell.scores) for cell in cells)) if cells else set()
        return {seed: statistics.fmean(cell.scores[seed] for cell in cells) for seed in sorted(seeds)}


def collect(study: Study) -> Results:
    """All comparisons the rows allow; what may not be compared is left out of them and noted."""
    notes: list[str] = []
    rows = current(study, notes)
    columns = _columns(study, rows)
    names = [v for v in study.variants if any(r.variant == v and r.control is None for r in rows)]
    lines = [Line(name, reference=name == study.reference) for name in names]
    lines += [Line(label, control=key) for key, label in CONTROLS.items() if any(r.control == key for r in rows)]
    picked: dict[tuple[str | None, str, int], list[Row]] = {}
    sorted_out: dict[tuple[str, str, str | None, str], list[Row]] = {}
    for row in rows:
        who = "" if row.control else row.variant
        sorted_out.setdefault((row.benchmark, row.metric, row.control, who), []).append(row)
    for line in lines:
        for i, column in enumerate(columns):
            who = "" if line.control else line.name
            own = sorted_out.get((column.benchmark, column.metric, line.control, who), [])
            chosen = _pick(own, line, column, notes)
            picked[line.control, line.name, i] = chosen
            line.cells.append(_cell(chosen, study.marks_clips))
    results = Results(columns, lines, list(dict.fromkeys(c.capability for c in columns)), {}, {}, notes)
    reference = next((line for line in lines if line.reference), None)
    untrained = next((line for line in lines if line.control == "random_init"), None)
    for i in range(len(columns)):
        if reference:
            others = [line for line in lines if line is not reference and line.control in (None, "random_init")]
            effects = _against(study, others, reference, i, picked, keep_refusal=True)
            # The control is shown beside the variants but is none of the hypotheses Holm corrects for.
            for group in (lambda line: line.control is None, lambda line: line.control is not None):
                for line, effect in _family(effects, group):
                    line.cells[i].effect = effect
                    line.cells[i].verdict = decide(effect, "screen")
                    line.cells[i].crossed = _crossed(
                        study, picked[line.control, line.name, i], picked[None, reference.name, i]
                    )
        if untrained:
            effects = _against(study, results.variants, untrained, i, picked, keep_refusal=False)
            for line, effect in _family(effects, lambda line: True):
                line.cells[i].over_random = effect
    if reference:
        results.pooled = _pool(results, reference, [v for v in results.variants if v is not reference])
    if untrained:
        results.pooled_over_random = _pool(results, untrained, results.variants)
    _decide(study, results)
    notes += sorted({cell.refusal for line in lines for cell in line.cells if cell.refusal})
    return results


def _decide(study: Study, results: Results) -> None:
    """Give cells the verdicts of the registered hypotheses that are about them, in place of a screen's."""
    for outcome in study.outcomes:
        h = outcome.hypothesis
        for line in results.variants:
            for cell, column in zip(line.cells, results.columns, strict=True):
                about = (h.variant, h.reference, h.benchmark) == (line.name, study.reference, column.benchmark)
                if about and h.claim != "equivalent" and h.regime in ("", column.regime) and not h.reference_regime:
                    cell.verdict, cell.decided = outcome.verdict, outcome.verdict.word in ("supported", "refuted")


def _columns(study: Study, rows: Sequence[Row]) -> list[Column]:
    scored = [r for r in rows if r.control is None] or list(rows)
    keys = dict.fromkeys((r.regime, r.benchmark, r.protocol, r.metric) for r in scored)
    first = {(r.regime, r.benchmark, r.protocol, r.metric): r for r in reversed(scored)}
    regimes = len({k[0] for k in keys})
    columns = []
    for key in sorted(keys, key=lambda k: (study.benchmarks.index(k[1]), k)):
        regime, benchmark, protocol, metric = key
        info = study.benchmark_info.get(benchmark, {})
        title = str(info.get("title") or benchmark)
        twins = [k for k in keys if k[0] == regime and k[1] == benchmark]
        title += "" if len(twins) == 1 else f" · {protocol} · {metric}"
        title += "" if regimes == 1 else f" · {regime}"
        capability = str(info.get("capability") or "other") + ("" if regimes == 1 else f" ({regime})")
        row = first[key]
        counts = (row.n_test, row.n_classes)
        hashes = (row.benchmark_hash, row.protocol_hash)
        columns.append(Column(regime, benchmark, protocol, metric, title, capability, *counts, *hashes))
    return columns


def _pick(rows: list[Row], line: Line, column: Column, notes: list[str]) -> list[Row]:
    """One row a seed, of a line's rows on a benchmark. Only random init is probed by the column's own protocol; a
    control without a score for the column's regime stands in from another."""
    if line.control is None or any(row.regime == column.regime for row in rows):
        rows = [row for row in rows if row.regime == column.regime]
    by_seed: dict[int, Row] = {}
    for row in rows:
        if line.control in (None, "random_init") and row.protocol != column.protocol:
            continue
        if row.seed in by_seed:
            note = f"{line.name} was scored more than once on {column.benchmark}: the last score of a seed counts"
            notes += [note] if note not in notes else []
        by_seed[row.seed] = row
    return [by_seed[seed] for seed in sorted(by_seed)]


def _cell(rows: list[Row], sampled: Callable[[Row], bool]) -> Cell:
    """Scores by seed; a binomial interval over test clips only where the score is a share of these clips."""
    try:
        check_comparable(rows)
    except ComparisonError as error:
        return Cell(refusal=str(error))
    cell = Cell({row.seed: row.score for row in rows})
    share = None if cell.mean is None else cell.mean / 100
    if rows and share is not None and rows[0].metric == "top1" and sampled(rows[0]) and rows[0].n_test > 0:
        # Where several examples are of one video, fewer independent ones tell as much.
        low, high = wilson(share, min(row.parts.get("effective", row.n_test) for row in rows))
        cell.test_interval = (100 * low, 100 * high)
    return cell


def _against(
    study: Study,
    lines: Sequence[Line],
    other: Line,
    i: int,
    picked: dict[tuple[str | None, str, int], list[Row]],
    keep_refusal: bool,
) -> list[tuple[Line, Effect]]:
    effects = []
    for line in lines:
        pair = picked[line.control, line.name, i], picked[other.control, other.name, i]
        if not pair[0] or not pair[1]:
            continue
        try:
            effects.append((line, compare(*pair, correct=study.correct, names=(line.name, other.name))))
        except ComparisonError as error:
            if keep_refusal:
                line.cells[i].refusal = str(error)
    return effects


def _crossed(study: Study, rows: list[Row], against: list[Row]) -> tuple[float, float] | None:
    """Interval of the difference over seeds and test examples at once, where the marks of the examples are kept."""
    try:
        return crossed_interval(*marks(rows, against, study.correct))
    except ComparisonError:
        return None


def _family(effects: list[tuple[Line, Effect]], belongs: Callable[[Line], bool]) -> list[tuple[Line, Effect]]:
    chosen = [(line, effect) for line, effect in effects if belongs(line)]
    return list(zip([line for line, _ in chosen], adjust([effect for _, effect in chosen]), strict=True))


def _pool(results: Results, other: Line, lines: Sequence[Line]) -> dict[tuple[str, str], Effect]:
    """Effects on a capability: per-seed differences of the mean over its benchmarks, Holm over the lines."""
    pooled: dict[tuple[str, str], Effect] = {}
    for capability in results.capabilities:
        against = results.mean_over(other, capability)
        effects = []
        for line in lines:
            scores = results.mean_over(line, capability)
            if scores.keys() & against.keys() and not any(cell.refusal for cell in results.cells_of(line, capability)):
                effects.append(
                    paired_effect(scores, against, variant=line.name, reference=other.name, benchmark=capability)
                )
        for effect in adjust(effects):
            pooled[effect.variant, capability] = effect
    return pooled
