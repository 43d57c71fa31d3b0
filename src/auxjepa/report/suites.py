"""What a suite's score is made of: the mean of every part, by variant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from auxjepa.evidence.folder import Study, current
from auxjepa.evidence.intervals import spread
from auxjepa.evidence.verdicts import signed
from auxjepa.report.results import Results
from auxjepa.rows import Row

Table = tuple[str, tuple[str, ...], list[list[str]]]
"""Title, names of the columns, rows."""


def tables(study: Study, results: Results, elsewhere: Sequence[str]) -> list[Table]:
    """One table a regime and benchmark whose scores have parts: parts down, variants across, means over seeds with
    standard deviations.

    Args:
        elsewhere: benchmarks that the report shows in a section of their own.
    """
    scored = [row for row in current(study, []) if row.parts and row.benchmark not in elsewhere]
    found = []
    for column in results.columns:
        mine = [row for row in scored if (row.regime, row.benchmark) == (column.regime, column.benchmark)]
        names = list(dict.fromkeys(part for row in mine for part in row.parts))
        groups = {line.name: [row for row in mine if _name(row) == line.name] for line in results.lines}
        shown = {name: rows for name, rows in groups.items() if rows}
        body = [
            [part, *(_mean([r.parts[part] for r in rows if part in r.parts]) for rows in shown.values())]
            for part in names
        ]
        if body:
            found.append((column.title, ("part", *shown), body))
    return found


def _name(row: Row) -> str:
    return {"random_init": "random-init encoder"}.get(row.control or "", row.variant)


def _mean(values: list[float]) -> str:
    if not values:
        return "–"
    mean = signed(float(np.mean(values))).removeprefix("+")
    return mean if len(values) == 1 else f"{mean} ±{spread(values):.1f}"
