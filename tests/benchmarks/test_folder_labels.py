"""Which label each of one's own videos has, and which has none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from auxjepa.benchmarks import folder
from auxjepa.benchmarks.folder import label_column, read_labels
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.manifest import Entry, Manifest
from auxjepa.data.scanned import Scanned


def make(
    names: Sequence[str],
    labels: dict[str, list[int]] | None = None,
    classes: dict | None = None,
    places: Sequence[str] = (),
) -> Manifest:
    """A manifest of videos that nobody has."""
    files = [Scanned(name, 1, 1, f"of {name}", None, frames=20, fps=25.0) for name in names]
    columns = {name: np.array(column, dtype=np.int64) for name, column in (labels or {}).items()}
    entries = tuple(Entry(one, 0, 20) for one in files)
    return Manifest(Path("x"), entries, columns, classes or {}, (), places=tuple(places))


def test_labels_from_subfolders() -> None:
    labels, classes = read_labels(make(["run/a[1].mp4", "walk/b.mp4", "run/c.mp4", "in/door/d.mp4"]), "folder", "x")
    assert classes == ["in/door", "run", "walk"] and labels.tolist() == [1, 2, 1, 0]
    with pytest.raises(ConfigError, match=r"e\.mp4 lies in no subfolder"):
        read_labels(make(["run/a.mp4", "e.mp4"]), "folder", "x")


def test_labels_from_a_table_become_0_to_n_and_no_label_is_no_class() -> None:
    manifest = make(
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


def test_unlabelled_examples_are_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = make(["a", "b", "c"], {"kind": [1, -1, 0]}, {"kind": ("0", "1")})
    monkeypatch.setattr(folder, "open_manifest", lambda *args, **kwargs: manifest)
    some, labels, classes, told = folder.open_labelled(DataConfig(source="folder:x"), "kind")
    assert [entry.name for entry in some.entries] == ["a", "c"] and labels.tolist() == [1, 0] and classes == ["0", "1"]
    assert told == "folder:x: 1 of 3 examples have no kind label and are left out"


def test_samples_of_shards_are_labelled_by_their_own_folders_or_their_only_column() -> None:
    names = ["0.tar/red/1.mp4", "1.tar/red/2.mp4", "1.tar/blue/3.mp4"]
    labels, classes = read_labels(make(names, places=[name[6:] for name in names]), "folder", "x")
    assert labels.tolist() == [1, 1, 0] and classes == ["blue", "red"], "not one class a shard"
    flat, columns = ["1.mp4", "2.mp4", "3.mp4"], {"class": [0, 1, 1], "speed": [4, 5, 5]}
    both = {"class": ("run", "walk"), "speed": ("4", "5")}
    assert label_column(make(names, columns, both, flat), "folder") == "class"
    assert label_column(make(names, {"speed": [4, 5, 5]}, both, flat), "folder") == "speed"
    assert label_column(make(names, columns, both, flat), "speed") == "speed"
    with pytest.raises(ConfigError, match="lies in no subfolder"):
        read_labels(make(names, {"speed": [4, 5, 5], "n": [1, 2, 3]}, both, flat), "folder", "x")
    with pytest.raises(ConfigError, match=r"no label column 'x' in the shards \(known: class, speed, folder"):
        read_labels(make(names, columns, both, flat), "x", "x")


def test_a_folder_and_shards_of_it_are_divided_alike() -> None:
    names = ["0.tar/red/1.mp4", "1.tar/red/2.mp4", "1.tar/blue/1.mp4"]
    inner = tuple(name[6:] for name in names)
    assert make(names, places=inner).video_names == inner == make(inner).video_names
    same = make(["0.tar/1.mp4", "1.tar/1.mp4"], places=["1.mp4", "1.mp4"])
    assert same.video_names == ("0.tar/1.mp4", "1.tar/1.mp4"), "two videos, whatever they are called in their shards"
    assert same.some([1]).places == ("1.mp4",)
