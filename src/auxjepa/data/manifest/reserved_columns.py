"""Reserved columns of labels: ``group`` keeps related examples together, and ``split`` is an official division.

``group`` names the subject, the camera or the recording of an example. Examples of one group are always in one split.
A rule on names can replace the column. ``split`` names the split of each example. A column is
only a division if its values are names of splits and training is among them; otherwise it is a label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auxjepa.config import ConfigError
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.split import NONE, TEST, TRAIN, VALIDATION
from auxjepa.data.manifest.split_folders import SplitFolders, split_folders_of, split_of_name

GROUP, SPLIT = "group", "split"
PLACE = "{}"
"""Place of the group in a rule on names."""


@dataclass(frozen=True)
class SplitColumn(SplitFolders):
    """The official division of a column of labels. ``folders`` holds the values that name each split."""

    def named(self, split: int) -> str:
        """Return the values of a split in words, such as ``split 'val'``."""
        return " and ".join(f"{SPLIT} {value!r}" for value in self.folders[split])

    @property
    def origin(self) -> str:
        """Source of the division in words."""
        return f"the column {SPLIT!r}"


def split_column_of(manifest: Manifest) -> SplitColumn | None:
    """Return the official division of the column ``split``, or None if there is no such division.

    Args:
        manifest: the examples; an example without a value is in no split.

    Raises:
        ConfigError: if most values are names of splits, and another one isn't.
    """
    if SPLIT not in manifest.labels:
        return None
    values = manifest.classes[SPLIT]
    splits = [split_of_name(value) for value in values]
    words = [value for value, split in zip(values, splits, strict=True) if split != NONE]
    if NONE in splits and TRAIN in splits and len(words) > 1 and len(words) * 2 >= len(values):
        odd = next(value for value, split in zip(values, splits, strict=True) if split == NONE)
        raise ConfigError(
            f"labels.csv: column {SPLIT!r} has {odd!r}, which is no split, next to {', '.join(map(repr, words[:3]))}: "
            "correct it, leave the cell empty, or give the column another name"
        )
    if NONE in splits or TRAIN not in splits or not {VALIDATION, TEST} & set(splits):
        return None
    table = np.array([*splits, NONE], dtype=np.int64)  # the last entry is for -1, which means no value
    folders = {
        split: tuple(value for value, own in zip(values, splits, strict=True) if own == split)
        for split in sorted(set(splits))
    }
    classes = tuple(path.rpartition("/")[0] for path in manifest.folder_paths)
    return SplitColumn(table[manifest.labels[SPLIT]], classes, folders, below=False)


def official_split_of(manifest: Manifest) -> SplitFolders | None:
    """Return the official division of examples: that of the column ``split``, else that of folders, else None.

    Args:
        manifest: the examples.
    """
    return split_column_of(manifest) or split_folders_of(manifest)


def training_part(manifest: Manifest, source: str) -> Manifest:
    """Return the training examples of an official division.

    Args:
        manifest: the examples.
        source: source of the examples, for errors.

    Raises:
        ConfigError: if there are none.
    """
    division = official_split_of(manifest)
    if division is None or not (division.split == TRAIN).any():
        raise ConfigError(
            f"{source}: data.split is 'train', but there is no train/ next to a val/ or test/ with videos, and no "
            f"column {SPLIT!r} with 'train'"
        )
    return manifest.subset(np.flatnonzero(division.split == TRAIN))


def label_columns(manifest: Manifest) -> list[str]:
    """Return the names of the columns that are labels, without the reserved ones.

    Args:
        manifest: the examples.
    """
    reserved = {GROUP} | ({SPLIT} if split_column_of(manifest) is not None else set())
    return [name for name in manifest.labels if name not in reserved]


def group_keys(manifest: Manifest, rule: str = "") -> list[str | None] | None:
    """Return the group of every example by the rule or by the column ``group``; None without either.

    Args:
        manifest: the examples; an example without a value is related to no other example.
        rule: text with ``{}`` at the place of the group: ``subject{}_`` is the text between "subject" and the next "_"
            of a file name, ``{}_`` the text before its first "_", and ``/{}/`` the first folder.

    Raises:
        ConfigError: if the rule has no ``{}``, or matches no path.
    """
    if rule:
        return _match_rule(rule, manifest.video_names)
    if GROUP not in manifest.labels:
        return None
    return [None if value < 0 else str(value) for value in manifest.labels[GROUP].tolist()]


def _match_rule(rule: str, names: Sequence[str]) -> list[str | None]:
    if rule.count(PLACE) != 1 or rule == PLACE:
        raise ConfigError(
            f"group rule {rule!r}: write {PLACE} once at the place of the group, with the text around it, as in "
            "subject{}_ or {}_ or /{}/"
        )
    before, after = rule.split(PLACE)
    keys = [_between(name, before, after) for name in names]
    if not any(keys):
        example = f", such as {names[0]!r}" if names else ""
        raise ConfigError(f"group rule {rule!r} matches no path{example}")
    return keys


def _between(path: str, before: str, after: str) -> str | None:
    """Return the text between two texts of a path; None if there is none.

    Only the file name is searched, unless one of the texts has a slash.
    """
    text = f"/{path}" if "/" in before + after else path.rpartition("/")[2]
    start = text.find(before)
    if start < 0:
        return None
    start += len(before)
    end = text.find(after, start) if after else len(text)
    return text[start:end] or None if end >= 0 else None
