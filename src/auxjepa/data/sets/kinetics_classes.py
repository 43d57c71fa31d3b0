"""Compare the classes of two Kinetics editions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class ClassOverlap:
    """Classes of a new edition compared with the classes of an old edition.

    Args:
        shared: class of the new edition by class of the old edition.
        added: classes of the new edition only.
        dropped: classes of the old edition only.
    """

    shared: dict[str, str]
    added: tuple[str, ...]
    dropped: tuple[str, ...]


def compare_classes(old: Iterable[str], new: Iterable[str]) -> ClassOverlap:
    """Return which classes two editions share, from their names alone.

    Case, punctuation, underscores and spaces don't count. A class that was renamed or divided counts as dropped and
    added, so read both lists before you call a class unseen.

    Args:
        old: class names of the old edition.
        new: class names of the new edition.
    """
    new_names = {normalise_class(name): name for name in new}
    old_names = {normalise_class(name): name for name in old}
    return ClassOverlap(
        shared={name: new_names[key] for key, name in old_names.items() if key in new_names},
        added=tuple(name for key, name in new_names.items() if key not in old_names),
        dropped=tuple(name for key, name in old_names.items() if key not in new_names),
    )


def normalise_class(name: str) -> str:
    """Return a class name in small letters with single spaces and without punctuation.

    ``passing_American_football (in game)`` and ``passing american football (in game)`` are one class.
    """
    return " ".join(re.sub(r"[\W_]+", " ", name.casefold().replace("'", "").replace("’", "")).split())
