"""Media in class folders: ``[SPLIT/]CLASS/…/file``, the layout of one's own pictures and videos."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from auxjepa.data.errors import AnnotationError
from auxjepa.data.manifest.split import NONE
from auxjepa.data.manifest.split_folders import split_of_name
from auxjepa.data.manifest.walk import Unread, group_by_reason, is_plain, walk
from auxjepa.data.sets.data_set import Problem

COLUMN = "folder"
SPLITS = ("train", "training", "val", "valid", "validation", "dev", "test", "testing")
WHOLE = "all"
_DIGITS = 18  # what an int64 holds


@dataclass
class Found:
    """Files below a root.

    Args:
        splits: paths relative to the root with their class ("" for none), by split; the split is ``all`` where the
            root has no folder named like one.
        problems: folders and links that weren't usable.
        unread: files of another kind, by the reason.
    """

    splits: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unread: tuple[Unread, ...] = ()


def find_files(root: Path, suffixes: Collection[str], kind: str, known: Collection[str] = ()) -> Found:
    """Files with one of the suffixes; a file's class is the first folder below its split, "" where it lies in none.

    Hidden files and folders don't count. Folders may be links, also out of the root (scanning refuses those unless it
    is told otherwise); no file counts twice.

    Args:
        kind, known: see :func:`auxjepa.data.manifest.walk.walk`.
    """
    walked, found = walk(root, suffixes, kind, known=known), Found()
    below: dict[str, list[str]] = {}
    for name in walked.folders[1:]:
        above, _, own = name.rpartition("/")
        below.setdefault(above, []).append(own)
    files: dict[str, list[str]] = {}
    for name in sorted(walked.files, key=lambda name: name.split("/")):
        parts = name.split("/")
        for depth in range(min(3, len(parts))):
            files.setdefault("/".join(parts[:depth]), []).append(name)
    inner = below.get("", [])
    tops = _splits(inner, below)
    for split in tops or [WHOLE]:
        top = split if tops else ""
        prefix = f"{top}/" if top else ""
        mine = found.splits.setdefault(split, [])
        mine += [(name, "") for name in files.get(top, []) if "/" not in name.removeprefix(prefix)]
        for own in below.get(top, []):
            its = files.get(prefix + own, [])
            mine += [(name, own) for name in its]
            if not its:
                found.problems.append(Problem(prefix + own, "no such file in this folder"))
        if not mine:
            found.problems.append(Problem(split, "no such file in this split"))
    for name in inner if tops else ():
        if name not in tops and files.get(name):
            others = ", ".join(tops)
            what = f"a folder beside {others} that isn't a split: its files aren't listed"
            found.problems.append(Problem(name, what))
    others = {name: why for name, why in walked.reasons.items() if is_plain(why)}
    found.problems += [Problem(name, why) for name, why in sorted(walked.reasons.items()) if name not in others]
    found.unread = group_by_reason(others)
    return found


def ordered(values: Iterable[str], root: Path) -> tuple[str, ...]:
    """Class names in their order: whole numbers by size, others by the alphabet.

    Raises:
        AnnotationError: when two names are one number, such as 1 and 01, or a number is too large.
    """
    names = sorted(set(values))
    if not names or not all(name.isdecimal() for name in names):
        return tuple(names)
    if max(map(len, names)) > _DIGITS:
        raise AnnotationError(root, f"the class {max(names, key=len)[:40]!r} is a number of over {_DIGITS} digits")
    numbers = {int(name): name for name in names}
    if len(numbers) < len(names):
        twice = next(name for name in names if numbers[int(name)] != name)
        raise AnnotationError(root, f"the classes {twice!r} and {numbers[int(twice)]!r} are one number: rename one")
    return tuple(numbers[number] for number in sorted(numbers))


def _splits(inner: list[str], below: dict[str, list[str]]) -> list[str]:
    """Folders of the root that are splits. Beside folders of other names one counts only where it has folders itself:
    a class may be called train."""
    named = [name for name in inner if split_of_name(name) != NONE]
    if len(named) < len(inner):
        named = [name for name in named if below.get(name)]
    known = {name: place for place, name in enumerate(SPLITS)}
    return sorted(named, key=lambda name: (split_of_name(name), known.get(name.lower(), len(known)), name))
