"""What is decided about labelled examples, and what people are told of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auxjepa.benchmarks.division import Division, divide_examples
from auxjepa.config import ConfigError
from auxjepa.data.manifest.manifest import Entry, Manifest
from auxjepa.data.manifest.scan import Scanned
from auxjepa.data.manifest.split_folders import read_split_folders

CLASSES = ("blue", "red")


def examples(paths: list[str], hashes: dict[str, str] | None = None) -> Manifest:
    files = [Scanned(path, 1, 1, (hashes or {}).get(path, f"hash of {path}"), None, frames=8) for path in paths]
    return Manifest(Path("x"), tuple(Entry(one, 0, 8) for one in files), {}, {}, ())


def divided(paths: list[str], hashes: dict[str, str] | None = None, labels: list[int] | None = None) -> Division:
    folders = read_split_folders(paths)
    names = folders.classes if folders else [path.split("/")[0] for path in paths]
    numbers = [CLASSES.index(name) if name in CLASSES else -1 for name in names] if labels is None else labels
    return divide_examples(examples(paths, hashes), np.array(numbers), CLASSES, folders, "folder:x")


def files(split: str, count: int, start: int = 0) -> list[str]:
    return [f"{split}{color}/{n}.mp4" for color in CLASSES for n in range(start, start + count)]


def test_an_ordinary_folder_has_nothing_to_tell() -> None:
    found = divided(files("", 6))
    told = "folder:x: 2 classes (blue, red): 8 videos to train on, 2 videos to validate, 2 videos to test"
    alone = "folder:x: there is no column 'group' and no rule for groups, so each video is a separate group"
    assert found.ordinary and found.notes == (told, alone) and found.classes == CLASSES
    assert np.bincount(found.split).tolist() == [8, 2, 2] and found.record["copies"]["files"] == 0
    assert len(set(found.groups.tolist())) == len(set(found.counted.tolist())) == 12
    assert found.record["test"] == {"groups": 2, "videos": 2, "examples": 2} and not found.record["official"]


def test_copies_share_a_split_and_count_once_and_are_told() -> None:
    paths = files("", 8)
    hashes = {path: f"{path.split('/')[0]}{n % 8 // 2}" for n, path in enumerate(paths)}
    found = divided(paths, hashes)
    assert not found.ordinary and len(found.kept) == 16
    assert found.record["copies"] == {"groups": 8, "files": 16, "contradictory": 0}
    assert len(set(zip(found.groups.tolist(), found.split.tolist(), strict=True))) == 8
    assert len(set(found.counted.tolist())) == 8
    assert "16 files hold 8 contents (blue/0.mp4, blue/1.mp4)" in found.notes[1]


def test_contradictory_labels_of_one_content_are_told() -> None:
    paths = files("", 6)
    found = divided(paths, {"blue/3.mp4": "same", "red/5.mp4": "same"})
    assert found.record["copies"] == {"groups": 1, "files": 2, "contradictory": 1}
    assert any("1 content with contradictory labels (blue/3.mp4 is blue, red/5.mp4 is red)" in n for n in found.notes)
    place = [paths.index(path) for path in ("blue/3.mp4", "red/5.mp4")]
    assert found.groups[place[0]] == found.groups[place[1]] and found.counted[place[0]] != found.counted[place[1]]


def test_one_path_listed_with_two_labels_is_a_contradiction_too() -> None:
    paths = [*files("", 6), "blue/0.mp4"]
    found = divided(paths, labels=[0] * 6 + [1] * 7)
    assert found.record["copies"]["contradictory"] == 1 and any("contradictory" in note for note in found.notes)


def test_an_official_split_is_kept() -> None:
    paths = files("train/", 4) + files("val/", 2) + files("test/", 3)
    found = divided(paths)
    assert np.bincount(found.split).tolist() == [8, 4, 6] and not found.ordinary
    assert found.notes[1:] == (
        "folder:x: official split by folders: train/ for training, val/ for validation, test/ for test",
    )
    assert found.record["official"] and found.record["validation"]["videos"] == 4


@pytest.mark.parametrize("other", ["val", "test"])
def test_validation_videos_come_from_training_where_they_have_no_folder(other: str) -> None:
    found = divided(files("train/", 6) + files(f"{other}/", 3))
    assert np.bincount(found.split).tolist() == [10, 2, 6]
    assert (found.split[12:] == 2).all() and sorted(found.labels[found.split == 1].tolist()) == [0, 1]
    assert any("2 examples of train/ held out for validation" in note for note in found.notes)
    assert any("there is no test split: val/ is the test set" in note for note in found.notes) == (other == "val")


def test_a_class_that_a_split_lacks_is_told() -> None:
    train, test = files("train/", 4), files("test/", 3)
    found = divided(train[:4] + test)
    assert any(
        "no training example of 1 class of 2 (red): 3 test examples can only be recognised by luck" in note
        for note in found.notes
    )
    found = divided(train + test[:3])
    assert any("no test example of 1 class of 2 (red)" in note for note in found.notes) and len(found.classes) == 2


def test_test_videos_of_classes_that_are_not_trained_alone_are_refused() -> None:
    with pytest.raises(ConfigError, match="folder:x: no class of the test examples has training examples"):
        divided(files("train/", 4)[:4] + files("test/", 3)[3:])


def test_training_copies_of_test_videos_are_left_out() -> None:
    paths = files("train/", 4) + files("val/", 3) + files("test/", 3)
    same = {"train/blue/0.mp4": "a", "test/red/1.mp4": "a", "val/red/0.mp4": "b", "train/red/3.mp4": "b"}
    found = divided(paths, same)
    left = {paths[n] for n in range(len(paths))} - {paths[n] for n in found.kept.tolist()}
    assert left == {"train/blue/0.mp4", "val/red/0.mp4"} and found.record["left_out"] == 2
    assert any("1 of the 8 videos of train/ have the content of test videos: left out" in n for n in found.notes)
    assert any("1 of the 6 videos of val/ have the content of training or test videos" in n for n in found.notes)


def test_the_same_videos_as_train_and_test_are_refused() -> None:
    paths = files("train/", 4) + files("test/", 4)
    hashes = {path: path.partition("/")[2] for path in paths}
    with pytest.raises(ConfigError, match="all 8 videos of train/ have the content of test videos: nothing is left"):
        divided(paths, hashes)


def test_training_videos_as_validation_set_leave_training_whole() -> None:
    paths = files("train/", 4) + files("val/", 4) + files("test/", 4)
    hashes = {path: path.partition("/")[2] for path in paths if not path.startswith("test")}
    found = divided(paths, hashes)
    assert np.bincount(found.split).tolist() == [6, 2, 8]
    assert any("8 of the 8 videos of val/" in note for note in found.notes)


def test_videos_outside_the_folders_of_splits_are_counted() -> None:
    found = divided([*files("train/", 4), *files("test/", 3), "loose.mp4", "train/loose.mp4", "raw/red/0.mp4"])
    assert found.record["left_out"] == 3
    assert any("3 videos in no class folder of a split: left out" in n for n in found.notes)


def test_examples_without_a_label_are_counted() -> None:
    found = divided(files("", 6), labels=[-1, *[0] * 5, *[1] * 5, -1])
    assert len(found.kept) == 10 and found.record["left_out"] == found.record["unlabelled"] == 2
    assert any("2 of 12 examples without a label: left out" in note for note in found.notes)
    with pytest.raises(ConfigError, match="folder:x: no video has a label"):
        divided(files("", 6), labels=[-1] * 12)


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        ([*files("", 6)[:6]], "only one class (blue)"),
        (files("train/", 1) + files("test/", 2), "no class has two videos in train/"),
        (files("train/", 3)[:3] + files("test/", 3)[:3], "only one class (blue)"),
    ],
)
def test_what_cannot_be_divided_is_said(paths: list[str], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        divided(paths)
    assert words in str(caught.value) and str(caught.value).startswith("folder:x: ")


def test_segments_of_one_video_are_one_group_and_count_each() -> None:
    file = [Scanned(f"{v}.mp4", 1, 1, str(v), None, frames=16) for v in range(8)]
    entries = tuple(Entry(one, start, start + 8) for one in file for start in (0, 8))
    found = divide_examples(Manifest(Path("x"), entries, {}, {}, ()), np.tile([0, 1], 8), CLASSES, None, "x")
    assert np.bincount(found.split).tolist() == [10, 2, 4] and not found.ordinary
    assert len(set(found.groups.tolist())) == 8 and len(set(found.counted.tolist())) == 16
    assert "videos hold several classes each" in found.notes[1]
