"""Labelled videos of one's own as a benchmark: labels from labels.csv or from the names of subfolders.

Videos (not clips) are divided 60 / 20 / 20 into training, validation and test, class by class, in a random
order that follows from the files' names alone. No video gives clips to two splits, also where labels.csv cuts it into
segments of several classes: it counts as one of its rarest class then.
"""

from __future__ import annotations

import hashlib
import re

import numpy as np
from jaxtyping import Int, UInt8

from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.cache import ClipCache
from auxjepa.data.pool import open_pool

SPLITS = ("train", "validation", "test")
EDGES = (0.6, 0.8)
FOLDER_LABEL = "folder"
_SEGMENT = re.compile(r"\[\d+:\d+\]$")


def open_split(
    data: DataConfig, label: str, split: str, *, workers: int = 2, progress: bool = True
) -> tuple[UInt8[np.ndarray, "n F X Y 3"], Int[np.ndarray, " n"], str]:
    """Clips, class numbers and a key of one split.

    Args:
        label: a column of labels.csv, or ``folder`` for the name of the subfolder that a video lies in.

    Raises:
        ConfigError: when there is no such column, a clip has no label, or a class has too few videos to be split.
    """
    cache = open_pool(data, workers=workers, progress=progress)
    labels, classes = read_labels(cache, label, data.source)
    videos = np.array([_SEGMENT.sub("", name) for name in cache.names])
    chosen = np.flatnonzero(assign(videos, labels, classes, data.source) == SPLITS.index(split))
    return np.asarray(cache.clips[chosen]), labels[chosen], f"{cache.key} {label} {split}"


def read_labels(cache: ClipCache, label: str, source: str) -> tuple[Int[np.ndarray, " n"], list[str]]:
    """Class number of every clip, 0 … classes - 1, and the classes' names.

    Raises:
        ConfigError: when there is no such column or a clip has no label.
    """
    if label == FOLDER_LABEL and label not in cache.labels:
        names = [name.rpartition("/")[0] for name in cache.names]
        if "" in names:
            raise ConfigError(f"{source}: {cache.names[names.index('')]} lies in no subfolder, so it has no class")
        classes = sorted(set(names))
        return np.array([classes.index(name) for name in names], dtype=np.int64), classes
    if label not in cache.labels:
        known = ", ".join([*cache.labels, FOLDER_LABEL])
        raise ConfigError(f"{source}: no label column {label!r} in labels.csv (known: {known})")
    values = cache.labels[label]
    if values.min() < 0:
        raise ConfigError(f"{source}: {int((values < 0).sum())} clips have no {label} label in labels.csv")
    numbers, compact = np.unique(values, return_inverse=True)
    written = cache.classes[label]
    # Whole numbers stand for themselves, other values for their place in the list of values.
    whole = all(name.isdecimal() for name in written)
    return compact.astype(np.int64), [str(number) if whole else written[number] for number in numbers]


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
