"""Which label each of one's own videos has, and which has none."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.benchmarks import folder
from auxjepa.benchmarks.folder import open_own
from auxjepa.benchmarks.folder_labels import find_several_labels, label_column, read_labels
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.manifest.split_folders import split_folders_of
from written_manifest import make_manifest


def test_labels_from_subfolders() -> None:
    labels, classes = read_labels(
        make_manifest(["run/a[1].mp4", "walk/b.mp4", "run/c.mp4", "in/door/d.mp4"]), "folder", "x"
    )
    assert classes == ["in/door", "run", "walk"] and labels.tolist() == [1, 2, 1, 0]
    with pytest.raises(ConfigError, match=r"e\.mp4 is in no subfolder"):
        read_labels(make_manifest(["run/a.mp4", "e.mp4"]), "folder", "x")


def test_labels_from_a_table_become_0_to_n_and_no_label_is_no_class() -> None:
    manifest = make_manifest(
        ["a", "b", "c"],
        {"digit": [7, 3, 7], "word": [2, 0, 2], "holes": [5, -1, 0], "none": [-1, -1, -1]},
        {"digit": ("3", "7"), "word": ("run", "sit", "walk"), "holes": ("0", "5"), "none": ()},
    )
    labels, classes = read_labels(manifest, "digit", "x")
    assert labels.tolist() == [1, 0, 1] and classes == ["3", "7"]
    labels, classes = read_labels(manifest, "word", "x")  # nobody sits
    assert labels.tolist() == [1, 0, 1] and classes == ["run", "walk"]
    labels, classes = read_labels(manifest, "holes", "x")
    assert labels.tolist() == [1, -1, 0] and classes == ["0", "5"]
    with pytest.raises(ConfigError, match="all 3 clips have no none label"):
        read_labels(manifest, "none", "x")
    with pytest.raises(
        ConfigError, match=r"no label column 'x' in labels.csv \(known: digit, word, holes, none, folder"
    ):
        read_labels(manifest, "x", "x")


def test_values_are_called_as_they_are_written() -> None:
    one = make_manifest(["a", "b", "c"], {"zeros": [2, 10, -1]}, {"zeros": ("002", "010")})
    labels, classes = read_labels(one, "zeros", "x")
    assert labels.tolist() == [0, 1, -1] and classes == ["002", "010"]


def test_labels_below_the_folders_of_splits() -> None:
    one = make_manifest(["train/run/a.mp4", "train/walk/b.mp4", "val/run/c.mp4", "d.mp4"])
    labels, classes = read_labels(one, "folder", "x", split_folders_of(one))
    assert classes == ["run", "walk"] and labels.tolist() == [0, 1, 0, -1]
    flat = make_manifest(["train/a.mp4", "test/b.mp4"])
    with pytest.raises(ConfigError, match=r"x: train/ and test/ are splits by their names, and hold no class folders"):
        read_labels(flat, "folder", "x", split_folders_of(flat))


def test_splits_without_a_training_split_are_no_classes() -> None:
    with pytest.raises(ConfigError, match="x: test/ and val/ are splits by their names, and there is no train/"):
        read_labels(make_manifest(["val/run/a.mp4", "test/run/b.mp4", "test/walk/c.mp4"]), "folder", "x")
    labels, classes = read_labels(make_manifest(["val/a.mp4", "test/b.mp4"]), "folder", "x")
    assert classes == ["test", "val"] and labels.tolist() == [1, 0], "no class folders: they may be classes"


def test_unlabelled_examples_are_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = [0, 1, -1] * 4 + [-1]
    manifest = make_manifest([f"{n}.mp4" for n in range(13)], {"kind": kinds}, {"kind": ("a", "b")})
    monkeypatch.setattr(folder, "open_manifest", lambda *args, **kwargs: manifest)
    one = open_own(DataConfig(source="folder:x"), "kind", one_each=True)
    assert one.data.clips == 8 == len(one.manifest) and one.division.kept.tolist() == [0, 1, 3, 4, 6, 7, 9, 10]
    assert one.division.labels.tolist() == [0, 1] * 4 and one.division.classes == ("a", "b")
    assert "folder:x: 5 of 13 examples without a kind label: left out" in one.division.notes
    assert one.division.record["left_out"] == one.division.record["unlabelled"] == 5 and one.version == 1


def test_unlabelled_examples_of_an_official_split(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{split}/{n}.mp4" for split in ("train", "test") for n in range(6)] + ["loose.mp4", "train/x.mp4=same"]
    kinds = [0, 1] * 6 + [0, -1]
    kinds[7] = -1
    names[7] = "test/1.mp4=same"
    manifest = make_manifest(names, {"kind": kinds}, {"kind": ("a", "b")})
    monkeypatch.setattr(folder, "open_manifest", lambda *args, **kwargs: manifest)
    one = open_own(DataConfig(source="folder:x"), "kind", one_each=True)
    assert {
        "folder:x: 1 video in no folder of a split: left out",
        "folder:x: 2 of 14 examples without a kind label: left out",
    } <= set(one.division.notes)
    assert one.division.record["left_out"] == 3 and one.division.record["test"]["examples"] == 5
    assert any("2 examples of train/ held out for validation" in note for note in one.division.notes)


def test_samples_of_shards_are_labelled_by_their_own_folders_or_their_only_column() -> None:
    names = ["0.tar/red/1.mp4", "1.tar/red/2.mp4", "1.tar/blue/3.mp4"]
    labels, classes = read_labels(make_manifest(names, places=[name[6:] for name in names]), "folder", "x")
    assert labels.tolist() == [1, 1, 0] and classes == ["blue", "red"], "not one class a shard"
    flat, columns = ["1.mp4", "2.mp4", "3.mp4"], {"class": [0, 1, 1], "speed": [4, 5, 5]}
    both = {"class": ("run", "walk"), "speed": ("4", "5")}
    assert label_column(make_manifest(names, columns, both, places=flat), "folder") == "class"
    assert label_column(make_manifest(names, {"speed": [4, 5, 5]}, both, places=flat), "folder") == "speed"
    assert label_column(make_manifest(names, columns, both, places=flat), "speed") == "speed"
    with pytest.raises(ConfigError, match="is in no subfolder"):
        read_labels(make_manifest(names, {"speed": [4, 5, 5], "n": [1, 2, 3]}, both, places=flat), "folder", "x")
    with pytest.raises(ConfigError, match=r"no label column 'x' in the shards \(known: class, speed, folder"):
        read_labels(make_manifest(names, columns, both, places=flat), "x", "x")


def test_a_folder_and_shards_of_it_are_divided_alike() -> None:
    names = ["0.tar/red/1.mp4", "1.tar/red/2.mp4", "1.tar/blue/1.mp4"]
    inner = tuple(name[6:] for name in names)
    assert make_manifest(names, places=inner).video_names == inner == make_manifest(inner).video_names
    same = make_manifest(["0.tar/1.mp4", "1.tar/1.mp4"], places=["1.mp4", "1.mp4"])
    assert same.video_names == ("0.tar/1.mp4", "1.tar/1.mp4"), "two videos, whatever they are called in their shards"
    assert same.subset([1]).places == ("1.mp4",)


def test_shards_of_a_divided_folder_keep_its_split_and_copies_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = [f"{split}/{color}/{n}.mp4" for split in ("train", "test") for color in ("blue", "red") for n in range(4)]
    names = [f"{n % 3}.tar/{n:08d}.mp4" for n in range(16)]
    names[0] += "=same"
    names[12] += "=same"
    manifest = make_manifest(names, places=inner)
    monkeypatch.setattr(folder, "open_manifest", lambda *args, **kwargs: manifest)
    one = open_own(DataConfig(source="shards:x"), "folder", one_each=True)
    assert one.division.record["official"] and one.division.classes == ("blue", "red")
    assert one.division.record["test"]["examples"] == 8 and one.division.record["left_out"] == 1
    assert any("1 of the 8 videos of train/ have the content of test videos" in note for note in one.division.notes)
    alike = folder.divide_examples(
        make_manifest([f"{place}{name[18:]}" for place, name in zip(inner, names, strict=True)]),
        *read_labels(manifest, "folder", "x", split_folders_of(manifest)),
        split_folders_of(manifest),
        "x",
    )
    assert np.array_equal(alike.split, one.division.split) and np.array_equal(alike.kept, one.division.kept)


def test_defects_of_shards_are_in_no_folder_of_a_split() -> None:
    from dataclasses import replace

    from auxjepa.data.manifest.scan import Scanned

    inner = [f"{split}/{color}/0.mp4" for split in ("train", "test") for color in ("blue", "red")]
    manifest = make_manifest([f"a/0.tar/{n}.mp4" for n in range(4)], places=inner)
    bad = Scanned("a/0.tar/val/red/1.mp4", 0, 0, "", "cut short")
    found = split_folders_of(replace(manifest, defects=(bad,)))
    assert found is not None and found.classes == ("blue", "red") * 2 and len(found.split) == 4


@pytest.mark.parametrize(
    ("values", "example"),
    [
        (["calm", "calm;wild", "wild"], "calm;wild"),
        (["a|b", "b|c", "c|a"], "a|b"),
        (["run, jump", "jump", "run"], "run, jump"),
        (["a; b", "a; c", "b; c"], "a; b"),
        (["push, left", "push, right", "pull"], ""),
        (["Moving something, slowly", "Turning"], ""),
        (["a", "b"], ""),
        (["1.5", "2,5"], ""),
        ([], ""),
    ],
)
def test_several_labels_in_a_cell_are_noticed(values: list[str], example: str) -> None:
    assert find_several_labels(values) == example


def test_a_column_of_several_labels_is_refused_with_an_example() -> None:
    manifest = make_manifest(["a.mp4", "b.mp4", "c.mp4"], {"mood": [0, 1, 2]}, {"mood": ("calm", "calm;wild", "wild")})
    with pytest.raises(ConfigError, match=r"column 'mood' holds several labels in a cell .*calm;wild"):
        read_labels(manifest, "mood", "folder:x")
