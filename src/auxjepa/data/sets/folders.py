"""Media in class folders: ``[SPLIT/]CLASS/…/file``, the layout of one's own pictures and videos."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from auxjepa.data.errors import AnnotationError
from auxjepa.data.sets.base import Problem
from auxjepa.data.split import NONE
from auxjepa.data.split_folders import split_of_name

COLUMN = "folder"
SPLITS = ("train", "training", "val", "valid", "validation", "dev", "test", "testing")
WHOLE = "all"
_DIGITS = 18  # what an int64 holds


@dataclass
class Found:
    """Files below a root.

    Args:
        splits: paths relative to the root with their class ("" for none), by split; the split is ``all`` where the
            root has no folder named like one. problems: folders that weren't usable.
    """

    splits: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def find_files(root: Path, suffixes: Iterable[str]) -> Found:
    """Files with one of the suffixes; a file's class is the first folder below its split, "" where it lies in none.

    Hidden files and folders don't count. Folders may be links, also out of the root (scanning refuses those unless it
    is told otherwise); a link that leads back to a folder around it isn't followed.
    """
    wanted, found = frozenset(suffixes), Found()
    inner = [name for name, is_folder in _entries(root) if is_folder]
    tops = _splits(root, inner)
    for split in tops or [WHOLE]:
        top = root / split if tops else root
        files = found.splits.setdefault(split, [])
        classes = [name for name, is_folder in _entries(top) if is_folder]
        files += [(path, "") for path in _files(top, root, wanted, deep=False)]
        for name in classes:
            mine = [(path, name) for path in _files(top / name, root, wanted)]
            if not mine:
                found.problems.append(Problem((top / name).relative_to(root).as_posix(), "no such file in this folder"))
            files += mine
        if not files:
            found.problems.append(Problem(split, "no such file in this split"))
    for name in inner if tops else ():
        if name not in tops and next(_files(root / name, root, wanted), None):
            known = ", ".join(tops)
            found.problems.append(Problem(name, f"a folder beside {known} that isn't a split: its files aren't listed"))
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


def _splits(root: Path, inner: list[str]) -> list[str]:
    """Folders of the root that are splits. Beside folders of other names one counts only where it has folders itself:
    a class may be called train."""
    named = [name for name in inner if split_of_name(name) != NONE]
    if len(named) < len(inner):
        named = [name for name in named if any(is_folder for _, is_folder in _entries(root / name))]
    known = {name: place for place, name in enumerate(SPLITS)}
    return sorted(named, key=lambda name: (split_of_name(name), known.get(name.lower(), len(known)), name))


def _entries(folder: Path) -> list[tuple[str, bool]]:
    """Names in a folder that aren't hidden, in alphabetic order, and whether each is a folder."""
    with os.scandir(folder) as entries:
        return sorted((entry.name, entry.is_dir()) for entry in entries if entry.name[0] != ".")


def _files(
    folder: Path, root: Path, suffixes: frozenset[str], *, deep: bool = True, around: tuple[Path, ...] = ()
) -> Iterator[str]:
    real = folder.resolve()
    if real in around:
        return
    below = "" if folder == root else folder.relative_to(root).as_posix() + "/"
    for name, is_folder in _entries(folder):
        stem, _, suffix = name.rpartition(".")
        if is_folder:
            yield from _files(folder / name, root, suffixes, around=(*around, real)) if deep else ()
        elif stem and suffix.lower() in suffixes:
            yield below + name
