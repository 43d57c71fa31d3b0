"""Scores of a table: every cell checked, one record a score, and one record a benchmark."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from auxjepa.evidence.score_tables import cells
from auxjepa.evidence.score_tables.benchmark_facts import BenchmarkFacts, benchmark_facts
from auxjepa.evidence.score_tables.columns import Entries, Entry, long_entries, recognise
from auxjepa.evidence.score_tables.reading_options import ReadingOptions
from auxjepa.evidence.score_tables.run_exports import (
    is_mlflow,
    is_wandb_panel,
    is_wandb_runs,
    mlflow_entries,
    panel_entries,
    wandb_entries,
)
from auxjepa.evidence.score_tables.score_checks import find_reference, refuse_repeats
from auxjepa.evidence.score_tables.table_file import Line, Table, read_table
from auxjepa.evidence.score_tables.wide_tables import wide_entries
from auxjepa.lists import shorten_list
from auxjepa.rows import CONTROLS, Control

LARGEST = 1e9
"""Largest score that a row can hold."""


@dataclass(frozen=True)
class Score:
    """One score of a table.

    Args:
        line: its line.
        column: name of the column of the score.
        variant: the variant.
        seed: the seed; 0 where the table has none.
        benchmark: the benchmark.
        value: the score as it is written.
        validation: the score on validation examples as it is written.
        marks: per-example correctness (bool).
        control: kind of control; None for a variant.
        regime: pretraining regime; empty where the table has none.
        protocol: how the score was measured; empty where the table does not say it.
        run: name of the run.
    """

    line: Line
    column: str
    variant: str
    seed: int
    benchmark: str
    value: float
    validation: float | None = None
    marks: np.ndarray | None = None
    control: Control | None = None
    regime: str = ""
    protocol: str = ""
    run: str = ""


@dataclass
class ScoreTable:
    """The scores of a table.

    Args:
        path: the file.
        scores: all scores, in the order of the table.
        benchmarks: facts on each benchmark by name.
        reference: the reference variant.
        notes: how the table was understood, and what was left out, one line each.
    """

    path: Path
    scores: list[Score]
    benchmarks: dict[str, BenchmarkFacts]
    reference: str
    notes: list[str] = field(default_factory=list)


def read_scores(path: Path, options: ReadingOptions | None = None) -> ScoreTable:
    """Read the scores of a table that another program wrote.

    Args:
        path: a CSV, TSV, Parquet, JSON-lines or JSON file: long, wide, or an export of Weights & Biases or MLflow.
        options: settings for what the table does not say.

    Raises:
        TableError: for the first fault, with its line, its column, the value and what would be right.
    """
    options = options or ReadingOptions()
    table = read_table(path)
    content = _entries(table, options)
    scores, notes, left_out = [], list(content.notes), _LeftOut()
    several = _several_metrics(content.entries)
    for entry in content.entries:
        score = _score(table, entry, options, several, left_out)
        if score is not None:
            scores.append(score)
    notes += left_out.notes(table.word)
    if not scores:
        raise table.error(None, "the table has no score: all of its cells of scores are empty or not finite")
    refuse_repeats(table, scores, content.has_seeds)
    facts, more = benchmark_facts(table, _by_benchmark(content.entries, several, scores), options)
    notes += more
    if not content.has_seeds:
        notes.append(
            "The table has no seeds: every score counts as seed 0. Without several seeds no verdict is possible."
        )
    controls = sorted({score.variant for score in scores if score.control})
    if controls:
        notes.append(f"Controls, which are no variants: {', '.join(controls)}.")
    return ScoreTable(path, scores, facts, find_reference(table, scores, options), notes)


class _LeftOut:
    """Scores that are left out, by reason."""

    def __init__(self) -> None:
        self.places: dict[str, list[str]] = {}

    def add(self, reason: str, entry: Entry) -> None:
        place = f"{entry.line.number} ({entry.columns.get('score', 'score')})"
        self.places.setdefault(reason, []).append(place)

    def notes(self, word: str) -> list[str]:
        return [
            f"{len(places)} {'score is' if len(places) == 1 else 'scores are'} left out because {reason}: {word} "
            f"{shorten_list(places, 6)}."
            for reason, places in self.places.items()
        ]


def _entries(table: Table, options: ReadingOptions) -> Entries:
    fields = recognise(table, options)
    if "benchmark" in fields and "score" in fields:
        return long_entries(table, fields)
    if is_wandb_panel(table):
        return panel_entries(table, options)
    if is_mlflow(table):
        return mlflow_entries(table, options)
    if is_wandb_runs(table):
        return wandb_entries(table, options)
    missing = [name for name in ("benchmark", "score") if name not in fields]
    if "variant" not in fields or len(missing) == 1:
        lacks = [name for name in ("variant", "benchmark", "score") if name not in fields]
        more = "; --variant-column names it" if "variant" in lacks else ""
        raise table.error(
            None,
            f"no column {' and no column '.join(map(repr, lacks))} (columns: {', '.join(table.columns)}). A long table "
            f"has variant, seed, benchmark and score, a wide one has variant, seed and one column a benchmark{more}",
        )
    return wide_entries(table, options, fields)


def _score(
    table: Table, entry: Entry, options: ReadingOptions, several: Mapping[str, Sequence[str]], left_out: _LeftOut
) -> Score | None:
    """Return the score of an entry; None if it is left out."""

    def read(name: str, reader: Any, *more: Any) -> Any:
        try:
            return reader(entry.cells.get(name), *more)
        except ValueError as error:
            raise table.error(entry.line, str(error), entry.columns.get(name, name)) from None

    benchmark = _benchmark_name(entry, several)
    if options.benchmarks and benchmark not in options.benchmarks and _listed(options, entry, benchmark) is None:
        left_out.add("of --benchmarks, which does not name the benchmark", entry)
        return None
    value = read("score", cells.number)
    if value is None or not math.isfinite(value):
        left_out.add("of an empty cell" if value is None else "of a value that is not finite (NaN or infinite)", entry)
        return None
    if abs(value) > LARGEST:
        raise table.error(entry.line, f"{value:g}: is larger than any score", entry.columns.get("score", "score"))
    for name, text in (("variant", cells.text(entry.cells.get("variant"))), ("benchmark", benchmark)):
        if not text or not text.isprintable():
            why = f"{text!r}: has signs that cannot be printed" if text else f"is empty: name the {name}"
            raise table.error(entry.line, why, entry.columns.get(name, name))
    variant = cells.text(entry.cells.get("variant"))
    validation = read("validation", cells.number)
    if validation is not None and not math.isfinite(validation):
        validation = None
    return Score(
        line=entry.line,
        column=entry.columns.get("score", "score"),
        variant=variant,
        seed=_seed(table, entry, read),
        benchmark=benchmark,
        value=value,
        validation=validation,
        marks=read("correct", cells.marks, table.path.parent),
        control=_control(table, entry, variant),
        regime=cells.text(entry.cells.get("regime")),
        protocol=cells.text(entry.cells.get("protocol")),
        run=cells.text(entry.cells.get("run")),
    )


def _seed(table: Table, entry: Entry, read: Any) -> int:
    seed = read("seed", cells.whole)
    if seed is None and "seed" in entry.columns and not isinstance(entry.cells.get("variant"), type(None)):
        is_named = entry.columns["seed"] != entry.columns.get("variant")
        if is_named and _control(table, entry, cells.text(entry.cells.get("variant"))) is None:
            raise table.error(entry.line, "is empty: write the seed, a whole number", entry.columns["seed"])
    return seed or 0


def _control(table: Table, entry: Entry, variant: str) -> Control | None:
    """Return the kind of control that the column ``control`` or the name of the variant gives."""
    column = cells.text(entry.cells.get("control"))
    if not column or cells.is_empty(column):
        name = _underscored(variant)
        return next((control for control in CONTROLS if control == name), None)
    name = _underscored(column)
    for control in CONTROLS:
        if control == name:
            return control
    raise table.error(
        entry.line, f"{column!r}: write {', '.join(CONTROLS)} or nothing", entry.columns.get("control", "")
    )


def _several_metrics(entries: Sequence[Entry]) -> dict[str, list[str]]:
    """Return the metrics of each benchmark that has several of them."""
    by_benchmark: dict[str, dict[str, None]] = {}
    for entry in entries:
        metric = cells.text(entry.cells.get("metric"))
        by_benchmark.setdefault(cells.text(entry.cells.get("benchmark")), {})[metric] = None
    return {name: list(metrics) for name, metrics in by_benchmark.items() if len(metrics) > 1}


def _benchmark_name(entry: Entry, several: Mapping[str, Sequence[str]]) -> str:
    """Return the benchmark of an entry. Each metric of a benchmark with several metrics is a separate benchmark."""
    name, metric = cells.text(entry.cells.get("benchmark")), cells.text(entry.cells.get("metric"))
    return f"{name} {metric}".strip() if name in several else name


def _listed(options: ReadingOptions, entry: Entry, benchmark: str) -> str | None:
    names = {benchmark, cells.text(entry.cells.get("benchmark")), entry.columns.get("score", "")}
    names |= {name.removeprefix("metrics.") for name in names}
    return next((name for name in options.benchmarks if name in names), None)


def _by_benchmark(
    entries: Sequence[Entry], several: Mapping[str, Sequence[str]], scores: Sequence[Score]
) -> dict[str, list[tuple[Entry, Score]]]:
    """Return the entries and scores of each benchmark."""
    by_place = {(id(score.line), score.column, score.benchmark): score for score in scores}
    pairs: dict[str, list[tuple[Entry, Score]]] = {}
    for entry in entries:
        name = _benchmark_name(entry, several)
        score = by_place.get((id(entry.line), entry.columns.get("score", "score"), name))
        if score is not None:
            pairs.setdefault(name, []).append((entry, score))
    return pairs


def _underscored(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", name.strip().lower())
