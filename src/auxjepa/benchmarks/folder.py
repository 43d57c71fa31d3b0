"""Labelled videos of one's own as a benchmark: labels from labels.csv, from shards or from the names of subfolders.

Videos (not clips) are divided 60 / 20 / 20 into training, validation and test, class by class, in a random
order that follows from the files' names alone. No video gives clips to two splits, also where labels.csv cuts it into
segments of several classes: it counts as one of its rarest class then.
"""

from __future__ import annotations

import hashlib

import numpy as np
from jaxtyping import Int, UInt8

from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.cache import clips_per_example
from auxjepa.data.manifest import Manifest
from auxjepa.data.pool import open_manifest, open_pool

SPLITS = ("train", "validation", "test")
EDGES = (0.6, 0.8)
FOLDER_LABEL = "folder"


def open_split(
    data: DataConfig, label: str, split: str, *, workers: int = 2, progress: bool = True
) -> tuple[UInt8[np.ndarray, "n F X Y 3"], Int[np.ndarray, " n"], str]:
    """Clips, class numbers and a key of one split.

    Args:
        label: a column of labels.csv, or ``folder`` for the name of the subfolder that a video lies in.

    Raises:
        ConfigError: when there is no such column, no clip has a label, or a class has too few videos to be split.
    """
    manifest, labels, classes, _ = open_labelled(data, label, workers=workers, progress=progress)
    cache = open_pool(data, manifest, workers=workers, progress=progress)
    of = np.repeat(np.arange(len(manifest)), clips_per_example(len(manifest), data.clips, data.seed))
    videos, labels = np.array(manifest.video_names)[of], labels[of]
    chosen = np.flatnonzero(assign(videos, labels, classes, data.source) == SPLITS.index(split))
    return np.asarray(cache.clips[chosen]), labels[chosen], f"{cache.key} {label} {split}"


def open_labelled(
    data: DataConfig, label: str, *, workers: int = 2, progress: bool = True
) -> tuple[Manifest, Int[np.ndarray, " n"], list[str], str]:
    """The examples that have a label, their class numbers, the classes' names, and a line on those left out or "".

    Raises:
        ConfigError: when there is no such column, or no example has a label.
    """
    manifest = open_manifest(data, workers=workers, progress=progress)
    labels, classes = read_labels(manifest, label, data.source)
    there = np.flatnonzero(labels >= 0)
    left_out = len(manifest) - len(there)
    if not left_out:
        return manifest, labels, classes, ""
    told = f"{data.source}: {left_out:,} of {len(manifest):,} examples have no {label} label and are left out"
    return manifest.some(there), labels[there], classes, told


def read_labels(manifest: Manifest, label: str, source: str) -> tuple[Int[np.ndarray, " n"], list[str]]:
    """Class number of every example, 0 … classes - 1 and -1 where it has no label, and the classes' names.

    Raises:
        ConfigError: when there is no such column, or no example has a label.
    """
    column = label_column(manifest, label)
    if column is None:
        names = [path.rpartition("/")[0] for path in manifest.folder_paths]
        if "" in names:
            name = manifest.entries[names.index("")].name
            raise ConfigError(f"{source}: {name} lies in no subfolder, so it has no class")
        classes = sorted(set(names))
        numbers = {name: number for number, name in enumerate(classes)}
        return np.array([numbers[name] for name in names], dtype=np.int64), classes
    if column not in manifest.labels:
        where = "the shards" if manifest.places else "labels.csv"
        known = ", ".join([*manifest.labels, FOLDER_LABEL])
        raise ConfigError(f"{source}: no label column {label!r} in {where} (known: {known})")
    values = manifest.labels[column]
    there = np.unique(values[values >= 0])
    if not len(there):
        raise ConfigError(f"{source}: all {len(values):,} clips have no {label} label")
    written = manifest.classes[column]
    # Whole numbers stand for themselves, other values for their place in the list of values.
    whole = all(name.isdecimal() for name in written)
    places = np.where(values < 0, -1, np.searchsorted(there, values)).astype(np.int64)
    return places, [str(number) if whole else written[number] for number in there]


def label_column(manifest: Manifest, label: str) -> str | None:
    """The column that a label means; None for the names of subfolders.

    Samples of shards whose names have no folders are labelled by their ``cls``, or by the only column that they have.
    """
    if label != FOLDER_LABEL or label in manifest.labels:
        return label
    if not manifest.places or all("/" in path for path in manifest.places):
        return None
    if "class" in manifest.labels:
        return "class"
    return next(iter(manifest.labels)) if len(manifest.labels) == 1 else None


def assign(videos: np.ndarray, labels: Int[np.ndarray, " n"], classes: list[str], source: str) -> Int[np.ndarray, " n"]:
    """Split (0 train, 1 validation, 2 test) of every clip.

    Raises:
        ConfigError: when there is but one class, or one lacks videos for every split.
    """
    if len(classes) < 2:
        raise ConfigError(f"{source}: only one class ({classes[0]}): there is nothing to tell apart")
    names, place = np.unique(videos, return_inverse=True)
    frequency = np.bincount(labels, minlength=len(classes))
    rarest = np.full(len(names), -1)
    for clip in np.argsort(-frequency[labels], kind="stable"):  # the rarest class comes last and stays
        rarest[place[clip]] = labels[clip]
    split = np.empty(len(names), dtype=np.int64)
    for number, name in enumerate(classes):
        mine = np.flatnonzero(rarest == number)
        if len(mine) < 3:
            raise ConfigError(
                f"{source}: class {name} has {len(mine)} video{'s' * (len(mine) != 1)} of its own; three are the "
                "fewest that can be divided into training, validation and test"
            )
        # At least one video of every class in each split, the rest by the shares.
        cuts = np.clip(np.round(np.array(EDGES) * len(mine)), [1, 2], [len(mine) - 2, len(mine) - 1])
        split[mine] = np.searchsorted(cuts, _ranks(names[mine]), side="right")
    return split[place]


def _ranks(names: np.ndarray) -> Int[np.ndarray, " k"]:
    """A random order of names that follows from the names alone."""
    keys = [hashlib.blake2b(str(name).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest() for name in names]
    order = np.argsort(keys)
    ranks = np.empty(len(names), dtype=np.int64)
    ranks[order] = np.arange(len(names))
    return ranks
