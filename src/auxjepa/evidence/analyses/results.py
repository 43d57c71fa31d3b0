"""The results of a study as a table: variants and controls by benchmarks, with effects and verdicts."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

from auxjepa.ceiling_training import CEILINGS
from auxjepa.evidence.analyses.control_labels import CEILING_NOTE
from auxjepa.evidence.decisions.verdicts import DECIDED, Verdict, screen_label
from auxjepa.evidence.statistics.records import Effect, expected_by_chance
from auxjepa.evidence.statistics.rounding import standard_deviation
from auxjepa.evidence.statistics.simultaneous import simultaneous_interval
from auxjepa.evidence.study_folder.units import PERCENT

MOST_TRADE_OFFS = 4
"""Number of trade-offs of one pretraining regime that are shown."""


@dataclass(frozen=True)
class Column:
    """One benchmark under one protocol after one pretraining regime.

    Args:
        regime: the pretraining regime.
        benchmark: the benchmark.
        protocol: the protocol.
        metric: the metric.
        title: heading of the column.
        capability: capability that the benchmark measures.
        n_test: number of test examples.
        n_classes: number of classes.
        benchmark_hash: hash of the benchmark.
        protocol_hash: hash of the protocol.
        kind: capability without additions that tell columns of one capability apart.
        unit: unit of the scores; empty where it is not known.
        decimals: number of decimals with which scores are shown.
    """

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
    kind: str = ""
    unit: str = PERCENT
    decimals: int = 1

    @property
    def is_share(self) -> bool:
        """Return whether scores go from chance to 100 %; differences in points do not."""
        return self.n_classes > 1 and self.metric == "top1"

    @property
    def chance(self) -> float:
        """Chance level in percent, of a benchmark whose scores are shares."""
        return 100.0 / self.n_classes


@dataclass
class Cell:
    """The scores of one line in one column, and what was compared.

    Args:
        scores: scores by seed.
        test_interval: Wilson interval of the mean, for other test examples.
        effect: difference from the reference; its interval is for other seeds.
        verdict: verdict on the effect.
        registered: whether the verdict is that of a registered hypothesis; every other comparison is a screen.
        crossed: interval of the difference for other seeds and other test examples.
        over_random: difference from the random-init encoder.
        refusal: reason why nothing is compared; empty where something is.
    """

    scores: dict[int, float] = field(default_factory=dict)
    test_interval: tuple[float, float] | None = None
    effect: Effect | None = None
    verdict: Verdict | None = None
    registered: bool = False
    crossed: tuple[float, float] | None = None
    over_random: Effect | None = None
    refusal: str = ""

    @property
    def mean(self) -> float | None:
        """Mean over seeds; None without a score."""
        return statistics.fmean(self.scores.values()) if self.scores else None

    @property
    def sd(self) -> float | None:
        """Standard deviation over seeds; None with fewer than two."""
        return standard_deviation(list(self.scores.values())) if len(self.scores) > 1 else None

    @property
    def decided(self) -> bool:
        """Return whether the verdict is that of a registered hypothesis and decides it."""
        return self.registered and self.verdict is not None and self.verdict.word in DECIDED

    @property
    def label(self) -> str:
        """Verdict of a registered hypothesis, or result of the screen; empty where nothing is compared."""
        if self.effect is None:
            return ""
        return self.verdict.word if self.verdict and self.registered else screen_label(self.effect)

    @property
    def direction(self) -> str:
        """'up', 'down' or 'unclear': the sign of a decided effect, or the direction of the screen.

        A registered hypothesis that is not decided has no direction.
        """
        if self.effect is None or (self.registered and not self.decided):
            return "unclear"
        if self.decided:
            return "up" if self.effect.mean > 0 else "down"
        return self.effect.direction

    @property
    def is_not_above_random(self) -> bool:
        """Return whether the score was compared with the random-init encoder and is not shown to be above it."""
        return self.over_random is not None and self.over_random.direction != "up"


@dataclass
class Line:
    """A variant or a control.

    Args:
        name: name in tables.
        control: name of the control in rows; None for a variant.
        reference: whether the variant is the reference.
        cells: one cell a column.
    """

    name: str
    control: str | None = None
    reference: bool = False
    cells: list[Cell] = field(default_factory=list)


@dataclass
class Results:
    """The table of results, and effects pooled over the benchmarks of a capability.

    Args:
        columns: columns of the table.
        lines: lines of the table.
        capabilities: capabilities, in the order of the columns.
        pooled: difference from the reference by variant and capability.
        pooled_over_random: difference from the random-init encoder by variant and capability.
        notes: what is left out, one line each.
        comparisons_elsewhere: number of comparisons about which other sections of the page write sentences.
    """

    columns: list[Column]
    lines: list[Line]
    capabilities: list[str]
    pooled: dict[tuple[str, str], Effect]
    pooled_over_random: dict[tuple[str, str], Effect]
    notes: list[str]
    comparisons_elsewhere: int = 0

    @property
    def variants(self) -> list[Line]:
        """Lines that are variants."""
        return [line for line in self.lines if line.control is None]

    @property
    def controls(self) -> list[Line]:
        """Lines that are controls."""
        return [line for line in self.lines if line.control is not None]

    @property
    def ceiling_note(self) -> str:
        """Sentences about the ceilings; empty without one."""
        return CEILING_NOTE if any(line.control in CEILINGS for line in self.lines) else ""

    @property
    def reference(self) -> Line | None:
        """The reference; None where it has no score."""
        return next((line for line in self.lines if line.reference), None)

    @property
    def axes(self) -> list[tuple[str, str]]:
        """Pairs of capabilities of one pretraining regime for trade-off figures.

        The first of a pair is appearance, or else the first capability. The second is every other capability, up to
        :data:`MOST_TRADE_OFFS`.
        """
        pairs = []
        for regime in dict.fromkeys(column.regime for column in self.columns):
            kinds = {c.capability: c.kind for c in self.columns if c.regime == regime}
            across = next((c for c, kind in kinds.items() if kind == "appearance"), next(iter(kinds)))
            pairs += [(across, up) for up in kinds if up != across][:MOST_TRADE_OFFS]
        return pairs

    @property
    def is_in_percent(self) -> bool:
        """Return whether the scores of every column are in percent."""
        return all(column.unit == PERCENT for column in self.columns)

    @property
    def has_shares(self) -> bool:
        """Return whether a column has scores that can be normalised between chance and 100 %."""
        return any(column.is_share for column in self.columns)

    @property
    def unnormalised(self) -> list[str]:
        """Return the titles of columns that cannot be normalised between chance and 100 %."""
        return [column.title for column in self.columns if not column.is_share]

    def unit_of(self, capability: str) -> str:
        """Return the unit of the scores on a capability; empty where it is not known.

        Args:
            capability: a capability.
        """
        return next((c.unit for c in self.columns if c.capability == capability), PERCENT)

    def decimals_of(self, capability: str) -> int:
        """Return the number of decimals with which scores on a capability are shown.

        Args:
            capability: a capability.
        """
        return max((c.decimals for c in self.columns if c.capability == capability), default=1)

    @property
    def table_effects(self) -> list[Effect]:
        """Effects of variants in the table."""
        return [cell.effect for line in self.variants for cell in line.cells if cell.effect]

    @property
    def expected_by_chance(self) -> float:
        """Number of 95 % intervals of the effects in the table that would exclude zero by chance alone."""
        return expected_by_chance(self.table_effects)

    @property
    def table_family(self) -> int:
        """Number of effects in the table that have an interval, those of encoders that are controls among them."""
        effects = (cell.effect for line in self.lines for cell in line.cells)
        return sum(effect is not None and effect.interval is not None for effect in effects)

    def table_interval(self, effect: Effect) -> tuple[float, float] | None:
        """Return the interval of an effect in the table that holds together with all others; None without one.

        Args:
            effect: an effect in the table.
        """
        return simultaneous_interval(effect, self.table_family)

    def pooled_interval(self, effect: Effect) -> tuple[float, float] | None:
        """Return the interval of a pooled effect that holds together with all sentences; None without one.

        Args:
            effect: an effect on a capability.
        """
        return simultaneous_interval(effect, self.sentence_family)

    @property
    def sentence_family(self) -> int:
        """Number of comparisons about which the page writes sentences: together they are one family."""
        effects = [*self.pooled.values(), *self.pooled_over_random.values()]
        return sum(effect.interval is not None for effect in effects) + self.comparisons_elsewhere

    @property
    def widest_test_interval(self) -> float | None:
        """Half of the widest Wilson interval over test examples, in points; None where there is none."""
        intervals = [c.test_interval for line in self.lines for c in line.cells if c.test_interval]
        return max(high - low for low, high in intervals) / 2 if intervals else None

    def cells_of(self, line: Line, capability: str) -> list[Cell]:
        """Return the line's cells in the columns of a capability.

        Args:
            line: a line of the table.
            capability: a capability.
        """
        return [c for c, column in zip(line.cells, self.columns, strict=True) if column.capability == capability]

    def mean_over(self, line: Line, capability: str) -> dict[int, float]:
        """Return the mean score by seed over a capability's benchmarks, for the seeds that have every benchmark.

        Args:
            line: a line of the table.
            capability: a capability.
        """
        cells = self.cells_of(line, capability)
        seeds = set.intersection(*(set(cell.scores) for cell in cells)) if cells else set()
        return {seed: statistics.fmean(cell.scores[seed] for cell in cells) for seed in sorted(seeds)}
