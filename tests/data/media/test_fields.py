"""Packets that hold one field of a frame, as interlaced camcorders write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from auxjepa.data import errors
from auxjepa.data.media.video import probe
from exact import assert_exact
from remuxed import chunks
from written_fields import BOTTOM, FRAME, TOP, h264, mpeg2, pictures_of, store

Decode = Callable[[Path], np.ndarray]


@pytest.mark.parametrize("suffix", ["ts", "mts", "mp4", "mov", "mkv", "nut"])
@pytest.mark.parametrize("frames", [1, 2, 3, 24])
def test_fields_of_h264_are_joined_to_frames(suffix: str, frames: int, tmp_path: Path, decode_all: Decode) -> None:
    path = store(h264(pictures_of(frames)), tmp_path / f"a.{suffix}", "h264")
    expected = decode_all(path)
    assert len(expected) == frames
    video = assert_exact(path, expected, decoded=True)
    assert video.info.fps == pytest.approx(25, rel=1e-3) and video.index.seekable


@pytest.mark.parametrize("suffix", ["ts", "mp4", "mkv"])
def test_both_fields_of_a_frame_in_one_packet(suffix: str, tmp_path: Path, decode_all: Decode) -> None:
    path = store(h264(pictures_of(12)), tmp_path / f"a.{suffix}", "h264", rate=25, each=2)
    expected = decode_all(path)
    assert len(expected) == 12
    assert_exact(path, expected, decoded=True)


def test_the_camcorder_file_that_was_reported(shared: Path, decode_all: Decode) -> None:
    path = shared / "cases" / "paff" / "paff47.mts"
    expected = decode_all(path)
    assert len(expected) == 47
    info = assert_exact(path, expected).info
    assert info.fps == pytest.approx(25) and info.duration == pytest.approx(47 / 25)


@pytest.mark.parametrize("suffix", ["ts", "mp4", "mkv"])
@pytest.mark.parametrize(
    ("name", "pictures"),
    [
        ("bottom first", pictures_of(16, (BOTTOM, TOP))),
        ("a lone field at the end", [*pictures_of(15), TOP]),
        ("frames among fields", [*pictures_of(5), *[FRAME] * 6, *pictures_of(4)]),
        ("frames, then fields", [*[FRAME] * 9, *pictures_of(7)]),
        ("a lone field in the middle", [*pictures_of(4), TOP, *[FRAME] * 3, *pictures_of(4)]),
    ],
)
def test_mixtures_of_fields_and_frames(
    name: str, pictures: list[str], suffix: str, tmp_path: Path, decode_all: Decode
) -> None:
    path = store(h264(pictures), tmp_path / f"{name}.{suffix}", "h264")
    assert_exact(path, decode_all(path), decoded=True)


@pytest.mark.parametrize("suffix", ["ts", "mp4", "mkv"])
def test_a_stream_that_may_hold_fields_but_does_not_is_listed_by_its_packets(
    suffix: str, tmp_path: Path, decode_all: Decode
) -> None:
    path = store(h264([FRAME] * 20), tmp_path / f"a.{suffix}", "h264", rate=25)
    assert_exact(path, decode_all(path), decoded=False)


@pytest.mark.parametrize("suffix", ["ts", "mp4", "mkv", "mpg"])
def test_fields_of_mpeg2_are_joined_to_frames(suffix: str, tmp_path: Path, decode_all: Decode) -> None:
    path = store(mpeg2(pictures_of(20)), tmp_path / f"a.{suffix}", "mpegvideo", rate=25)
    expected = decode_all(path)
    assert len(expected) == 20
    assert_exact(path, expected, decoded=True)


def test_frames_of_fields_that_are_damaged_are_found_by_the_check(tmp_path: Path) -> None:
    path = store(h264(pictures_of(12)), tmp_path / "a.mkv", "h264")
    data, packet = bytearray(path.read_bytes()), chunks(path)[9][0]
    begin = data.index(packet)
    data[begin + 10 : begin + 400] = bytes(390)  # the header of a field, and some of its pixels
    path.write_bytes(data)
    with pytest.raises(errors.UndecodableVideoError, match="cannot be decoded"):
        probe(path, check=True)
