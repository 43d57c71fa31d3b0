"""The columns ``group`` and ``split`` of a table of labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auxjepa.benchmarks.division import divide_examples
from auxjepa.config import ConfigError
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.reserved_columns import (
    group_keys,
    label_columns,
    official_split_of,
    split_column_of,
    training_part,
)
from auxjepa.data.manifest.split import NONE, TEST, TRAIN, VALIDATION
from written_manifest import make_manifest


def table(paths: list[str], **columns: list[str]) -> Manifest:
    """Return the manifest of videos with label columns; "" is no label."""
    classes = {name: tuple(sorted({*column} - {""})) for name, column in columns.items()}
    numbers = {name: [classes[name].index(v) if v else -1 for v in column] for name, column in columns.items()}
    return make_manifest(paths, numbers, classes)


def test_a_column_of_split_names_is_an_official_division() -> None:
    own = table(["a.mp4", "b.mp4", "c.mp4", "d.mp4"], split=["train", "val", "test", ""], kind=["x", "y", "x", "y"])
    division = split_column_of(own)
    assert division is not None and division.split.tolist() == [TRAIN, VALIDATION, TEST, NONE]
    assert division.named(VALIDATION) == "split 'val'" and division.origin == "the column 'split'"
    assert label_columns(own) == ["kind"]
    assert [entry.file.path for entry in training_part(own, "folder:x").entries] == ["a.mp4"]


@pytest.mark.parametrize(
    "values", [["1", "2", "3"], ["train", "train", "train"], ["test", "val", "test"], ["train", "x", "y"]]
)
def test_other_columns_of_this_name_are_labels(values: list[str]) -> None:
    own = table(["a.mp4", "b.mp4", "c.mp4"], split=values)
    assert split_column_of(own) is None and label_columns(own) == ["split"]


def test_the_column_precedes_folders() -> None:
    paths = ["train/red/a.mp4", "train/blue/b.mp4", "test/red/c.mp4", "test/blue/d.mp4"]
    plain, own = table(paths), table(paths, split=["test", "test", "train", "train"])
    assert official_split_of(plain).split.tolist() == [TRAIN, TRAIN, TEST, TEST]
    assert official_split_of(own).split.tolist() == [TEST, TEST, TRAIN, TRAIN]


def test_groups_by_column_and_by_rule() -> None:
    own = table(["s1_a.mp4", "s1_b.mp4", "s2_a.mp4", "other.mp4"], group=["cam1", "cam2", "cam1", ""])
    by_column = group_keys(own)
    assert by_column[0] == by_column[2] != by_column[1] and by_column[3] is None
    assert group_keys(own, "{}_") == ["s1", "s1", "s2", None] and group_keys(own, "s{}_") == ["1", "1", "2", None]
    assert group_keys(table(["a.mp4"])) is None


def test_a_rule_with_a_slash_reads_folders() -> None:
    own = table(["cam1/day/a_1.mp4", "cam2/b_2.mp4", "c_3.mp4"])
    assert group_keys(own, "/{}/") == ["cam1", "cam2", None]
    assert group_keys(own, "_{}.mp4") == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("subject", "write {} once at the place of the group"),
        ("{}{}", "write {} once"),
        ("{}", "write {} once"),
        ("subject{}_", "matches no path, such as 'a.mp4'"),
    ],
)
def test_rules_that_cannot_be_used(rule: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        group_keys(table(["a.mp4"]), rule)
    assert words in str(caught.value)


def test_groups_are_never_in_two_splits_and_the_note_says_so() -> None:
    rng = np.random.default_rng(0)
    paths = [f"{number:03}.mp4" for number in range(120)]
    group = [f"subject{number}" for number in rng.integers(0, 15, 120)]
    own = table(paths, group=group, kind=[["x", "y"][number % 2] for number in range(120)])
    division = divide_examples(own, own.labels["kind"], own.classes["kind"], None, "folder:x", "kind", group_keys(own))
    for name in set(group):
        members = [place for place, kept in enumerate(division.kept.tolist()) if group[kept] == name]
        assert len(set(division.split[members].tolist())) == 1
    assert any("15 groups; the examples of a group are in one split" in note for note in division.notes)
    assert not division.ordinary and division.record["grouped"] is True


def test_without_groups_the_note_says_that_each_video_is_one() -> None:
    own = table([f"{n}.mp4" for n in range(12)], kind=["x", "y"] * 6)
    division = divide_examples(own, own.labels["kind"], own.classes["kind"], None, "folder:x", "kind", group_keys(own))
    assert any("each video is a separate group" in note for note in division.notes) and division.ordinary


def test_a_real_folder_with_both_columns(tmp_path: Path) -> None:
    from auxjepa.data.manifest.labels import read_labels

    (tmp_path / "labels.csv").write_text("path,split,group,kind\na.mp4,train,g,x\nb.mp4,test,h,y\n")
    assert read_labels(tmp_path / "labels.csv").columns == ["split", "group", "kind"]
