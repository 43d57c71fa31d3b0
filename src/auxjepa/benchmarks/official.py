"""Prepared data sets as benchmarks: official training and test examples, with validation examples held out from
training.

A video gives one clip that is spread evenly over its whole length and cropped at the centre (docs/paper/protocols.md).
Examples that can't be read have no clips. ``coverage`` is the share of the official split that was read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int

from auxjepa.benchmarks.division import gaps, groups_of
from auxjepa.benchmarks.division_notes import count_of
from auxjepa.benchmarks.official_splits import find_test_split, training_name
from auxjepa.config import ConfigError, DataConfig, hint
from auxjepa.data.cache.build import build_cache
from auxjepa.data.cache.jpeg import Clips
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.split import (
    SPLITS,
    VALIDATION_SHARE,
    group_names,
    group_related,
    hold_out,
)
from auxjepa.data.sets import find_set
from auxjepa.data.sets.prepared_set import number_classes, read_set
from auxjepa.data.sets.set_manifest import open_set

GROUPS = ("group", "participant")
"""Label columns that name groups. Validation and training examples share no group, except for classes that have a
single group."""


class Opened(NamedTuple):
    """Clips and label values of a split.

    Args:
        clips: clips as uint8.
        labels: label value of each clip.
        key: key of the clips.
        coverage: share of the official examples that could be read.
        example: example of each clip.
        unit: group of related examples of each clip, see :func:`independent_units`.
    """

    clips: Clips
    labels: Int[np.ndarray, " n"]
    key: str
    coverage: float
    example: Int[np.ndarray, " n"]
    unit: Int[np.ndarray, " n"]


def open_official(
    data: DataConfig, label: str, split: str, *, views: int = 1, workers: int = 2, progress: bool = True
) -> Opened:
    """Return the clips of a split of the prepared set ``data.source``.

    Args:
        data: source, root, frames and size are used; with several views also stride and fps.
        label: label column; '' or 'folder' for the default of the data set.
        split: ``train``, ``validation`` or ``test``.
        views: clips of each test example, at random places in equal parts of it; one clip is spread over the whole.
        workers: processes that decode.
        progress: whether progress is shown on standard error.

    Raises:
        ConfigError: if there is no such set, label or test split.
        ManifestError: see :mod:`auxjepa.data`.
        CacheError: see :mod:`auxjepa.data`.
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
    unit = independent_units(manifest)[example]
    return Opened(cache.clips, labels[example], f"{cache.key} {label} {split}", manifest.coverage, example, unit)


def official_split(data: DataConfig, label: str, split: str) -> tuple[Manifest, str]:
    """Return the usable, labelled examples of a split, and the name of the label column.

    In lists and folders of the user, training examples that are also test examples (the same file, or one of equal
    content) are left out. Files of equal content are in the same split. Public data sets stay as published.

    Args:
        data: source and root are used.
        label: label column; '' or 'folder' for the default of the data set.
        split: ``train``, ``validation`` or ``test``.

    Raises:
        ConfigError: if there is no such set, label or test split.
        ConfigError: if all training examples are test examples.
    """
    name = data.source.partition("/")[0]
    prepared = read_set(name, data.root)
    chosen = prepared.label if label in ("", "folder") else label
    if chosen is None or chosen not in prepared.classes:
        raise ConfigError(f"{name} has no label column {label!r}{hint(label, prepared.classes)}")
    own = find_set(prepared.data_set).generic
    train = training_name(data, prepared)
    if split == "test":
        return _labelled(find_test_split(prepared, train, chosen, data)[1], chosen), chosen
    manifest = open_set(f"{name}/{train}", data.root)
    if chosen not in manifest.labels:
        raise ConfigError(f"{name}/{train} has no {chosen} labels")
    manifest = _labelled(manifest, chosen)
    if own:
        tested = shared_examples(manifest, _labelled(find_test_split(prepared, train, chosen, data)[1], chosen))
        if tested.all():
            raise ConfigError(
                f"{name}: all {len(manifest):,} examples to train on ({train}) are test examples too (the same files, "
                "or files of equal content): nothing is left to train on; give other lists"
            )
        manifest = manifest.subset(np.flatnonzero(~tested))
    is_validation = _is_held_out(manifest, chosen, own)
    return manifest.subset(np.flatnonzero(is_validation == (split == "validation"))), chosen


def shared_examples(manifest: Manifest, other: Manifest) -> Bool[np.ndarray, " n"]:
    """Return whether each example of a manifest shares its file, or the file's content, with an example of another
    manifest.

    Args:
        manifest: the examples.
        other: the other examples.
    """
    both = groups_of([*manifest.entries, *other.entries])
    return np.isin(both[: len(manifest)], both[len(manifest) :])


def independent_units(manifest: Manifest) -> Int[np.ndarray, " n"]:
    """Return the group of related examples of each example.

    Examples of one file or of equal content are related. Examples with the same value of a label column that names
    groups (:data:`GROUPS`) are related too.

    Args:
        manifest: the examples.
    """
    columns = [manifest.labels[name] for name in GROUPS if name in manifest.labels]
    keys = [[value if value >= 0 else None for value in column.tolist()] for column in columns[:1]]
    paths, contents = ([getattr(e.file, name) for e in manifest.entries] for name in ("path", "hash"))
    return group_related(paths, contents, *keys)


class Splits(NamedTuple):
    """Three splits of a prepared set.

    Args:
        manifests: examples by split.
        label: the label column.
        numbers: label values that count as classes, in ascending order. In a public data set, these are all values
            of its
            official list. In lists and folders of the user, these are the values of usable examples.
        public: whether it is a public data set.
        version: version of the benchmark; 2 if copies changed the result of version 1.
        notes: notes for the user.
    """

    manifests: dict[str, Manifest]
    label: str
    numbers: list[int]
    public: bool
    version: int
    notes: tuple[str, ...]


def open_splits(data: DataConfig, label: str) -> Splits:
    """Return all splits of a prepared set, with notes for the user.

    Args:
        data: source and root are used.
        label: label column; '' or 'folder' for the default of the data set.

    Raises:
        ConfigError: if :func:`official_split` raises it.
        ConfigError: if there is only one class, or no validation example.
    """
    prepared = read_set(data.source.partition("/")[0], data.root)
    own = find_set(prepared.data_set).generic
    opened = {split: official_split(data, label, split) for split in SPLITS}
    manifests, column = {split: one[0] for split, one in opened.items()}, opened["test"][1]
    name, notes = data.source, []
    if not len(manifests["validation"]):
        raise ConfigError(f"{name}: no class has two videos to train on, so that none can be held out for validation")
    train = training_name(data, prepared)
    every = open_set(f"{prepared.name}/{train}", data.root)
    for split, manifest in ((train, every), find_test_split(prepared, train, column, data)):
        missing = int((manifest.labels[column] < 0).sum())
        if missing:
            of = count_of(len(manifest), "example")
            notes.append(f"{missing:,} of {of} of {split} without a {column} label: left out")
    listed = _labelled(every, column)
    shared = int(shared_examples(listed, manifests["test"]).sum())
    if shared:
        paths = {entry.file.path for entry in manifests["test"].entries}
        same = sum(entry.file.path in paths for entry in listed.entries)
        end = "left out of training" if own else "the published split is kept as it is"
        notes.append(
            f"{shared:,} of {count_of(len(listed), 'training example')} are test examples too ({same:,} the same file, "
            f"{shared - same:,} another file of equal content): {end}"
        )
    copies = sum(number - 1 for number in Counter(dict(_files(listed, manifests["test"])).values()).values())
    if copies:
        notes.append(
            f"{count_of(copies, 'file')} of equal content with others" + (": they share a split" if own else "")
        )
    named = {number: value for value, number in number_classes(prepared.classes[column]).items()}
    numbers = (
        np.unique(np.concatenate([one.labels[column] for one in manifests.values()])).tolist() if own else sorted(named)
    )
    if len(numbers) < 2:
        raise ConfigError(f"{name}: only one class ({named[numbers[0]]}): there is nothing to tell apart")
    places = {split: np.searchsorted(np.array(numbers), one.labels[column]) for split, one in manifests.items()}
    lacking = gaps(places, [named[number] for number in numbers], name)
    if lacking and not own:
        notes.append(f"chance, heads and top-k count all {len(numbers):,} classes of the official list")
    notes += lacking
    changed = own and bool(copies or shared)
    return Splits(manifests, column, numbers, not own, 2 if changed else 1, tuple(f"{name}: {note}" for note in notes))


def _files(*manifests: Manifest) -> Iterator[tuple[str, str]]:
    """Yield the path and the content hash of every file that has a content hash."""
    return ((e.file.path, e.file.hash) for one in manifests for e in one.entries if e.file.hash)


def official_sizes(data_set: str, test: str) -> tuple[int, int, int]:
    """Return the numbers of training, validation and test examples from the card of a data set.

    ``VALIDATION_SHARE`` of the training examples are held out for validation. A machine can read at most these numbers.

    Args:
        data_set: name of the data set.
        test: name of the test split.

    Raises:
        ConfigError: if there is no such data set, or its card doesn't count both splits.
    """
    sizes = find_set(data_set).card.sizes
    if "train" not in sizes or test not in sizes:
        raise ConfigError(f"the card of {data_set} doesn't count the examples of train and {test}")
    return sizes["train"], round(VALIDATION_SHARE * sizes["train"]), sizes[test]


def _labelled(manifest: Manifest, label: str) -> Manifest:
    return manifest.subset(np.flatnonzero(manifest.labels[label] >= 0))


def _is_held_out(manifest: Manifest, label: str, own: bool) -> Bool[np.ndarray, " n"]:
    """Return whether each training example is held out for validation, as whole groups or videos.

    The selection is that of :func:`auxjepa.data.manifest.split.hold_out`.

    Args:
        manifest: training examples.
        label: label column.
        own: whether files of equal content count as one.
    """
    column = next((manifest.labels[name] for name in GROUPS if name in manifest.labels), None)
    names = [entry.file.path for entry in manifest.entries] if column is None else [str(number) for number in column]
    if own:
        groups = group_related(names, [entry.file.hash for entry in manifest.entries])
        if groups.max() + 1 < len(set(names)):
            by_group = group_names(names, groups)
            return hold_out([by_group[group] for group in groups.tolist()], manifest.labels[label], whole=True)
    return hold_out(names, manifest.labels[label], whole=False)
