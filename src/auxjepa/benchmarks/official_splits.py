"""Chooses the training and the test split of a prepared data set by their names."""

from __future__ import annotations

from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.split import TEST, TRAIN, VALIDATION
from auxjepa.data.manifest.split_folders import split_of_name
from auxjepa.data.sets import find_set
from auxjepa.data.sets.prepared_set import PreparedSet
from auxjepa.data.sets.set_manifest import open_set

TESTS = ("test", "validation", "val", "validate")
"""Names of the test split in order of preference. The first split that exists and has labels is used."""
FIXED = {"kinetics400": "val", "kinetics600": "val", "kinetics700": "val", "kinetics700_2020": "val"}
"""Splits that the field scores instead of the test split, for sets with partially available test labels."""


def training_name(data: DataConfig, prepared: PreparedSet) -> str:
    """Return the name of the training split: the one that the source names, or the default one.

    Args:
        data: source is used.
        prepared: the data set.
    """
    return data.source.partition("/")[2] or _default_training_split(prepared)


def _default_training_split(prepared: PreparedSet) -> str:
    """Return the default split if it has the name of a training split, else the first such split."""
    if split_of_name(prepared.split) == TRAIN:
        return prepared.split
    return next((name for name in prepared.splits if split_of_name(name) == TRAIN), prepared.split)


def find_test_split(prepared: PreparedSet, train: str, label: str, data: DataConfig) -> tuple[str, Manifest]:
    """Return the name and examples of the labelled test split. Some of these examples may have no label.

    Args:
        prepared: the data set.
        train: name of the training split.
        label: label column.
        data: root is used.

    Raises:
        ConfigError: if no split with labels can be a test split.
    """
    number = train.removeprefix("train")  # the test split that belongs to train2 is test2
    wanted = [FIXED[prepared.data_set]] if prepared.data_set in FIXED else [f"{word}{number}" for word in TESTS]
    if find_set(prepared.data_set).generic:  # users also choose other names, such as Testing or eval_256
        places = {name: split_of_name(name) for name in prepared.splits}
        wanted += [name for place in (TEST, VALIDATION) for name, its in places.items() if its == place]
    for test in dict.fromkeys(wanted):
        if test in prepared.splits and test != train and prepared.splits[test].usable:
            manifest = open_set(f"{prepared.name}/{test}", data.root)
            if label in manifest.labels:
                return test, manifest
    there = ", ".join(dict.fromkeys(wanted))
    raise ConfigError(f"{prepared.name} has no labelled split to test on except {train!r} (looked for {there})")
