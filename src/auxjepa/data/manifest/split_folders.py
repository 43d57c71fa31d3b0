"""Reads an official division from the names of folders: train/, val/ and test/ above class folders, or below them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int

from auxjepa.config import ConfigError
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
"""``train``, and as copies of Kinetics write it: ``train_256``, ``val-480p``, ``videos_train``."""


@dataclass(frozen=True)
class SplitFolders:
    """What the folders of some videos say about their splits.

    Args:
        split: of every video (``TRAIN``, ``VALIDATION``, ``TEST``), ``NONE`` outside the folders of splits.
        classes: class folder of every video, "" where it lies in none.
        folders: the names of each split's folders, in alphabetic order.
        below: whether they lie in the class folders.
    """

    split: Int[np.ndarray, " n"]
    classes: tuple[str, ...]
    folders: dict[int, tuple[str, ...]]
    below: bool

    def named(self, split: int) -> str:
        """The folders of a split in words, such as ``val/``."""
        return " and ".join(f"{name}/" for name in self.folders[split])


def split_of_name(name: str) -> int:
    """The split that a folder or list is named after, else ``NONE``."""
    match = _NAME.fullmatch(name.lower())
    return WORDS[match[1]] if match else NONE


def read_split_folders(paths: Sequence[str]) -> SplitFolders | None:
    """The official division that folders name, or None where they name none.

    Folders are splits when one is named after training and another after validation or test, and when class folders
    lie in them, or no videos lie in other folders beside them: a class may be called ``test``. They are looked for at
    the top (below folders that all videos share), then below the class folders. A class is the first folder below the
    split.

    Args:
        paths: of videos, relative to their root, with forward slashes.
    """
    inner = _below_shared(paths)
    for depth in range(max(map(len, inner), default=0)):
        splits = np.array([split_of_name(f[depth]) if len(f) > depth else NONE for f in inner], dtype=np.int64)
        there = set(splits.tolist())
        if TRAIN in there and there & {VALIDATION, TEST} and _is_division(inner, splits, depth):
            return _read(inner, splits, depth)
    return None


def folders_without_training(paths: Sequence[str]) -> tuple[str, ...]:
    """Names of the folders at the top where they are splits, all but training, with class folders in each; else ()."""
    inner = _below_shared(paths)
    tops = {folders[0] for folders in inner if folders}
    deep = {folders[0] for folders in inner if len(folders) > 1}
    splits = {split_of_name(name) for name in tops}
    return tuple(sorted(tops)) if len(tops) > 1 and tops == deep and splits <= {VALIDATION, TEST} else ()


def split_folders_of(manifest: Manifest) -> SplitFolders | None:
    """The official division that the folders of a manifest's examples name, one entry an example, or None.

    Files that are left out count as well, so that a damaged one doesn't change what a folder means; but for samples of
    shards, of which only sound ones have a place in a folder.
    """
    paths = manifest.folder_paths
    folders = read_split_folders([*paths, *(() if manifest.places else (one.path for one in manifest.defects))])
    if folders is None:
        return None
    return replace(folders, split=folders.split[: len(paths)], classes=folders.classes[: len(paths)])


def training_part(manifest: Manifest, source: str) -> Manifest:
    """The examples of the folders that are named after training.

    Raises:
        ConfigError: when there are none.
    """
    folders = split_folders_of(manifest)
    if folders is None or not (folders.split == TRAIN).any():
        raise ConfigError(f"{source}: data.split is 'train', but there is no train/ beside a val/ or test/ with videos")
    return manifest.subset(np.flatnonzero(folders.split == TRAIN))


def _below_shared(paths: Sequence[str]) -> list[list[str]]:
    """The folders of every path, without those that all paths in folders share."""
    inner = [path.split("/")[:-1] for path in paths]
    shared = _shared([folders for folders in inner if folders])
    return [folders[shared:] for folders in inner]


def _is_division(inner: list[list[str]], splits: Int[np.ndarray, " n"], depth: int) -> bool:
    inside = splits != NONE
    if depth:  # below class folders: what is named so in a corner of the folder divides nothing
        return bool(2 * inside.sum() > sum(map(bool, inner)))
    beside = any(len(folders) > 0 and not at for folders, at in zip(inner, inside, strict=True))
    deep = {
        one: any(s == one and len(f) > 1 for f, s in zip(inner, splits, strict=True)) for one in set(splits[inside])
    }
    return all(deep.values()) or not beside


def _read(inner: list[list[str]], splits: Int[np.ndarray, " n"], depth: int) -> SplitFolders:
    at = [split != NONE for split in splits.tolist()]
    rest = [folders[depth + 1 :] for folders in inner]
    if depth:
        classes = ["/".join(folders[:depth]) if inside else "" for folders, inside in zip(inner, at, strict=True)]
    else:
        below = [folders for folders, inside in zip(rest, at, strict=True) if inside and folders]
        first = min(_shared(below), min(map(len, below), default=1) - 1)
        classes = [f[first] if inside and len(f) > first else "" for f, inside in zip(rest, at, strict=True)]
    names: dict[int, set[str]] = {}
    for folders, split in zip(inner, splits.tolist(), strict=True):
        if split != NONE:
            names.setdefault(split, set()).add(folders[depth])
    return SplitFolders(
        splits, tuple(classes), {one: tuple(sorted(names[one])) for one in sorted(names)}, below=depth > 0
    )


def _shared(inner: list[list[str]]) -> int:
    """How many folders all of some videos share."""
    if not inner:
        return 0
    low, high = min(inner), max(inner)
    return next((n for n, (a, b) in enumerate(zip(low, high)) if a != b), min(len(low), len(high)))  # noqa: B905
