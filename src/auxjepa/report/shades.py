"""Cells of a table that are shaded by their value."""

from __future__ import annotations

from dataclasses import dataclass

DASH = "–"


@dataclass(frozen=True)
class Shade:
    """One cell: its number, what stands below it, and how dark it is (0 to 1)."""

    text: str
    below: str = ""
    heat: float = 0.0


Shaded = tuple[tuple[str, ...], list[tuple[str, str, list[Shade]]]]
"""Names of the columns; of each row its name, what stands below it, and its cells."""
