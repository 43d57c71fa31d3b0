"""Prepared data sets as benchmarks: official training and test examples, validation examples carved out of the former.

A video gives one clip spread evenly over its whole length, cut in the middle (docs/paper/protocols.md). Examples that
can't be read are no part of the clips, but of the score: ``coverage`` says how much of the official split was read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int

from auxjepa.benchmarks.division import count_of, gaps, groups_of
from auxjepa.config import ConfigError, DataConfig, hint
from auxjepa.data.cache.build import build_cache
from auxjepa.data.cache.jpeg import Clips
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.split import (
    SPLITS,
    TEST,
    TRAIN,
    VALIDATION,
    VALIDATION_SHARE,
    group_names,
    group_related,
    hold_out,
)
from auxjepa.data.manifest.split_folders import split_of_name
from auxjepa.data.sets import find_set
from auxjepa.data.sets.prepared_set import PreparedSet, number_classes, read_set
from auxjepa.data.sets.set_manifest import open_set

TESTS = ("test", "validation", "val", "validate")
"""Names of the split that is scored, the first that is there and labelled."""
FIXED = {"kinetics400": "val", "kinetics600": "val", "kinetics700": "val", "kinetics700_2020": "val"}
"""Where the field scores another split than a test split that some have labels of."""
GROUPS = ("group", "participant")
"""Label columns whose values validation examples don't share with training examples, where there are any; but for
classes that no other value has."""


class Opened(NamedTuple):
    """Clips and label values of a split, a key of the clips, the share of the official examples that could be read,
    which example each clip is of, and which group of related examples (:func:`independent_units`)."""

    clips: Clips
    labels: Int[np.ndarray, " n"]
    key: str
    coverage: float
    example: Int[np.ndarray, " n"]
    unit: Int[np.ndarray, " n"]


def open_official(
    data: DataConfig, label: str, split: str, *, views: int = 1, workers: int = 2, progress: bool = True
) -> Opened:
    """A split (``train``, ``validation`` or ``test``) of the prepared set ``data.source``.

    Args:
        data: source, root, frames and size are used; with several views also stride and fps.
        label: a label column; '' or 'folder' means the data set's own.
        views: clips of each test example, at random places in equal parts of it; one is spread over the whole.

    Raises:
        ConfigError: when there is no such set, label or test split.
        ManifestError, CacheError: see :mod:`auxjepa.data`.
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
    """The usable, labelled examples of a split, and the name of the label column.

    Of lists and folders of one's own, training examples that are test examples too (the same file, or one of equal
    content) are left out, and files of equal content validate or train together. Public data sets stay as published.

    Raises:
        ConfigError: see :func:`open_official`; or when all training examples are test examples.
    """
    name = data.source.partition("/")[0]
    prepared = read_set(name, data.root)
    chosen = prepared.label if label in ("", "folder") else label
    if chosen is None or chosen not in prepared.classes:
        raise ConfigError(f"{name} has no label column {label!r}{hint(label, prepared.classes)}")
    own = find_set(prepared.data_set).generic
    train = _train_name(data, prepared)
    if split == "test":
        return _labelled(_test_split(prepared, train, chosen, data)[1], chosen), chosen
    manifest = open_set(f"{name}/{train}", data.root)
    if chosen not in manifest.labels:
        raise ConfigError(f"{name}/{train} has no {chosen} labels")
    manifest = _labelled(manifest, chosen)
    if own:
        tested = shared_examples(manifest, _labelled(_test_split(prepared, train, chosen, data)[1], chosen))
        if tested.all():
            raise ConfigError(
                f"{name}: all {len(manifest):,} examples to train on ({train}) are test examples too (the same files, "
                "or files of equal content): nothing is left to train on; give other lists"
            )
        manifest = manifest.subset(np.flatnonzero(~tested))
    held = _held(manifest, chosen, own)
    return manifest.subset(np.flatnonzero(held == (split == "validation"))), chosen


def shared_examples(manifest: Manifest, other: Manifest) -> Bool[np.ndarray, " n"]:
    """Which examples of a manifest are of a file of another one, or of a file of equal content."""
    both = groups_of([*manifest.entries, *other.entries])
    return np.isin(both[: len(manifest)], both[len(manifest) :])


def independent_units(manifest: Manifest) -> Int[np.ndarray, " n"]:
    """Which group of related examples each one is of: of one file or equal content, and of one value of a label column
    that names groups (:data:`GROUPS`)."""
    columns = [manifest.labels[name] for name in GROUPS if name in manifest.labels]
    keys = [[value if value >= 0 else None for value in column.tolist()] for column in columns[:1]]
    paths, contents = ([getattr(e.file, name) for e in manifest.entries] for name in ("path", "hash"))
    return group_related(paths, contents, *keys)


class Splits(NamedTuple):
    """The three splits of a prepared set.

    Args:
        manifests: by split.
        label: the label column.
        numbers: label values that count as classes, in ascending order: of a public data set all that its official
            list names, of lists and folders of one's own those that usable examples have.
        public: whether it is a public data set.
        version: 2 where copies changed what version 1 of such a benchmark did.
        notes: for people.
    """

    manifests: dict[str, Manifest]
    label: str
    numbers: list[int]
    public: bool
    version: int
    notes: tuple[str, ...]


def open_splits(data: DataConfig, label: str) -> Splits:
    """All splits of a prepared set, with what is to be said of them.

    Raises:
        ConfigError: see :func:`official_split`; or when there is only one class, or nothing to validate on.
    """
    prepared = read_set(data.source.partition("/")[0], data.root)
    own = find_set(prepared.data_set).generic
    opened = {split: official_split(data, label, split) for split in SPLITS}
    manifests, column = {split: one[0] for split, one in opened.items()}, opened["test"][1]
    name, notes = data.source, []
    if not len(manifests["validation"]):
        raise ConfigError(f"{name}: no class has two videos to train on, so that none can be held out for validation")
    train = _train_name(data, prepared)
    every = open_set(f"{prepared.name}/{train}", data.root)
    for split, manifest in ((train, every), _test_split(prepared, train, column, data)):
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
    """Path and content of every file that has a content."""
    return ((e.file.path, e.file.hash) for one in manifests for e in one.entries if e.file.hash)


def _train_name(data: DataConfig, prepared: PreparedSet) -> str:
    return data.source.partition("/")[2] or _training_split(prepared)


def _training_split(prepared: PreparedSet) -> str:
    """The split that is meant where none is named, else the first one that is named after training."""
    if split_of_name(prepared.split) == TRAIN:
        return prepared.split
    return next((name for name in prepared.splits if split_of_name(name) == TRAIN), prepared.split)


def _test_split(prepared: PreparedSet, train: str, label: str, data: DataConfig) -> tuple[str, Manifest]:
    """Name and examples of the labelled split that is tested on; some of these may have no label."""
    number = train.removeprefix("train")  # the test split that belongs to train2 is test2
    wanted = [FIXED[prepared.data_set]] if prepared.data_set in FIXED else [f"{word}{number}" for word in TESTS]
    if find_set(prepared.data_set).generic:  # people call them otherwise too: Testing, eval_256
        places = {name: split_of_name(name) for name in prepared.splits}
        wanted += [name for place in (TEST, VALIDATION) for name, its in places.items() if its == place]
    for test in dict.fromkeys(wanted):
        if test in prepared.splits and test != train and prepared.splits[test].usable:
            manifest = open_set(f"{prepared.name}/{test}", data.root)
            if label in manifest.labels:
                return test, manifest
    there = ", ".join(dict.fromkeys(wanted))
    raise ConfigError(f"{prepared.name} has no labelled split to test on beside {train!r} (looked for {there})")


def official_sizes(data_set: str, test: str) -> tuple[int, int, int]:
    """Examples to train, validate and test on, as the set's card counts those of ``train`` and of the split ``test``;
    ``VALIDATION_SHARE`` of the training examples are held out to validate on. What can be read on a machine is at most
    that.

    Raises:
        ConfigError: when there is no such data set, or its card doesn't count both splits.
    """
    sizes = find_set(data_set).card.sizes
    if "train" not in sizes or test not in sizes:
        raise ConfigError(f"the card of {data_set} doesn't count the examples of train and {test}")
    return sizes["train"], round(VALIDATION_SHARE * sizes["train"]), sizes[test]


def _labelled(manifest: Manifest, label: str) -> Manifest:
    return manifest.subset(np.flatnonzero(manifest.labels[label] >= 0))


def _held(manifest: Manifest, label: str, own: bool) -> Bool[np.ndarray, " n"]:
    """Which training examples validate: whole groups or videos at a time, see
    :func:`auxjepa.data.manifest.split.hold_out`.

    Args:
        own: names that share content are one.
    """
    column = next((manifest.labels[name] for name in GROUPS if name in manifest.labels), None)
    names = [entry.file.path for entry in manifest.entries] if column is None else [str(number) for number in column]
    if own:
        groups = group_related(names, [entry.file.hash for entry in manifest.entries])
        if groups.max() + 1 < len(set(names)):
            by_group = group_names(names, groups)
            return hold_out([by_group[group] for group in groups.tolist()], manifest.labels[label], whole=True)
    return hold_out(names, manifest.labels[label], whole=False)
