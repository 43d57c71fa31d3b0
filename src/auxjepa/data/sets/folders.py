"""Media in class folders: ``[SPLIT/]CLASS/…/file``, a layout for your own pictures and videos."""

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
ALL_FILES = "all"
_DIGITS = 18  # an int64 holds numbers of 18 digits


@dataclass
class ClassFolders:
    """Files below a root.

    Args:
        splits: pairs of path relative to the root and class ("" for none), by split; the split is ``all`` if no folder
            of the root is named like a split.
        problems: folders and links that can't be used.
        unread: files of another kind, by reason.
    """

    splits: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unread: tuple[Unread, ...] = ()


def find_files(root: Path, suffixes: Collection[str], kind: str, known: Collection[str] = ()) -> ClassFolders:
    """Return the files with one of the suffixes and their classes.

    A file's class is the first folder below its split; a file outside such a folder has no class. Hidden files and
    folders don't count. Folders may be links, also out of the root; the scan refuses such files unless the user allows
    links. Each file counts once.

    Args:
        root: folder to search.
        suffixes: suffixes in small letters, without a dot.
        kind: see :func:`auxjepa.data.manifest.walk.walk`.
        known: see :func:`auxjepa.data.manifest.walk.walk`.
    """
    tree, result = walk(root, suffixes, kind, known=known), ClassFolders()
    subfolders: dict[str, list[str]] = {}
    for name in tree.folders[1:]:
        parent, _, folder = name.rpartition("/")
        subfolders.setdefault(parent, []).append(folder)
    files_below: dict[str, list[str]] = {}
    for name in sorted(tree.files, key=lambda name: name.split("/")):
        parts = name.split("/")
        for depth in range(min(3, len(parts))):
            files_below.setdefault("/".join(parts[:depth]), []).append(name)
    tops = subfolders.get("", [])
    splits = _find_splits(tops, subfolders)
    for split in splits or [ALL_FILES]:
        top = split if splits else ""
        prefix = f"{top}/" if top else ""
        pairs = result.splits.setdefault(split, [])
        pairs += [(name, "") for name in files_below.get(top, []) if "/" not in name.removeprefix(prefix)]
        for folder in subfolders.get(top, []):
            names = files_below.get(prefix + folder, [])
            pairs += [(name, folder) for name in names]
            if not names:
                result.problems.append(Problem(prefix + folder, "no such file in this folder"))
        if not pairs:
            result.problems.append(Problem(split, "no such file in this split"))
    for name in tops if splits else ():
        if name not in splits and files_below.get(name):
            what = f"a folder next to {', '.join(splits)} that isn't a split: its files aren't listed"
            result.problems.append(Problem(name, what))
    unread = {name: reason for name, reason in tree.reasons.items() if is_plain(reason)}
    result.problems += [Problem(name, reason) for name, reason in sorted(tree.reasons.items()) if name not in unread]
    result.unread = group_by_reason(unread)
    return result


def sort_classes(values: Iterable[str], root: Path) -> tuple[str, ...]:
    """Return class names in their order: whole numbers by size, other names alphabetically.

    Args:
        values: class names, in any order, with repetitions.
        root: root of the data set, for the message.

    Raises:
        AnnotationError: if two names are one number, such as 1 and 01, or a number is too large.
    """
    names = sorted(set(values))
    if not names or not all(name.isdecimal() for name in names):
        return tuple(names)
    if max(map(len, names)) > _DIGITS:
        raise AnnotationError(root, f"the class {max(names, key=len)[:40]!r} is a number of over {_DIGITS} digits")
    numbers = {int(name): name for name in names}
    if len(numbers) < len(names):
        repeated = next(name for name in names if numbers[int(name)] != name)
        second = numbers[int(repeated)]
        raise AnnotationError(root, f"the classes {repeated!r} and {second!r} are one number: rename one")
    return tuple(numbers[number] for number in sorted(numbers))


def _find_splits(tops: list[str], subfolders: dict[str, list[str]]) -> list[str]:
    """Return the folders of the root that are splits.

    A class may have the name of a split. So if the root has other folders too, a folder is a split only if it has
    subfolders.
    """
    named = [name for name in tops if split_of_name(name) != NONE]
    if len(named) < len(tops):
        named = [name for name in named if subfolders.get(name)]
    order = {name: index for index, name in enumerate(SPLITS)}
    return sorted(named, key=lambda name: (split_of_name(name), order.get(name.lower(), len(order)), name))
