"""Near-duplicates are never in two splits: they share one, or those outside test are left out."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from auxjepa.benchmarks.folder import OwnVideos, open_own
from auxjepa.benchmarks.near_duplicate_division import close_pairs, divide_apart, leave_out_similar
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.fingerprints import can_hash
from auxjepa.data.manifest.split import NONE, SPLITS, TEST, TRAIN, VALIDATION
from auxjepa.data.near_duplicates import NearDuplicates
from natural import write_classes, write_video

needs_hashes = pytest.mark.skipif(
    not can_hash(),
    reason="ImageHash is not installed: pip install -e '.[duplicates]'",
)
NONE_CLOSE = np.empty((0, 2), dtype=np.int64)


def copy(path: Path, to: Path) -> None:
    """Write a video again, a third smaller."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path)) as container:
        write_video(to, [frame.reformat(44, 32, "yuv420p") for frame in container.decode(video=0)])


def opened(folder: Path, root: Path, *, near_duplicates: bool = True) -> OwnVideos:
    data = DataConfig(source=f"folder:{folder}", root=root, frames=4, size=16, clips=1000)
    return open_own(data, "folder", one_each=True, near_duplicates=near_duplicates, workers=1, progress=False)


def split_by_name(own: OwnVideos) -> dict[str, str]:
    names = [entry.file.path for entry in own.manifest.entries]
    return dict(zip(names, [SPLITS[number] for number in own.division.split.tolist()], strict=True))


@needs_hashes
def test_copies_share_a_split_and_each_counts(tmp_path: Path) -> None:
    write_classes(tmp_path / "clips", 5, 12)
    before = opened(tmp_path / "clips", tmp_path / "data")
    assert before.version == 1 and "near_duplicates" not in before.division.record
    split = split_by_name(before)
    tested = next(name for name, place in split.items() if place == "test")
    copy(tmp_path / "clips" / tested, tmp_path / "clips" / tested.replace(".mp4", "_small.mp4"))
    own = opened(tmp_path / "clips", tmp_path / "data")
    after = split_by_name(own)
    assert after[tested] == after[tested.replace(".mp4", "_small.mp4")] and own.version == 3
    assert len(np.unique(own.division.counted)) == len(after) == 16
    assert any("2 videos look like others, in 1 group" in note and tested in note for note in own.division.notes)
    assert own.division.record["near_duplicates"] == {"pairs": 1, "files": 2}
    assert opened(tmp_path / "clips", tmp_path / "data", near_duplicates=False).version == 1


@needs_hashes
def test_copies_of_test_videos_are_left_out_of_training_and_validation(tmp_path: Path) -> None:
    write_classes(tmp_path / "all", 6, 12)
    clips = tmp_path / "clips"
    for path in (tmp_path / "all").rglob("*.mp4"):
        place = ("train", "train", "train", "val", "test", "test")[int(path.stem)]
        to = clips / place / path.parent.name / path.name
        to.parent.mkdir(parents=True, exist_ok=True)
        path.rename(to)
    copy(clips / "test" / "bikes" / "4.mp4", clips / "train" / "bikes" / "copy.mp4")
    copy(clips / "train" / "bikes" / "0.mp4", clips / "val" / "bikes" / "copy.mp4")
    copy(clips / "train" / "bikes" / "1.mp4", clips / "train" / "bikes" / "kept.mp4")
    own = opened(clips, tmp_path / "data")
    split = split_by_name(own)
    assert {"train/bikes/copy.mp4", "val/bikes/copy.mp4"} & set(split) == set() and len(split) == 19
    assert split["train/bikes/kept.mp4"] == "train" and own.version == 3
    (note,) = [note for note in own.division.notes if "look like those of another split" in note]
    assert "2 training and validation examples" in note and "train/bikes/copy.mp4 looks like test/bikes/4.mp4" in note


def test_a_chain_through_a_class_does_not_join_it() -> None:
    paths, labels = [f"{n:02}.mp4" for n in range(24)], np.repeat([0, 1], 12)
    chain = np.stack([np.arange(11), np.arange(1, 12)], axis=1)
    notes: list[str] = []
    apart = divide_apart(paths, np.arange(24), labels, ("a", "b"), "folder:x", chain, notes)
    assert apart.groups.tolist() == list(range(24)) and "left out" in notes[0]
    ends = apart.split[chain]
    assert not ((ends == TEST).any(axis=1) & (ends[:, 0] != ends[:, 1]) & (ends != NONE).all(axis=1)).any()
    assert all((apart.split[labels == label] == place).any() for label in (0, 1) for place in (TRAIN, TEST))


def test_groups_of_the_user_are_not_joined() -> None:
    paths, labels, notes = [f"{n}.mp4" for n in range(12)], np.repeat([0, 1], 6), []
    plain = divide_apart(paths, np.arange(12), labels, ("a", "b"), "folder:x", NONE_CLOSE, notes)
    assert notes == [] and not (plain.split == NONE).any()
    test, train = (int(np.flatnonzero(plain.split == place)[0]) for place in (TEST, TRAIN))
    close = np.array([sorted([test, train])])
    apart = divide_apart(paths, np.arange(12), labels, ("a", "b"), "folder:x", close, notes, join=False)
    assert apart.split[train] == NONE and (np.delete(apart.split, train) == np.delete(plain.split, train)).all()
    assert len(notes) == 1


def test_validation_is_the_test_set_if_there_is_no_other() -> None:
    notes: list[str] = []
    split = np.array([TRAIN, TRAIN, VALIDATION])
    out = leave_out_similar(split, np.array([[0, 2]]), ["a", "b", "c"], "folder:x", notes)
    assert out.tolist() == [NONE, TRAIN, VALIDATION] and "a looks like c" in notes[0]
    with pytest.raises(ConfigError, match=r"all training videos are near-duplicates of test videos \(a looks like c\)"):
        leave_out_similar(split, np.array([[0, 2], [1, 2]]), ["a", "b", "c"], "folder:x", [])


def test_videos_that_are_not_compared_are_counted() -> None:
    notes: list[str] = []
    near = NearDuplicates(np.array([[0, 1]]), uncompared=2)
    assert close_pairs(near, np.arange(2), np.arange(2), notes).tolist() == [[0, 1]]
    assert notes == ["2 videos are nearly flat pictures: near-duplicates of them aren't searched"]
    close_pairs(NearDuplicates(NONE_CLOSE, obstacle="not searched"), np.arange(2), np.arange(2), notes)
    assert notes[-1] == "not searched" and close_pairs(None, np.arange(2), np.arange(2), notes).shape == (0, 2)
