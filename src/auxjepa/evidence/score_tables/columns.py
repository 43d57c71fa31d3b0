"""Recognises the columns of a table of scores by their names, and turns long tables into entries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auxjepa.config import hint
from auxjepa.evidence.score_tables.reading_options import ReadingOptions
from auxjepa.evidence.score_tables.table_file import Line, Table

NAMES: Mapping[str, tuple[str, ...]] = {
    "variant": ("variant", "method", "model", "objective", "algorithm", "approach"),
    "seed": ("seed", "pretrain_seed", "random_seed", "run_seed", "rng_seed"),
    "benchmark": ("benchmark", "dataset", "data_set", "task", "test_set", "evaluation"),
    "score": ("score", "value", "result", "test_score"),
    "n_test": ("n_test", "test_size", "n_examples", "num_test", "test_examples"),
    "n_classes": ("n_classes", "classes", "num_classes"),
    "correct": ("correct", "correctness", "marks", "per_example_correct", "per_example_correctness"),
    "higher_is_better": ("higher_is_better", "bigger_is_better", "greater_is_better"),
    "unit": ("unit", "units"),
    "metric": ("metric", "metric_name", "measure"),
    "validation": ("validation", "validation_score", "val_score", "val"),
    "control": ("control",),
    "regime": ("regime", "pretraining", "pretrain_data", "pretrain_dataset"),
    "protocol": ("protocol", "probe", "probe_head", "head"),
    "capability": ("capability",),
    "title": ("title",),
    "run": ("run", "run_id", "run_name"),
}
"""Field of an entry: names of columns that hold it, the first one that a table has counts."""
SCORES_BY_METRIC = ("top1_percent", "accuracy_percent", "top1", "top_1", "accuracy", "acc")
"""Names of columns that hold scores and name their metric."""


@dataclass(frozen=True)
class Entry:
    """The cells of one score, before they are checked.

    Args:
        line: line of the table.
        cells: values by field (the keys of :data:`NAMES`).
        columns: name of the column of each field, for messages.
    """

    line: Line
    cells: dict[str, Any]
    columns: dict[str, str]


@dataclass
class Entries:
    """The scores of a table before they are checked.

    Args:
        entries: one entry a score.
        notes: how the table was understood and what was left out, one line each.
        has_seeds: whether the table has seeds.
    """

    entries: list[Entry]
    notes: list[str] = field(default_factory=list)
    has_seeds: bool = True


def normalised(name: str) -> str:
    """Return the name of a column in small letters, with one underscore between words."""
    return re.sub(r"[^0-9a-z%]+", "_", name.lower()).strip("_")


def recognise(table: Table, options: ReadingOptions) -> dict[str, str]:
    """Return the column of each field that a table has.

    Args:
        table: the table.
        options: settings; they may name columns.

    Raises:
        TableError: if a setting names a column that the table lacks.
    """
    by_name: dict[str, str] = {}
    for column in table.columns:
        by_name.setdefault(normalised(column), column)
    fields = {}
    for key, names in NAMES.items():
        column = next((by_name[name] for name in names if name in by_name), None)
        if column is not None:
            fields[key] = column
    for key, column in (("variant", options.variant_column), ("seed", options.seed_column)):
        if column and column not in table.columns:
            raise table.error(None, f"no such column (--{key}-column){hint(column, table.columns)}", column)
        if column:
            fields = {name: place for name, place in fields.items() if place != column}
            fields[key] = column
    if "score" not in fields and "benchmark" in fields:
        column = next((by_name[name] for name in SCORES_BY_METRIC if name in by_name), None)
        if column is not None:
            fields["score"] = column
    return fields


def long_entries(table: Table, fields: Mapping[str, str]) -> Entries:
    """Return the entries of a long table: one score a line.

    Args:
        table: the table.
        fields: column of each field.

    Raises:
        TableError: if a required column is missing.
    """
    if "variant" not in fields:
        raise table.error(None, f"no column 'variant' (columns: {', '.join(table.columns)}); name it --variant-column")
    constant: dict[str, Any] = {}
    name = normalised(fields["score"])
    if name in SCORES_BY_METRIC and "metric" not in fields:
        constant["metric"] = "top1"
    if name.endswith("_percent") and "unit" not in fields:
        constant["unit"] = "%"
    entries = [
        Entry(line, constant | {key: line.cells.get(column) for key, column in fields.items()}, dict(fields))
        for line in table.lines
    ]
    return Entries(entries, unused(table, fields.values()), "seed" in fields)


def unused(table: Table, used: Iterable[str], why: str = "") -> list[str]:
    """Return a line with the columns that are not used; empty where all are used.

    Args:
        table: the table.
        used: names of the columns that are used.
        why: reason, after the word 'not used'.
    """
    names = [name for name in table.columns if name not in set(used)]
    return [f"{_columns(names)} not used{why}: {_list(names)}."] if names else []


def _columns(names: Sequence[str]) -> str:
    return "1 column is" if len(names) == 1 else f"{len(names)} columns are"


def _list(names: Sequence[str]) -> str:
    from auxjepa.lists import shorten_list

    return shorten_list(list(names), 8)
