"""Units and directions of benchmarks: scores get a minus sign where less is better, so that more is always better."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from auxjepa.lists import shorten_list
from auxjepa.rows import Row

PERCENT = "%"
UNIT, DIRECTION = "unit", "higher_is_better"
"""Fields of a benchmark in ``benchmarks.json``."""
NEGATED = "-"
"""First sign of a metric with negated scores."""
MOST_DIGITS = 6
Records = Mapping[str, Mapping[str, Any]]


def unit_of(record: Mapping[str, Any]) -> str:
    """Return the unit of a benchmark's scores: percent where its record names none, empty where it is not known.

    Args:
        record: record of the benchmark in ``benchmarks.json``.
    """
    unit = record.get(UNIT)
    return " ".join(unit.split()) if isinstance(unit, str) else PERCENT


def is_lower_better(record: Mapping[str, Any]) -> bool:
    """Check whether less is better on a benchmark.

    Args:
        record: record of the benchmark in ``benchmarks.json``.
    """
    return record.get(DIRECTION) is False


def oriented_rows(rows: Sequence[Row], records: Records) -> list[Row]:
    """Return rows in which more is better: where less is better, the score and the metric get a minus sign.

    Args:
        rows: rows as they were measured.
        records: record of each benchmark.
    """
    return [_negated(row) if is_lower_better(records.get(row.benchmark, {})) else row for row in rows]


def describe_directions(rows: Sequence[Row], records: Records) -> list[str]:
    """Return one line on the benchmarks with negated scores; empty without such a benchmark.

    Args:
        rows: rows as they were measured.
        records: record of each benchmark.
    """
    names = [name for name in dict.fromkeys(r.benchmark for r in rows) if is_lower_better(records.get(name, {}))]
    if not names:
        return []
    return [
        f"Less is better on {shorten_list(names, 8)}. The scores there have a minus sign on this page, so that a "
        "difference above 0 is an improvement everywhere."
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


def _negated(row: Row) -> Row:
    validation = None if row.validation is None else 0.0 - row.validation
    metric = f"{NEGATED}{row.metric}"
    return row.model_copy(update={"score": 0.0 - row.score, "validation": validation, "metric": metric})
