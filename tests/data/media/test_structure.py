from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from auxjepa.data.errors import UndecodableVideoError
from auxjepa.data.media.structure import find_damage
from auxjepa.data.media.video import probe


@pytest.mark.parametrize("kind", ["vp9", "open_gop", "variable", "no_stamps", "ffv1", "avi", "avi_guessed", "bframes"])
def test_intact_files_have_no_damage(kind: str, videos: dict[str, Path], tmp_path: Path) -> None:
    assert find_damage(videos[kind]) is None
    padded = tmp_path / "padded"
    padded.write_bytes(videos[kind].read_bytes() + b"\0\xff" * 500)
    assert find_damage(padded) is None


@pytest.mark.parametrize("live", ["1", "0"])
def test_live_recordings_of_unknown_size(
    live: str, tmp_path: Path, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]
) -> None:
    path = make_video(
        tmp_path / "live.webm",
        make_pattern(30),
        codec="libvpx",
        muxer={"live": live, "cluster_time_limit": "200"},
    )
    assert path.read_bytes().count(b"\x1f\x43\xb6\x75") > 3 and find_damage(path) is None
    path.write_bytes(path.read_bytes()[:-20])
    assert "damaged at byte" in (find_damage(path) or "")


@pytest.mark.parametrize("name", ["a.webm", "a.mkv", "a.avi"])
def test_a_missing_header_between_frames_is_detected(
    name: str, tmp_path: Path, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]
) -> None:
    path = make_video(tmp_path / name, make_pattern(30), codec="libvpx" if name != "a.avi" else "mpeg4")
    assert probe(path, check=True).frames == 30
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        packet = bytes([p for p in container.demux(video=0) if p.size][20])
    at = data.index(packet)
    data[at - 10 : at] = bytes(10)  # the frame before ends in zeros, and where this one begins is gone
    path.write_bytes(data)
    assert "damaged" in (find_damage(path) or "")
    with pytest.raises(UndecodableVideoError, match="the container is damaged"):
        probe(path, check=True)


def test_an_avi_file_without_the_index_that_it_declares(videos: dict[str, Path], tmp_path: Path) -> None:
    data = videos["avi"].read_bytes()
    for mark in (b"idx1", b"movi"):
        path = tmp_path / "a.avi"
        path.write_bytes(data.replace(mark, b"junk"))
        assert "declares" in (find_damage(path) or "")
    path.write_bytes(data.replace(b"idx1", b"junk").replace(data[32:48], data[32:44] + bytes(4)))
    assert find_damage(path) is None


def test_a_block_of_no_track(videos: dict[str, Path], tmp_path: Path) -> None:
    data = bytearray(videos["vp9"].read_bytes())
    at = next(n for n in range(data.index(b"\x1f\x43\xb6\x75"), len(data)) if data[n] == 0xA3)  # the first block
    data[at + 10 - data[at + 1].bit_length()] ^= 2
    path = tmp_path / "a.webm"
    path.write_bytes(data)
    assert find_damage(path) == f"the container is damaged at byte {at:,}"


def test_a_gif_cut_short(
    tmp_path: Path, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]
) -> None:
    path = make_video(tmp_path / "a.gif", make_pattern(5), codec="gif", pix_fmt="rgb8")
    assert find_damage(path) is None and probe(path, check=True).frames == 5
    path.write_bytes(path.read_bytes()[:-1])
    assert "cut short" in (find_damage(path) or "")
