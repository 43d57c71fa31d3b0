"""Folders named after splits: above class folders, below them, and folders with similar names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auxjepa.config import ConfigError
from auxjepa.data.manifest.manifest import Entry, Manifest
from auxjepa.data.manifest.reserved_columns import training_part
from auxjepa.data.manifest.scan import Scanned
from auxjepa.data.manifest.split import NONE, TEST, TRAIN, VALIDATION
from auxjepa.data.manifest.split_folders import read_split_folders, split_folders_of, split_of_name


def paths(*folders: str, each: int = 2) -> list[str]:
    return [f"{folder}/{number}.mp4" if folder else f"{number}.mp4" for folder in folders for number in range(each)]


@pytest.mark.parametrize(
    ("names", "split"),
    [
        (["train", "Train", "TRAINING", "train_256", "train-480p", "videos_train", "rawframes_train"], TRAIN),
        (["val", "valid", "Validation", "validate", "dev", "val_256"], VALIDATION),
        (["test", "testing", "eval", "Evaluation", "test_320x240"], TEST),
        (["trains", "train1", "train_1", "attest", "val_old", "test_tube", "trainstation", "", "red"], NONE),
    ],
)
def test_names_of_splits(names: list[str], split: int) -> None:
    assert {split_of_name(name) for name in names} == {split}


@pytest.mark.parametrize(
    "words", [("train", "val", "test"), ("Training", "VALID", "eval"), ("train_256", "dev", "test")]
)
def test_splits_above_class_folders(words: tuple[str, str, str]) -> None:
    names = paths(*(f"{word}/{color}" for word in words for color in ("red", "blue")))
    result = read_split_folders(names)
    assert result is not None and not result.below
    assert result.split.tolist() == [TRAIN] * 4 + [VALIDATION] * 4 + [TEST] * 4
    assert result.classes == ("red", "red", "blue", "blue") * 3
    assert (
        result.folders == {place: (word,) for place, word in enumerate(words)} and result.named(TRAIN) == f"{words[0]}/"
    )


@pytest.mark.parametrize("other", ["val", "test"])
def test_two_splits_are_enough(other: str) -> None:
    result = read_split_folders(paths("train/red", "train/blue", f"{other}/red", f"{other}/blue"))
    assert result is not None and set(result.folders) == {TRAIN, split_of_name(other)}


def test_splits_below_class_folders() -> None:
    result = read_split_folders(paths("red/train", "red/test", "blue/train/session1", "blue/test", "", "green"))
    assert result is not None and result.below
    assert result.split.tolist() == [TRAIN, TRAIN, TEST, TEST, TRAIN, TRAIN, TEST, TEST] + [NONE] * 4
    assert result.classes == ("red",) * 4 + ("blue",) * 4 + ("",) * 4


def test_a_class_is_the_first_folder_below_its_split() -> None:
    result = read_split_folders(paths("train/red/monday", "train/blue", "val/red/tuesday", "val/blue/a/b"))
    assert result is not None and result.classes[::2] == ("red", "blue", "red", "blue")


def test_folders_that_all_videos_share_are_ignored() -> None:
    result = read_split_folders(["notes.mp4", *paths("data/v1/train/videos/red", "data/v1/train/videos/blue")])
    assert result is None, "nothing but training"
    names = paths("data/v1/train/videos/red", "data/v1/train/videos/blue", "data/v1/val/videos/red")
    result = read_split_folders(["notes.mp4", *names])
    assert result is not None and result.classes == ("", "red", "red", "blue", "blue", "red", "red")
    assert result.split.tolist() == [NONE, TRAIN, TRAIN, TRAIN, TRAIN, VALIDATION, VALIDATION]


def test_loose_files_and_other_folders_are_in_no_split() -> None:
    result = read_split_folders(["a.mp4", "train/b.mp4", *paths("train/red", "val/red", "raw/red")])
    assert result is not None
    assert result.split.tolist() == [NONE, TRAIN, TRAIN, TRAIN, VALIDATION, VALIDATION, NONE, NONE]
    assert result.classes == ("", "", "red", "red", "red", "red", "", "")


@pytest.mark.parametrize(
    "folders",
    [
        ("red", "blue", "test"),
        ("train", "car", "bus"),
        ("train", "test", "car"),
        ("train/steam", "car/red", "bus/red"),
        ("val/red", "test/red"),
        ("walk", "run/test"),
        ("walk/a", "walk/b", "run/a", "run/train", "run/test", "sit/a"),
        ("red",),
        (),
    ],
    ids=str,
)
def test_classes_may_be_called_like_splits(folders: tuple[str, ...]) -> None:
    assert read_split_folders(paths(*folders)) is None


def test_splits_without_class_folders_need_no_other_folder_next_to_them() -> None:
    result = read_split_folders(paths("train", "test"))
    assert result is not None and set(result.classes) == {""} and result.split.tolist() == [TRAIN, TRAIN, TEST, TEST]


def manifest(names: list[str], defects: list[str] = []) -> Manifest:  # noqa: B006
    entries = tuple(Entry(Scanned(name, 1, 1, name, None, frames=4), 0, 4) for name in names)
    return Manifest(
        Path(), entries, {"x": np.arange(len(names))}, {}, tuple(Scanned(d, 1, 1, "", "bad") for d in defects)
    )


def test_a_damaged_file_does_not_change_what_folders_mean() -> None:
    names = paths("train/red", "train/blue")
    result = split_folders_of(manifest(names, ["val/red/0.mp4"]))
    assert (
        result is not None and len(result.split) == len(result.classes) == 4 and set(result.split.tolist()) == {TRAIN}
    )
    assert split_folders_of(manifest(names)) is None


def test_the_training_part_of_a_folder() -> None:
    part = training_part(manifest(paths("train/red", "val/red")), "folder:x")
    assert [entry.file.path for entry in part.entries] == paths("train/red") and part.labels["x"].tolist() == [0, 1]
    with pytest.raises(ConfigError, match=r"folder:x: data\.split is 'train', but there is no train/"):
        training_part(manifest(paths("red", "blue")), "folder:x")
