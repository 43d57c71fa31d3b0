"""Clips and labels of diagnostics on small videos whose motion is known."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from auxjepa.benchmarks.diagnostics import DIAGNOSTICS
from auxjepa.benchmarks.diagnostics.arrangements import ORDERS, SPEEDS
from auxjepa.benchmarks.diagnostics.flow import DIRECTIONS
from auxjepa.benchmarks.diagnostics.opening import OpenedDiagnostic, open_diagnostic
from auxjepa.config import ConfigError, DataConfig

SPLITS = ("train", "validation", "test")


def opened(data: DataConfig, name: str, **args) -> OpenedDiagnostic:
    return open_diagnostic({"diagnostic": name, **args}, data, workers=1, progress=False)


def step_of(clip: np.ndarray) -> int:
    """The number of pixels by which the square moves between two frames, measured by trying all shifts."""
    _, side = clip.shape[:2]
    shifts = [(abs(row) + abs(column), row, column) for row in range(-9, 10) for column in range(-9, 10)]
    for distance, row, column in sorted(shifts):
        if row * column == 0 and np.array_equal(np.roll(clip[0], (row, column), (0, 1)), clip[1]):
            return distance
    raise AssertionError(f"no shift of {side} pixels")


@pytest.mark.parametrize("name", ["arrow_of_time", "playback_speed", "frame_order"])
def test_labels_are_balanced_deterministic_and_no_video_is_in_two_splits(data: DataConfig, name: str) -> None:
    one, again = opened(data, name), opened(data, name)
    videos: list[set[int]] = []
    for split in SPLITS:
        part, same = one.open(split), again.open(split)
        assert np.array_equal(part.labels, same.labels) and part.key == same.key
        assert np.array_equal(part.clips[:], same.clips[:]) and part.target is None
        counts = np.bincount(part.labels, minlength=DIAGNOSTICS[name].classes)
        assert counts.max() - counts.min() <= 1
        videos.append(set(one.windows.group[one.rows[one.of_split(split)]].tolist()))
    assert not videos[0] & videos[1] and not videos[0] & videos[2] and not videos[1] & videos[2]
    assert len({one.open(split).key for split in SPLITS}) == 3
    other = opened(data, name, seed=1)
    assert any(not np.array_equal(other.open(split).labels, one.open(split).labels) for split in SPLITS)


def test_the_arrow_shows_frames_of_the_video_forward_or_backward(data: DataConfig) -> None:
    one = opened(data, "arrow_of_time")
    part = one.open("train")
    for number, row in enumerate(one.rows[one.of_split("train")].tolist()):
        window = one.cache.clips[row]
        assert np.array_equal(part.clips[number], window[::-1] if part.labels[number] else window)
    assert set(part.labels.tolist()) == {0, 1}


def test_the_speed_is_that_of_the_square(data: DataConfig) -> None:
    part = opened(data, "playback_speed").open("train")
    assert [step_of(clip) // 2 for clip in part.clips[:]] == [SPEEDS[label] for label in part.labels.tolist()]
    assert part.clips.shape[1] == 8


def test_the_order_of_segments_is_that_of_the_class_or_its_reverse(data: DataConfig) -> None:
    one = opened(data, "frame_order")
    part, flipped = one.open("train"), 0
    for number, row in enumerate(one.rows[one.of_split("train")].tolist()):
        segments = one.cache.clips[row].reshape(4, 2, 32, 32, 3)
        order = ORDERS[int(part.labels[number])]
        forward, backward = (segments[list(o)].reshape(8, 32, 32, 3) for o in (order, order[::-1]))
        clip = part.clips[number]
        assert np.array_equal(clip, forward) or np.array_equal(clip, backward)
        flipped += np.array_equal(clip, backward)
    assert 0 < flipped < len(part.labels)


def test_the_flow_is_that_of_the_square_and_still_clips_are_left_out_and_counted(data: DataConfig) -> None:
    one = opened(data, "flow_direction")
    expected = ("right", "down", "left", "up")
    for row, label in zip(one.rows.tolist(), one.labels.tolist(), strict=True):
        name = one.windows.manifest.entries[row].file.path
        assert DIRECTIONS[label] == expected[int(name[:2]) % 4]
    assert one.omitted["without motion"] == 5 and one.record["classes"][0] == 15
    assert "5 without motion" in "\n".join(one.notes())
    magnitude = opened(data, "flow_magnitude")
    target = magnitude.open("train").target
    assert target is not None and np.isfinite(target).all() and (magnitude.open("train").labels == 0).all()


@pytest.mark.parametrize("name", ["arrow_of_time", "frame_order", "playback_speed"])
def test_clips_without_change_and_short_videos_are_left_out_and_counted(data: DataConfig, name: str) -> None:
    one = opened(data, name)
    assert one.omitted["without any change"] == (1 if name == "playback_speed" else 5)
    assert one.windows.omitted["copies"] == 1 and one.windows.omitted["too short"] == 1
    text = "\n".join(one.notes())
    assert f"{name}: left-out videos: 1 copies, 1 too short" in text and "without any change" in text
    record = one.record
    assert sum(record[split]["clips"] for split in SPLITS) == len(one.rows) == sum(record["classes"])


def test_padded_clips_are_left_out(data: DataConfig) -> None:
    doubled = data.model_copy(update={"fps": 40.0})  # the files have 25 frames a second: frames repeat
    with pytest.raises(ConfigError, match=r"too few \(left out: \d+ padded with repeated frames"):
        opened(doubled, "arrow_of_time")


def test_moments_are_two_windows_of_each_video_and_one_video_of_a_group(data: DataConfig) -> None:
    for name, far in (("same_video", False), ("same_scene_far", True)):
        one = opened(data, name)
        part = one.open("train")
        assert set(Counter(part.labels.tolist()).values()) == {2}
        assert sorted(set(part.labels.tolist())) == list(range(len(part.labels) // 2))
        entries = [one.windows.manifest.entries[n] for n in one.rows.tolist()]
        assert not far or {(entry.start, entry.stop) for entry in entries} == {(0, 8), (32, 40)}
        assert "copy.mkv" not in {entry.file.path for entry in entries}


def test_labels_follow_from_contents_and_not_from_names(data: DataConfig, squares: Path, tmp_path: Path) -> None:
    """The same files in an official split under other names: labels depend on the split's content alone."""
    for number, path in enumerate(sorted(squares.glob("[01]*.mkv"))):
        for folder, name in (("a", path.name), ("b", f"{99 - number}.mkv")):
            split = ("train", "val", "test")[min(2, number % 4)]
            target = tmp_path / folder / split / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    labels = []
    for folder in ("a", "b"):
        settings = data.model_copy(update={"source": f"folder:{tmp_path / folder}", "root": tmp_path / "data"})
        one = opened(settings, "arrow_of_time")
        assert one.record["official"] and "official split by folders" in "\n".join(one.notes())
        entries = [one.windows.manifest.entries[n] for n in one.rows.tolist()]
        labels.append({(e.file.hash, e.start): label for e, label in zip(entries, one.labels.tolist(), strict=True)})
    assert labels[0] == labels[1]


def test_what_cannot_be_made_is_one_line(data: DataConfig) -> None:
    with pytest.raises(ConfigError, match=r"frame_order divides clips into 4 equal segments, and data.frames is 6"):
        opened(data.model_copy(update={"frames": 6}), "frame_order")
    with pytest.raises(ConfigError, match="arrow_of_time needs clips of two frames or more"):
        opened(data.model_copy(update={"frames": 1}), "arrow_of_time")
    with pytest.raises(ConfigError, match=r"no diagnostic 'arrow'.*known: arrow_of_time"):
        opened(data, "arrow")


def test_pretraining_on_test_videos_is_said(data: DataConfig) -> None:
    notes = opened(data, "arrow_of_time").notes(data)
    assert any("test videos are in a folder that the encoder was pretrained on" in note for note in notes)
