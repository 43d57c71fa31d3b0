"""Labelled videos of one's own as a benchmark: labels from labels.csv or from the names of subfolders.

Videos (not clips) are divided 60 / 20 / 20 into training, validation and test, class by class, in a random
order that follows from the files' names alone. So no video gives clips to two splits.
"""

from __future__ import annotations

import hashlib

import numpy as np
from jaxtyping import Int, UInt8

from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.cache import ClipCache
from auxjepa.data.folder import folder_clips

SHARES = {"train": (0.0, 0.6), "validation": (0.6, 0.8), "test": (0.8, 1.0)}
FOLDER_LABEL = "folder"


def open_split(
    data: DataConfig, label: str, split: str, *, workers: int = 2, progress: bool = True
) -> tuple[UInt8[np.ndarray, "n F X Y 3"], Int[np.ndarray, " n"], str]:
    """Clips, class numbers and a key of one split.

    Args:
        label: a column of labels.csv, or ``folder`` for the name of the subfolder that a video lies in.

    Raises:
        ConfigError: when there is no such column, a clip has no label, or a class has fewer than three videos.
    """
    cache = folder_clips(data, workers=workers, progress=progress)
    labels, _ = read_labels(cache, label, data.source)
    videos = np.array([name.partition("[")[0] for name in cache.names])
    chosen = np.flatnonzero(assign(videos, labels, data.source) == list(SHARES).index(split))
    return np.asarray(cache.clips)[chosen], labels[chosen], f"{cache.key} {label} {split}"


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
    return compact.astype(np.int64), [str(number) for number in numbers]


def assign(videos: np.ndarray, labels: Int[np.ndarray, " n"], source: str) -> Int[np.ndarray, " n"]:
    """Split (0 train, 1 validation, 2 test) of every clip."""
    out = np.empty(len(videos), dtype=np.int64)
    for value in np.unique(labels):
        mine = np.flatnonzero(labels == value)
        names = np.unique(videos[mine])
        if len(names) < 3:
            raise ConfigError(
                f"{source}: class {value} has {len(names)} videos; three are the fewest that can be split"
            )
        place = _ranks(names)
        # At least one video of every class in each split, the rest by the shares.
        edges = np.clip(np.round(np.array([0.6, 0.8]) * len(names)), [1, 2], [len(names) - 2, len(names) - 1])
        split = np.searchsorted(edges, place, side="right")
        out[mine] = split[np.searchsorted(names, videos[mine])]
    return out


def _ranks(names: np.ndarray) -> Int[np.ndarray, " k"]:
    """A random order of names that follows from the names alone."""
    order = np.argsort([hashlib.blake2b(str(name).encode(), digest_size=8).hexdigest() for name in names])
    ranks = np.empty(len(names), dtype=np.int64)
    ranks[order] = np.arange(len(names))
    return ranks
