"""The section on parts of scores: one table a benchmark, parts by variants."""

from __future__ import annotations

from collections.abc import Sequence

from auxjepa.evidence.analyses.score_parts import PartMean, ScoreParts
from auxjepa.evidence.wording import DASH, format_signed

Table = tuple[str, tuple[str, ...], list[list[str]]]
"""Title, names of the columns, rows."""


def tables(records: Sequence[ScoreParts]) -> list[Table]:
    """Return one table a regime and benchmark: parts down, variants across.

    Args:
        records: parts of the scores on each benchmark.
    """
    return [
        (
            record.title,
            ("part", *record.names),
            [[part, *(_format(mean) for mean in means)] for part, means in record.parts.items()],
        )
        for record in records
    ]


def _format(mean: PartMean | None) -> str:
    if mean is None:
        return DASH
    text = format_signed(mean.mean).removeprefix("+")
    return text if mean.sd is None else f"{text} ±{mean.sd:.1f}"
