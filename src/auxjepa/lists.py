"""Long lists in one line."""

from __future__ import annotations

from collections.abc import Sequence

MOST_SHOWN = 4


def some(names: Sequence[str]) -> str:
    """The first few of a list, and how many more there are."""
    more = f"; and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
    return "; ".join(names[:MOST_SHOWN]) + more
