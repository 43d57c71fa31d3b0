"""Long lists in one line."""

from __future__ import annotations

from collections.abc import Sequence


def shorten_list(names: Sequence[str], most: int = 6, separator: str = ", ") -> str:
    """Return the first names of a list and the number of names that are left out: 'a, b and 2 more'.

    Args:
        names: all names.
        most: number of names to show.
        separator: text between two names; any separator other than ', ' is also put before 'and'.
    """
    text = separator.join(names[:most])
    if len(names) <= most:
        return text
    return f"{text}{'' if separator == ', ' else separator.rstrip()} and {len(names) - most} more"
