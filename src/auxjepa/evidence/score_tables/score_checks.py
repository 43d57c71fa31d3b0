"""Checks of all scores of a table together: no score twice, and a reference among the variants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from auxjepa.config import hint
from auxjepa.evidence.score_tables.reading_options import ReadingOptions
from auxjepa.evidence.score_tables.table_file import Table
from auxjepa.lists import shorten_list

if TYPE_CHECKING:
    from auxjepa.evidence.score_tables.scores import Score

REFERENCES = ("baseline", "reference")
"""Names of variants that are the reference if no setting names one."""


def refuse_repeats(table: Table, scores: Sequence[Score], has_seeds: bool) -> None:
    """Check that no two scores are in the same cell.

    Args:
        table: the table.
        scores: its scores.
        has_seeds: whether the table has seeds.

    Raises:
        TableError: for the first two scores of one variant, seed and benchmark; the message has both lines.
    """
    first: dict[tuple[Any, ...], Score] = {}
    for score in scores:
        key = (score.variant, score.seed, score.benchmark, score.regime, score.protocol)
        other = first.setdefault(key, score)
        if other is not score:
            remedy = "remove one" if has_seeds else "add a column 'seed' if these are different seeds"
            raise table.error(
                None,
                f"{table.word}s {other.line.number} and {score.line.number} both give {score.variant} "
                f"seed {score.seed} on {score.benchmark} ({other.value:g} and {score.value:g}): {remedy}",
            )


def find_reference(table: Table, scores: Sequence[Score], options: ReadingOptions) -> str:
    """Return the variant that the others are compared with.

    Args:
        table: the table.
        scores: its scores.
        options: settings; they may name the reference.

    Raises:
        TableError: if there is no such variant; the message lists the variants.
    """
    names = list(dict.fromkeys(score.variant for score in scores if score.control is None))
    if options.reference:
        if options.reference not in names:
            raise table.error(
                None,
                f"no variant {options.reference!r} (--reference){hint(options.reference, names, listing=False)} "
                f"(variants: {shorten_list(names, 20)})",
            )
        return options.reference
    for reference in REFERENCES:
        for name in names:
            if name.lower() == reference:
                return name
    raise table.error(
        None,
        "no variant is called 'baseline': name the variant that the others are compared with, --reference NAME "
        f"(variants: {shorten_list(names, 20)})",
    )
