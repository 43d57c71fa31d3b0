"""Marks of the test clips of a study, by variant and column of the table of results."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from auxjepa.evidence.analyses.results import Column, Results
from auxjepa.evidence.study_folder.current_rows import current_rows
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.rows import Row


@dataclass(frozen=True)
class CellMarks:
    """Marks of one variant in one column.

    Args:
        seeds: seeds with marks, in order.
        marks: whether the answer is right, seeds by test clips.
    """

    seeds: tuple[int, ...]
    marks: Bool[np.ndarray, "S E"]

    def of_seeds(self, seeds: tuple[int, ...]) -> Bool[np.ndarray, "s E"]:
        """Return the marks of some seeds, in their order.

        Args:
            seeds: seeds that have marks.
        """
        return self.marks[[self.seeds.index(seed) for seed in seeds]]


def rows_by_cell(study: Study, results: Results) -> dict[tuple[str, int], list[Row]]:
    """Return the scores of each variant in each column (variant, index of the column), one a seed, without controls.

    Args:
        study: the study.
        results: its table of results.
    """
    index_by_column = {_column_key(column): i for i, column in enumerate(results.columns)}
    cells: dict[tuple[str, int], dict[int, Row]] = {}
    for row in current_rows(study, []):
        i = index_by_column.get((row.regime, row.benchmark, row.protocol, row.metric))
        if row.control is None and i is not None:
            cells.setdefault((row.variant, i), {})[row.seed] = row
    return {cell: [by_seed[seed] for seed in sorted(by_seed)] for cell, by_seed in cells.items()}


def marks_by_cell(study: Study, results: Results) -> dict[tuple[str, int], CellMarks]:
    """Return the marks of each variant in each column, where at least 2 seeds have marks of the same number of clips.

    Args:
        study: the study.
        results: its table of results.
    """
    cells = {}
    for cell, rows in rows_by_cell(study, results).items():
        marks_by_seed = {row.seed: marks for row in rows if (marks := study.correct(row)) is not None}
        sizes = {len(marks) for marks in marks_by_seed.values()}
        if len(marks_by_seed) > 1 and len(sizes) == 1 and min(sizes) > 1:
            cells[cell] = CellMarks(tuple(marks_by_seed), np.stack(list(marks_by_seed.values())))
    return cells


def _column_key(column: Column) -> tuple[str, str, str, str]:
    return column.regime, column.benchmark, column.protocol, column.metric
