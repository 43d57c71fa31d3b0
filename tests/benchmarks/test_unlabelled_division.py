"""Division of examples without classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auxjepa.benchmarks.unlabelled_division import divide_unlabelled
from auxjepa.config import ConfigError
from auxjepa.data.manifest.entry import Entry
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.scan import Scanned
from auxjepa.data.manifest.split import NONE, TEST, TRAIN, VALIDATION


def manifest(names: list[str], hashes: list[str] | None = None, groups: list[int] | None = None) -> Manifest:
    contents = hashes or [f"hash {name}" for name in names]
    files = [Scanned(name, 1, 0, content, None, frames=9) for name, content in zip(names, contents, strict=True)]
    labels = {} if groups is None else {"group": np.array(groups)}
    return Manifest(Path("/x"), tuple(Entry(file, 0, 9) for file in files), labels, {}, ())


def test_groups_are_divided_60_20_20_by_names_alone() -> None:
    names = [f"{number}.mp4" for number in range(50)]
    one = divide_unlabelled(manifest(names), "folder:x")
    assert [int((one.split == place).sum()) for place in (TRAIN, VALIDATION, TEST)] == [30, 10, 10]
    order = np.random.default_rng(0).permutation(50)
    again = divide_unlabelled(manifest([names[n] for n in order]), "folder:x")
    assert np.array_equal(again.split, one.split[order]) and one.record["official"] is False


@pytest.mark.parametrize("by", ["content", "column"])
def test_copies_and_rows_of_one_group_share_a_split(by: str) -> None:
    names = [f"{number}.mp4" for number in range(24)]
    kinds = [number // 4 for number in range(24)]
    one = (
        divide_unlabelled(manifest(names, hashes=[str(kind) for kind in kinds]), "folder:x")
        if by == "content"
        else divide_unlabelled(manifest(names, groups=kinds), "folder:x")
    )
    for kind in range(6):
        assert len(set(one.split[np.array(kinds) == kind].tolist())) == 1
    assert set(one.split.tolist()) == {TRAIN, VALIDATION, TEST} and one.record["train"] == {"groups": 4, "videos": 16}


def test_a_row_without_a_group_is_its_own() -> None:
    one = divide_unlabelled(manifest([f"{n}.mp4" for n in range(6)], groups=[-1] * 6), "folder:x")
    assert len(np.unique(one.groups)) == 6


def test_official_folders_are_respected_and_videos_outside_are_left_out() -> None:
    inside = [f"{split}/{n}.mp4" for split, count in (("train", 8), ("test", 3)) for n in range(count)]
    one = divide_unlabelled(manifest([*inside]), "folder:x")
    assert (one.split[8:] == TEST).all() and set(one.split[:8].tolist()) == {TRAIN, VALIDATION}
    assert one.record["official"] and any("held out for validation" in note for note in one.notes)


def test_a_training_copy_of_a_test_video_is_left_out() -> None:
    names = [f"{split}/{n}.mp4" for split in ("train", "val", "test") for n in range(3)]
    one = divide_unlabelled(manifest(names, hashes=["a", "b", "c", "d", "e", "f", "a", "g", "h"]), "folder:x")
    assert one.split.tolist() == [NONE, TRAIN, TRAIN, VALIDATION, VALIDATION, VALIDATION, TEST, TEST, TEST]
    assert any("have the content of test videos: left out" in note for note in one.notes)


def test_groups_of_different_sizes_give_each_split_its_share_of_examples() -> None:
    groups = np.repeat(np.arange(7), [39, 7, 4, 3, 2, 2, 2]).tolist()
    one = divide_unlabelled(manifest([f"{n}.mp4" for n in range(59)], groups=groups), "folder:x")
    counts = [int((one.split == place).sum()) for place in (TRAIN, VALIDATION, TEST)]
    assert counts[0] == 39 and min(counts[1:]) >= 9
    three = divide_unlabelled(manifest(["a", "b", "c"]), "folder:x")
    assert sorted(three.split.tolist()) == [TRAIN, VALIDATION, TEST]


def test_two_independent_videos_are_too_few() -> None:
    with pytest.raises(ConfigError, match="2 independent videos; three are the fewest"):
        divide_unlabelled(manifest(["a.mp4", "b.mp4", "c.mp4"], hashes=["x", "x", "y"]), "folder:x")
