"""Reads the class of every example: from labels.csv, from shards or from the names of subfolders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from auxjepa.config import ConfigError
from auxjepa.data.manifest.labels import are_numbers
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.reserved_columns import SplitColumn, label_columns
from auxjepa.data.manifest.split_folders import SplitFolders, folders_without_training

FOLDER_LABEL = "folder"
SEPARATORS = (";", "|", ",")
"""Separators of several labels in a cell."""


def read_labels(
    manifest: Manifest, label: str, source: str, folders: SplitFolders | None = None
) -> tuple[Int[np.ndarray, " n"], list[str]]:
    """Return the class number of every example, 0 … C - 1, and the names of the classes.

    The number is -1 if an example has no label, or is outside the class folders of an official split.

    Args:
        manifest: the examples.
        label: label column.
        source: source of the examples, for errors.
        folders: split folders of the examples, or None.

    Raises:
        ConfigError: if there is no such column, or no example has a label.
    """
    column = label_column(manifest, label)
    if column is None:
        by_folder = None if isinstance(folders, SplitColumn) else folders
        names = _folder_names(manifest, source) if by_folder is None else _names_below_splits(by_folder, source)
        classes = sorted(set(names) - {""})
        numbers = {name: number for number, name in enumerate(classes)} | {"": -1}
        return np.array([numbers[name] for name in names], dtype=np.int64), classes
    if column not in manifest.labels:
        where = "the shards" if manifest.places else "labels.csv"
        columns = ", ".join([*label_columns(manifest), FOLDER_LABEL])
        raise ConfigError(f"{source}: no label column {label!r} in {where} (known: {columns})")
    values = manifest.labels[column]
    there = np.unique(values[values >= 0])
    if not len(there):
        raise ConfigError(f"{source}: all {len(values):,} clips have no {column} label")
    written = manifest.classes[column]
    if example := find_several_labels(written):
        raise ConfigError(
            f"{source}: column {column!r} holds several labels in a cell ({example!r}), and each example needs one "
            "label: write one column for each label"
        )
    # Whole numbers are class names; other values are indices into the list of names.
    whole = {int(name): name for name in written} if are_numbers(written) else None
    places = np.where(values < 0, -1, np.searchsorted(there, values)).astype(np.int64)
    return places, [whole[number] if whole else written[number] for number in there.tolist()]


def find_several_labels(values: Sequence[str]) -> str:
    """Return a value that lists several labels; "" if the values of a column are single labels.

    A separator divides labels if the parts of half of the values with it, or more, are also parts of other values.

    Args:
        values: different values of a column, as written.
    """
    for separator in SEPARATORS:
        parts = {value: {part.strip() for part in value.split(separator)} - {""} for value in values}
        joined = [value for value, own in parts.items() if len(own) > 1]
        counts = Counter(part for own in parts.values() for part in own)
        lists = [value for value in joined if all(counts[part] > 1 for part in parts[value])]
        if lists and 2 * len(lists) >= len(joined):
            return lists[0]
    return ""


def label_column(manifest: Manifest, label: str) -> str | None:
    """Return the column of a label; None if labels are the names of subfolders.

    Samples of shards without folders in their names are labelled by their ``cls``, or by their only column.

    Args:
        manifest: the examples.
        label: requested label.
    """
    if label != FOLDER_LABEL or label in manifest.labels:
        return label
    if not manifest.places or all("/" in path for path in manifest.places):
        return None
    if "class" in manifest.labels:
        return "class"
    return next(iter(manifest.labels)) if len(manifest.labels) == 1 else None


def _folder_names(manifest: Manifest, source: str) -> list[str]:
    """Return the folder of each video."""
    paths = manifest.folder_paths
    names = [path.rpartition("/")[0] for path in paths]
    lonely = folders_without_training(paths)
    if lonely:
        splits = " and ".join(f"{name}/" for name in lonely)
        raise ConfigError(f"{source}: {splits} are splits by their names, and there is no train/ to train on")
    if "" in names:
        name = manifest.entries[names.index("")].file.path
        columns = f"; --label chooses a column ({', '.join(manifest.labels)})" if manifest.labels else ""
        raise ConfigError(f"{source}: {name} is in no subfolder, so it has no class{columns}")
    return names


def _names_below_splits(folders: SplitFolders, source: str) -> list[str]:
    """Return the class folder of each video below (or above) the split folders, "" if it is in none."""
    if not any(folders.classes):
        splits = " and ".join(folders.named(split) for split in folders.folders)
        raise ConfigError(
            f"{source}: {splits} are splits by their names, and hold no class folders: put videos into "
            "train/CLASS/, or name their classes in a labels.csv and choose a column with --label"
        )
    return list(folders.classes)
