"""Folders of clips are complete or resumable, and equal settings give equal files."""

from __future__ import annotations

import csv
from pathlib import Path

import av
import numpy as np
import pytest
from docs.worlds.clip_folder import Row, deal, terciles, write_clip, write_folder

EPISODES = ("ball_000", "ball_001")


def record(episode: str, folder: Path) -> list[Row]:
    pixels = np.full((4, 32, 32, 3), 40 * (1 + EPISODES.index(episode)), np.uint8)
    write_clip(folder / f"{episode}.mp4", pixels, 20)
    return [{"path": f"{episode}.mp4", "group": episode}]


def labels(rows: list[Row]) -> list[dict[str, str]]:
    return [{name: str(value) for name, value in row.items()} for row in rows]


def test_a_killed_script_resumes_with_the_next_episode(tmp_path: Path) -> None:
    done: list[str] = []

    def killed(episode: str, folder: Path) -> list[Row]:
        if episode == EPISODES[1] and len(done) == 1:
            done.append("killed")
            raise KeyboardInterrupt
        done.append(episode)
        return record(episode, folder)

    out = tmp_path / "clips"
    with pytest.raises(KeyboardInterrupt):
        write_folder(out, {"seed": 0}, EPISODES, killed, labels)
    assert not out.exists()
    with pytest.raises(SystemExit, match="begun with other settings"):
        write_folder(out, {"seed": 1}, EPISODES, killed, labels)
    write_folder(out, {"seed": 0}, EPISODES, killed, labels)
    assert done == [EPISODES[0], "killed", EPISODES[1]]
    write_folder(tmp_path / "again", {"seed": 0}, EPISODES, record, labels)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "clips"]
    names = sorted(path.name for path in out.iterdir())
    assert names == ["ball_000.mp4", "ball_001.mp4", "labels.csv"]
    assert all((out / name).read_bytes() == (tmp_path / "again" / name).read_bytes() for name in names)
    with (out / "labels.csv").open() as table:
        assert [row["group"] for row in csv.DictReader(table)] == list(EPISODES)


def test_a_clip_is_an_h264_file_of_the_frames(tmp_path: Path) -> None:
    pixels = np.zeros((6, 32, 48, 3), np.uint8)
    pixels[3:, :, 24:] = 255
    write_clip(tmp_path / "clip.mp4", pixels, 20)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        decoded = np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])
    assert decoded.shape == pixels.shape and np.abs(decoded.astype(int) - pixels).mean() < 5


def test_thirds_are_of_each_group() -> None:
    values = [1.0, 2.0, 3.0, 100.0, 200.0, 300.0, None]
    assert terciles(values, ["a"] * 3 + ["b"] * 4, ("slow", "medium", "fast")) == [
        *("slow", "medium", "fast") * 2,
        "",
    ]


def test_clips_are_divided_evenly() -> None:
    counts = deal(25, ("pong", "breakout"), 10)
    assert counts == {"pong_000": 10, "pong_001": 3, "breakout_000": 10, "breakout_001": 2}
