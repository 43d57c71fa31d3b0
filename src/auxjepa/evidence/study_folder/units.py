"""Units and directions of benchmarks: scores get a minus sign where less is better, so that more is always better."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from auxjepa.lists import shorten_list
from auxjepa.metric_words import is_error
from auxjepa.rows import Row

PERCENT = "%"
UNIT, DIRECTION = "unit", "higher_is_better"
"""Fields of a benchmark in ``benchmarks.json``."""
NEGATED = "-"
"""First sign of a metric with negated scores."""
MOST_DIGITS = 6
Records = Mapping[str, Mapping[str, Any]]


def unit_of(record: Mapping[str, Any], metric: str = "") -> str:
    """Return the unit of a benchmark's scores, empty where it is not known.

    Without a unit in the record, scores are in percent, but errors such as ``mse`` have no known unit.

    Args:
        record: record of the benchmark in ``benchmarks.json``.
        metric: metric of the scores.
    """
    unit = record.get(UNIT)
    if isinstance(unit, str):
        return " ".join(unit.split())
    return "" if is_error(metric) else PERCENT


def is_lower_better(record: Mapping[str, Any], metric: str = "") -> bool:
    """Check whether less is better on a benchmark: by its record, else by the name of the metric.

    Args:
        record: record of the benchmark in ``benchmarks.json``.
        metric: metric of the scores.
    """
    if isinstance(record.get(DIRECTION), bool):
        return record[DIRECTION] is False
    return is_error(metric)


def as_measured(row: Row) -> Row:
    """Return a row with the sign and the metric that it has in the file; its marks are stored under this metric.

    Args:
        row: a row of :func:`oriented_rows`.
    """
    return _negated(row, row.metric.removeprefix(NEGATED)) if row.metric.startswith(NEGATED) else row


def oriented_rows(rows: Sequence[Row], records: Records) -> list[Row]:
    """Return rows in which more is better: where less is better, the score and the metric get a minus sign.

    Args:
        rows: rows as they were measured.
        records: record of each benchmark.
    """
    return [
        _negated(row, f"{NEGATED}{row.metric}") if is_lower_better(records.get(row.benchmark, {}), row.metric) else row
        for row in rows
    ]


def describe_directions(rows: Sequence[Row], records: Records) -> list[str]:
    """Return one line on the benchmarks with negated scores; empty without such a benchmark.

    Args:
        rows: rows as they were measured.
        records: record of each benchmark.
    """
    pairs = dict.fromkeys((row.benchmark, row.metric) for row in rows)
    lower = [pair for pair in pairs if is_lower_better(records.get(pair[0], {}), pair[1])]
    if not lower:
        return []
    names = list(dict.fromkeys(name for name, _ in lower))
    by_name = [f"{name} ({metric})" for name, metric in lower if DIRECTION not in records.get(name, {})]
    guess = f" The name of the metric says so for {shorten_list(by_name, 8)}." if by_name else ""
    return [
        f"Less is better on {shorten_list(names, 8)}.{guess} The scores there have a minus sign on this page, so that "
        "a difference above 0 is an improvement everywhere, and a hypothesis with 'above' claims an improvement."
    ]


def decimals(unit: str, scores: Sequence[float]) -> int:
    """Return the number of decimals with which scores are shown: one for percent, else about three digits.

    Args:
        unit: unit of the scores.
        scores: the scores.
    """
    largest = max((abs(score) for score in scores), default=0.0)
    if largest == 0 or (unit == PERCENT and largest >= 1):
        return 1
    return min(MOST_DIGITS, max(1, 2 - math.floor(math.log10(largest))))


def _negated(row: Row, metric: str) -> Row:
    validation = None if row.validation is None else 0.0 - row.validation
    return row.model_copy(update={"score": 0.0 - row.score, "validation": validation, "metric": metric})
