"""Parts of scores: the mean and standard deviation of every part, by variant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auxjepa.evidence.analyses.control_labels import CONTROL_LABELS
from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.statistics.rounding import standard_deviation
from auxjepa.evidence.study_folder.current_rows import current_rows
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.rows import Row


@dataclass(frozen=True)
class PartMean:
    """Mean of one part over seeds.

    Args:
        mean: the mean.
        sd: standard deviation; None with one seed.
    """

    mean: float
    sd: float | None


@dataclass(frozen=True)
class ScoreParts:
    """The parts of the scores on one benchmark after one pretraining regime.

    Args:
        title: title of the column.
        names: variants that have parts.
        parts: part: one mean a name, None where a variant lacks the part.
    """

    title: str
    names: tuple[str, ...]
    parts: dict[str, tuple[PartMean | None, ...]]


def study_score_parts(study: Study, results: Results, excluded: Sequence[str]) -> list[ScoreParts]:
    """Return one record for each regime and benchmark whose scores have parts.

    Args:
        study: the study.
        results: the table of results.
        excluded: benchmarks that the report shows in another section.
    """
    rows = [row for row in current_rows(study, []) if row.parts and row.benchmark not in excluded]
    records = []
    for column in results.columns:
        column_rows = [row for row in rows if (row.regime, row.benchmark) == (column.regime, column.benchmark)]
        parts = dict.fromkeys(part for row in column_rows for part in row.parts)
        groups = {line.name: [row for row in column_rows if _name(row) == line.name] for line in results.lines}
        groups = {name: group for name, group in groups.items() if group}
        means = {
            part: tuple(_mean([r.parts[part] for r in group if part in r.parts]) for group in groups.values())
            for part in parts
        }
        if means:
            records.append(ScoreParts(column.title, tuple(groups), means))
    return records


def _name(row: Row) -> str:
    return CONTROL_LABELS["random_init"] if row.control == "random_init" else row.variant


def _mean(values: list[float]) -> PartMean | None:
    if not values:
        return None
    return PartMean(float(np.mean(values)), standard_deviation(values) if len(values) > 1 else None)
