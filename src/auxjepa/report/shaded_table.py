"""Cells of a table whose background is darker for larger values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ShadedCell:
    """One cell.

    Args:
        text: the number.
        below: text below the number.
        heat: darkness of the background, 0 to 1.
    """

    text: str
    below: str = ""
    heat: float = 0.0


ShadedTable = tuple[tuple[str, ...], list[tuple[str, str, list[ShadedCell]]]]
"""Names of the columns; of each row its name, the text below its name, and its cells."""


def heat(value: float, values: Sequence[float]) -> float:
    """Return the darkness of a value: 0 for the lowest of all values, 1 for the highest.

    Args:
        value: the value.
        values: all values that share the scale.
    """
    low, high = min(values), max(values)
    return (value - low) / (high - low) if high > low else 0.0
