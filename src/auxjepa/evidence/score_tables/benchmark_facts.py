"""Facts on the benchmarks of a table: metric, unit, direction, test examples, classes, capability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auxjepa.evidence.score_tables import cells
from auxjepa.evidence.score_tables.columns import Entry
from auxjepa.evidence.score_tables.reading_options import ReadingOptions
from auxjepa.evidence.score_tables.table_file import Table
from auxjepa.lists import shorten_list
from auxjepa.metric_words import HIGHER, is_accuracy, is_error, words_of

if TYPE_CHECKING:
    from auxjepa.evidence.score_tables.scores import Score

PERCENT, SHARE, TOP1 = "%", "share", "top1"
_UNITS = {"percent": PERCENT, "pct": PERCENT, "%": PERCENT}
_UNITS |= dict.fromkeys(("share", "fraction", "ratio", "0-1", "0..1", "[0,1]"), SHARE)
Pairs = Sequence[tuple[Entry, "Score"]]


@dataclass(frozen=True)
class BenchmarkFacts:
    """Facts of a table on one benchmark.

    Args:
        name: the benchmark.
        title: heading in tables.
        metric: the metric; 'top1' for shares of correct examples in percent.
        unit: unit of the scores after ``factor``; empty where the table does not say it.
        factor: 100 where the table gives shares that are shown in percent, else 1.
        higher_is_better: whether more is better.
        n_test: number of test examples; 0 where the table does not say it.
        n_classes: number of classes; 0 where the table does not say it.
        capability: capability; empty where the table does not say it.
    """

    name: str
    title: str
    metric: str
    unit: str
    factor: float
    higher_is_better: bool
    n_test: int
    n_classes: int
    capability: str


def benchmark_facts(
    table: Table, pairs: Mapping[str, Pairs], options: ReadingOptions
) -> tuple[dict[str, BenchmarkFacts], list[str]]:
    """Return the facts on each benchmark, and one line for each assumption.

    Args:
        table: the table.
        pairs: entries and scores by benchmark.
        options: settings for what the table does not say.

    Raises:
        TableError: if two lines contradict each other about a benchmark.
    """
    facts = {name: _facts(table, name, of_benchmark, options) for name, of_benchmark in pairs.items()}
    for names, flag in ((options.lower_is_better, "lower"), (options.higher_is_better, "higher")):
        allowed = {one for fact in facts.values() for one in (fact.name, fact.metric)}
        for name in names:
            if name not in allowed:
                raise table.error(
                    None,
                    f"no benchmark or metric {name!r} (--{flag}-is-better); known are {', '.join(sorted(allowed))}",
                )
    return facts, _notes(table, facts, pairs, options)


def _facts(table: Table, name: str, pairs: Pairs, options: ReadingOptions) -> BenchmarkFacts:
    written = _written_metric(table, pairs, options)
    marks = [score for _, score in pairs if score.marks is not None]
    unit_text = str(_common(table, pairs, "unit", cells.text) or options.unit)
    unit = _UNITS.get(unit_text.strip().lower(), unit_text.strip())
    lengths = {len(score.marks): score for score in marks if score.marks is not None}
    n_test = _common(table, pairs, "n_test", lambda value: cells.whole(value, 1)) or 0
    for length, score in lengths.items():
        expected = n_test or next(iter(lengths))
        if length != expected:
            raise table.error(score.line, f"{length} marks for {expected} test examples of {name}", "correct")
        n_test = expected
    if marks:
        unit = _unit_of_marks(table, name, marks, unit)
    is_share = is_accuracy(written) or bool(marks)
    if is_share and not unit and any(abs(score.value) > 1 for _, score in pairs):
        unit = PERCENT
    lower = _lower(table, name, written, pairs, options)
    is_top1 = is_share and unit in (PERCENT, SHARE) and not lower
    factor = 100.0 if unit == SHARE else 1.0
    highest = 100 / factor
    for entry, score in pairs:
        if (is_top1 or unit == SHARE) and not 0 <= score.value <= highest:
            what = "a share from 0 to 1" if unit == SHARE else "an accuracy from 0 to 100 %"
            raise table.error(score.line, f"{score.value:g}: is not {what}", entry.columns.get("score", "score"))
    return BenchmarkFacts(
        name=name,
        title=str(_common(table, pairs, "title", cells.text) or name),
        metric=TOP1 if is_top1 else "accuracy" if is_accuracy(written) else written or "score",
        unit=PERCENT if unit == SHARE else unit,
        factor=factor,
        higher_is_better=not lower,
        n_test=n_test,
        n_classes=_common(table, pairs, "n_classes", lambda value: cells.whole(value, 1)) or 0,
        capability=str(_common(table, pairs, "capability", cells.text) or ""),
    )


def _written_metric(table: Table, pairs: Pairs, options: ReadingOptions) -> str:
    """Return the metric of the table or the setting, or the word in the benchmark's name that is an accuracy."""
    metric = str(_common(table, pairs, "metric", cells.text) or options.metric)
    if metric:
        return TOP1 if is_accuracy(metric) else metric
    return TOP1 if words_of(pairs[0][1].benchmark) & {"top1", "acc", "accuracy"} else ""


def _common(table: Table, pairs: Pairs, name: str, reader: Any) -> Any:
    """Return the value that all filled cells of a field have; None if all are empty."""
    first, where = None, None
    for entry, score in pairs:
        try:
            value = reader(entry.cells.get(name))
        except ValueError as error:
            raise table.error(entry.line, str(error), entry.columns.get(name, name)) from None
        if value is None or value == "":
            continue
        if where is None:
            first, where = value, entry
        elif value != first:
            raise table.error(
                entry.line,
                f"{value!r}, but {table.word} {where.line.number} has {first!r} for the same benchmark "
                f"{score.benchmark!r}: give the two different names",
                entry.columns.get(name, name),
            )
    return first


def _lower(table: Table, name: str, metric: str, pairs: Pairs, options: ReadingOptions) -> bool:
    """Check whether less is better: by the settings, the column, or the usual names of errors."""
    if {name, metric} & set(options.lower_is_better):
        return True
    if {name, metric} & set(options.higher_is_better):
        return False
    higher = _common(table, pairs, "higher_is_better", cells.truth)
    if higher is not None:
        return not higher
    return is_error(metric or name)


def _unit_of_marks(table: Table, name: str, scores: Sequence[Score], unit: str) -> str:
    """Return the unit in which all scores are the mean of their marks.

    Raises:
        TableError: for a score that contradicts its marks.
    """
    candidates = [unit] if unit in (PERCENT, SHARE) else [PERCENT, SHARE]
    for score in scores:
        assert score.marks is not None
        mean = float(score.marks.mean()) if len(score.marks) else 0.0
        # Scores are often rounded to one decimal of a percent.
        fits = [u for u in candidates if abs(100 * mean - score.value * (100 if u == SHARE else 1)) <= 0.0501]
        if not fits:
            raise table.error(
                score.line,
                f"{score.value:g}: {100 * mean:.4g} % of the marks on {name} are right; a score is their mean",
                score.column,
            )
        if mean > 0:
            candidates = fits
    return candidates[0]


def _notes(
    table: Table, facts: Mapping[str, BenchmarkFacts], pairs: Mapping[str, Pairs], options: ReadingOptions
) -> list[str]:
    def listed(names: Sequence[str]) -> str:
        return shorten_list(list(names), 8)

    notes = []
    scaled = [name for name, fact in facts.items() if fact.factor != 1]
    if scaled:
        notes.append(f"Shares from 0 to 1 are shown in percent: {listed(scaled)}.")
    small = [n for n, fact in facts.items() if fact.factor == 1 and _all_shares(pairs[n])]
    unknown = [n for n in small if not facts[n].unit]
    if unknown:
        notes.append(
            f"All scores are between 0 and 1 and have no unit, so they are shown unchanged: {listed(unknown)}. If they "
            "are shares, write 'share' in a column 'unit' (or --unit share); they are then shown in percent."
        )
    odd = [n for n in small if facts[n].unit == PERCENT]
    if odd:
        notes.append(
            f"All scores are below 1 %, as their unit says: {listed(odd)}. If they are shares, the unit is 'share'."
        )
    lower = [name for name, fact in facts.items() if not fact.higher_is_better]
    guessed = [name for name in lower if _is_guess(table, name, facts[name], pairs[name], options)]
    if guessed:
        notes.append(
            f"Less is better, by the name: {listed(guessed)}. --higher-is-better or a column 'higher_is_better' "
            "changes this."
        )
    mixed = [name for name in facts if _mixes_shares(pairs[name])]
    if mixed:
        notes.append(
            f"Some scores are at most 1 and others above 10, like shares and percent in one column: {listed(mixed)}. "
            "Nothing is converted: correct the table if they have different units."
        )
    assumed = [
        name
        for name, fact in facts.items()
        if fact.higher_is_better
        and not is_accuracy(fact.metric)
        and not words_of(name if fact.metric == "score" else f"{fact.metric} {name}") & HIGHER
        and _common(table, pairs[name], "higher_is_better", cells.truth) is None
        and not {name, fact.metric} & set(options.higher_is_better)
    ]
    if assumed:
        notes.append(
            f"More is assumed to be better: {listed(assumed)}. --lower-is-better or a column 'higher_is_better' "
            "changes this."
        )
    no_metric = [
        n for n, fact in facts.items() if fact.unit == PERCENT and fact.metric != TOP1 and fact.higher_is_better
    ]
    if no_metric:
        notes.append(
            f"Not known to be shares of correct examples: {listed(no_metric)}. With the metric 'top1' they also get "
            "intervals over test examples and, with n_classes, aggregates."
        )
    return notes


def _is_guess(table: Table, name: str, fact: BenchmarkFacts, pairs: Pairs, options: ReadingOptions) -> bool:
    is_set = {name, fact.metric} & set(options.lower_is_better)
    return not is_set and _common(table, pairs, "higher_is_better", cells.truth) is None


def _mixes_shares(pairs: Pairs) -> bool:
    """Check whether a benchmark has scores of at most 1 and scores above 10."""
    values = [abs(score.value) for _, score in pairs]
    return any(0 < value <= 1 for value in values) and any(value > 10 for value in values)


def _all_shares(pairs: Pairs) -> bool:
    return all(0 <= score.value <= 1 for _, score in pairs) and any(score.value > 0 for _, score in pairs)
