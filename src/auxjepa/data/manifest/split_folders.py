"""Reads an official division from the names of folders: train/, val/ and test/ above or below the class folders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int

from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.split import NONE, TEST, TRAIN, VALIDATION

WORDS = {
    "train": TRAIN,
    "training": TRAIN,
    "val": VALIDATION,
    "valid": VALIDATION,
    "validation": VALIDATION,
    "validate": VALIDATION,
    "dev": VALIDATION,
    "test": TEST,
    "testing": TEST,
    "eval": TEST,
    "evaluation": TEST,
}
"""Splits by the words that name them, in small letters."""
_NAME = re.compile(
    rf"(?:(?:raw)?(?:videos?|clips?|frames?|images?)[_-])?({'|'.join(WORDS)})(?:[_-]\d{{3,4}}(?:p|px|x\d{{3,4}})?)?"
)
"""Matches ``train``, and the names in copies of Kinetics: ``train_256``, ``val-480p``, ``videos_train``."""


@dataclass(frozen=True)
class SplitFolders:
    """The splits and classes that folders name.

    Args:
        split: of every video (``TRAIN``, ``VALIDATION``, ``TEST``); ``NONE`` outside the folders of splits.
        classes: class folder of every video, "" for none.
        folders: the names of each split's folders, in alphabetic order.
        below: whether the folders of splits are below the class folders.
    """

    split: Int[np.ndarray, " n"]
    classes: tuple[str, ...]
    folders: dict[int, tuple[str, ...]]
    below: bool

    def named(self, split: int) -> str:
        """Return the folders of a split in words, such as ``val/``."""
        return " and ".join(f"{name}/" for name in self.folders[split])

    @property
    def origin(self) -> str:
        """Source of the division in words."""
        return "folders below the class folders" if self.below else "folders"


def split_of_name(name: str) -> int:
    """Return the split that a folder or list is named after, or ``NONE``."""
    match = _NAME.fullmatch(name.lower())
    return WORDS[match[1]] if match else NONE


def read_split_folders(paths: Sequence[str]) -> SplitFolders | None:
    """Return the official division that folders name, or None.

    Folders are splits when one is named after training and another after validation or test. In addition they must
    contain class folders, or no other folder next to them may hold videos: a class may be called ``test``. The function
    looks at the top (below folders that all videos share), then below the class folders. A class is the first folder
    below the split.

    Args:
        paths: of videos, relative to their root, with forward slashes.
    """
    inner = _below_shared(paths)
    for depth in range(max(map(len, inner), default=0)):
        splits = np.array([split_of_name(f[depth]) if len(f) > depth else NONE for f in inner], dtype=np.int64)
        named = set(splits.tolist())
        if TRAIN in named and named & {VALIDATION, TEST} and _is_division(inner, splits, depth):
            return _read(inner, splits, depth)
    return None


def folders_without_training(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the folders at the top if they are splits other than training with class folders in each;
    else ().
    """
    inner = _below_shared(paths)
    tops = {folders[0] for folders in inner if folders}
    deep = {folders[0] for folders in inner if len(folders) > 1}
    splits = {split_of_name(name) for name in tops}
    return tuple(sorted(tops)) if len(tops) > 1 and tops == deep and splits <= {VALIDATION, TEST} else ()


def split_folders_of(manifest: Manifest) -> SplitFolders | None:
    """Return the official division that the folders of a manifest's examples name, one entry an example, or None.

    Files that are left out count as well, so that a damaged file doesn't change the meaning of a folder. Samples of
    shards are an exception: only usable ones have a place in a folder.
    """
    paths = manifest.folder_paths
    folders = read_split_folders([*paths, *(() if manifest.places else (one.path for one in manifest.defects))])
    if folders is None:
        return None
    return replace(folders, split=folders.split[: len(paths)], classes=folders.classes[: len(paths)])


def _below_shared(paths: Sequence[str]) -> list[list[str]]:
    """Return the folders of every path, without those that all paths in folders share."""
    inner = [path.split("/")[:-1] for path in paths]
    shared = _shared([folders for folders in inner if folders])
    return [folders[shared:] for folders in inner]


def _is_division(inner: list[list[str]], splits: Int[np.ndarray, " n"], depth: int) -> bool:
    inside = splits != NONE
    if depth:  # below class folders: most videos must be in such folders
        return bool(2 * inside.sum() > sum(map(bool, inner)))
    has_other_folders = any(len(folders) > 0 and not at for folders, at in zip(inner, inside, strict=True))
    has_class_folders = all(
        any(s == split and len(f) > 1 for f, s in zip(inner, splits, strict=True)) for split in set(splits[inside])
    )
    return has_class_folders or not has_other_folders


def _read(inner: list[list[str]], splits: Int[np.ndarray, " n"], depth: int) -> SplitFolders:
    at = [split != NONE for split in splits.tolist()]
    deeper = [folders[depth + 1 :] for folders in inner]
    if depth:
        classes = ["/".join(folders[:depth]) if inside else "" for folders, inside in zip(inner, at, strict=True)]
    else:
        below = [folders for folders, inside in zip(deeper, at, strict=True) if inside and folders]
        first = min(_shared(below), min(map(len, below), default=1) - 1)
        classes = [f[first] if inside and len(f) > first else "" for f, inside in zip(deeper, at, strict=True)]
    names: dict[int, set[str]] = {}
    for folders, split in zip(inner, splits.tolist(), strict=True):
        if split != NONE:
            names.setdefault(split, set()).add(folders[depth])
    return SplitFolders(
        splits, tuple(classes), {split: tuple(sorted(names[split])) for split in sorted(names)}, below=depth > 0
    )


def _shared(inner: list[list[str]]) -> int:
    """Return how many leading folders all paths share."""
    if not inner:
        return 0
    low, high = min(inner), max(inner)
    return next((n for n, (a, b) in enumerate(zip(low, high)) if a != b), min(len(low), len(high)))  # noqa: B905
