"""Units of scores and differences, in words: for captions, headings and the answer."""

from __future__ import annotations

from auxjepa.evidence.analyses.results import Column, Results
from auxjepa.evidence.study_folder.units import PERCENT


def answer_units(results: Results) -> str:
    """Return the unit of the differences in the answer, in one sentence.

    Args:
        results: the table of results.
    """
    if results.is_in_percent:
        return "Points are percentage points of the mean score over a capability’s benchmarks."
    return (
        "Differences are in the unit of the scores (percentage points where it is %), of the mean over a capability’s "
        "benchmarks. Scores with different units are never averaged."
    )


def unit_words(results: Results) -> str:
    """Return the unit of the scores in the table of results, in words.

    Args:
        results: the table of results.
    """
    if results.is_in_percent:
        return "in percent"
    if any(column.unit for column in results.columns):
        return "in the unit of each column"
    return "without a unit, as the source gives it"


def column_label(column: Column) -> str:
    """Return capability and unit of a column, for its heading; nothing that its title contains too.

    Args:
        column: the column.
    """
    parts = [] if column.capability == column.title else [column.capability]
    parts += [column.unit] if column.unit not in ("", PERCENT) and f"in {column.unit}" not in column.capability else []
    return ", ".join(parts)
