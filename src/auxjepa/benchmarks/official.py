"""Prepared data sets as benchmarks: official training and test examples, validation examples carved out of the former.

A video gives one clip spread evenly over its whole length, cut in the middle (docs/paper/protocols.md). Examples that
can't be read are no part of the clips, but of the score: ``coverage`` says how much of the official split was read.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from auxjepa.config import ConfigError, DataConfig, hint
from auxjepa.data.cache import build_cache
from auxjepa.data.jpeg import Clips
from auxjepa.data.manifest import Manifest
from auxjepa.data.sets import find
from auxjepa.data.sets.opened import open_set
from auxjepa.data.sets.prepare import read_set

TESTS = ("test", "validation", "val", "validate")
"""Names of the split that is scored, the first that is there and labelled."""
FIXED = {"kinetics400": "val", "kinetics600": "val", "kinetics700": "val", "kinetics700_2020": "val"}
"""Where the field scores another split than a test split that some have labels of."""
GROUPS = ("group", "participant")
"""Label columns whose values validation examples don't share with training examples, where there are any; but for
classes that no other value has."""
HELD = 0.1
"""Share of the training examples that hyperparameters are chosen on."""


class Opened(NamedTuple):
    """Clips and class numbers of a split, a key of the clips, the share of the official examples that could be read,
    and which example each clip is of."""

    clips: Clips
    labels: Int[np.ndarray, " n"]
    key: str
    coverage: float
    example: Int[np.ndarray, " n"]


def open_official(
    data: DataConfig, label: str, split: str, *, views: int = 1, workers: int = 2, progress: bool = True
) -> Opened:
    """A split (``train``, ``validation`` or ``test``) of the prepared set ``data.source``.

    Args:
        data: source, root, frames and size are used; with several views also stride and fps.
        label: a label column; '' or 'folder' means the data set's own. views: clips of each test example, at random
            places in equal parts of it; one is spread over the whole.

    Raises:
        ConfigError: when there is no such set, label or test split. ManifestError, CacheError: see :mod:`auxjepa.data`.
    """
    manifest, label = official_split(data, label, split)
    labels = manifest.labels[label]
    many = views if split == "test" else 1
    clips = {"root": data.root, "frames": data.frames, "size": data.size, "workers": workers, "progress": progress}
    if many == 1:
        cache = build_cache(manifest, where="uniform", **clips)
    else:
        cache = build_cache(manifest, stride=data.stride, fps=data.fps, count=many * len(manifest), **clips)
    example = np.repeat(np.arange(len(manifest)), many)
    return Opened(cache.clips, labels[example], f"{cache.key} {label} {split}", manifest.coverage, example)


def official_split(data: DataConfig, label: str, split: str) -> tuple[Manifest, str]:
    """The usable, labelled examples of a split, and the name of the label column.

    Raises:
        ConfigError: see :func:`open_official`.
    """
    name = data.source.partition("/")[0]
    prepared = read_set(name, data.root)
    chosen = prepared.label if label in ("", "folder") else label
    if chosen is None or chosen not in prepared.classes:
        raise ConfigError(f"{name} has no label column {label!r}{hint(label, prepared.classes)}")
    train = data.source.partition("/")[2] or prepared.split
    if split == "test":
        number = train.removeprefix("train")  # the test split that belongs to train2 is test2
        wanted = [FIXED[prepared.data_set]] if prepared.data_set in FIXED else [f"{word}{number}" for word in TESTS]
        for test in wanted:
            if test in prepared.splits and test != train and prepared.splits[test].usable:
                manifest = open_set(f"{name}/{test}", data.root)
                if chosen in manifest.labels:
                    return _labelled(manifest, chosen), chosen
        raise ConfigError(f"{name} has no labelled split to test on beside {train!r} (looked for {', '.join(wanted)})")
    manifest = open_set(f"{name}/{train}", data.root)
    if chosen not in manifest.labels:
        raise ConfigError(f"{name}/{train} has no {chosen} labels")
    manifest = _labelled(manifest, chosen)
    held = _held(manifest, chosen)
    return _some(manifest, np.flatnonzero(held == (split == "validation"))), chosen


def official_sizes(data_set: str, test: str) -> tuple[int, int, int]:
    """Examples to train, validate and test on, as the set's card counts those of ``train`` and of the split ``test``;
    ``HELD`` of the training examples are held out to validate on. What can be read on a machine is at most that.

    Raises:
        ConfigError: when there is no such data set, or its card doesn't count both splits.
    """
    sizes = find(data_set).card.sizes
    if "train" not in sizes or test not in sizes:
        raise ConfigError(f"the card of {data_set} doesn't count the examples of train and {test}")
    return sizes["train"], round(HELD * sizes["train"]), sizes[test]


def _labelled(manifest: Manifest, label: str) -> Manifest:
    return _some(manifest, np.flatnonzero(manifest.labels[label] >= 0))


def _some(manifest: Manifest, chosen: Int[np.ndarray, " k"]) -> Manifest:
    return replace(
        manifest,
        entries=tuple(manifest.entries[n] for n in chosen),
        labels={name: column[chosen] for name, column in manifest.labels.items()},
        texts=tuple(manifest.texts[n] for n in chosen) if manifest.texts else (),
    )


def _held(manifest: Manifest, label: str) -> np.ndarray:
    """Which training examples validate, bool ``[n]``: whole groups or videos at a time, in an order that follows from
    their names alone.

    Where these belong to one class each, the share ``HELD`` of every class (one at least, of two or more); where they
    span classes, as participants do, that share of all. A class that would keep nothing to be trained on stays.
    """
    column = next((manifest.labels[name] for name in GROUPS if name in manifest.labels), None)
    names = [entry.file.path for entry in manifest.entries] if column is None else [str(n) for n in column]
    labels = manifest.labels[label]
    classes: dict[str, set[int]] = {}
    for name, number in zip(names, labels.tolist(), strict=True):
        classes.setdefault(name, set()).add(number)
    held: set[str] = set()
    if any(len(numbers) > 1 for numbers in classes.values()):
        _hold(names, held)
    else:
        for number in np.unique(labels).tolist():
            _hold([names[n] for n in np.flatnonzero(labels == number)], held)
    chosen = np.array([name in held for name in names])
    return chosen & np.isin(labels, labels[~chosen])


def _hold(names: list[str], held: set[str]) -> None:
    """Add names until they are those of the share ``HELD`` of the examples, one name at least of two or more."""
    sizes, wanted, taken = Counter(names), max(1, round(HELD * len(names))), 0
    ranked = sorted(sizes, key=lambda name: hashlib.blake2b(name.encode()).digest())
    for name in ranked[:-1]:
        if taken >= wanted:
            break
        held.add(name)
        taken += sizes[name]
