"""Files that are refused before FFmpeg reads them or allocates memory for them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from auxjepa.data import errors
from auxjepa.data.media import demux, listing
from auxjepa.data.media.index_cache import FrameIndexCache
from auxjepa.data.media.video import probe, read_frames


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(errors.MissingVideoError, match="is a named pipe, not a video file"):
        probe(tmp_path / "pipe.mp4")
    (tmp_path / "zero.mp4").symlink_to("/dev/zero")
    with pytest.raises(errors.MissingVideoError, match="is a device"):
        probe(tmp_path / "zero.mp4")
    (tmp_path / "loop.mp4").symlink_to("loop.mp4")
    with pytest.raises(errors.VideoError, match="levels of symbolic links"):
        probe(tmp_path / "loop.mp4")


def test_no_file_makes_ffmpeg_read_another_one(videos: dict[str, Path], tmp_path: Path) -> None:
    shutil.copy(videos["bframes"], tmp_path / "secret.mp4")
    for name, words in (
        ("script.mp4", "ffconcat version 1.0\nfile secret.mp4\n"),
        ("list.ts", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.mp4\n#EXT-X-ENDLIST\n"),
    ):
        (tmp_path / name).write_text(words)
        with pytest.raises(errors.UndecodableVideoError, match=r"not a video|as a video"):
            probe(tmp_path / name)


def test_sizes_of_no_real_video_are_refused(
    videos: dict[str, Path], tmp_path: Path, make_video: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    long = make_video(tmp_path / "long.mkv", np.zeros((2, 16, 2048, 3), np.uint8))
    assert read_frames(long, [1], size=1).shape == (1, 1, 1, 3)
    with pytest.raises(errors.TooLargeVideoError, match=r"2,048 x 16 pixels are too long for a short side of 1000"):
        read_frames(long, [0], size=1000)
    for limit, value, why in (
        ("MAX_SIDE", 2047, "its frames have 2,048 x 16 pixels"),
        ("MAX_PIXELS", 32_767, "its frames have 2,048 x 16 pixels"),
        ("MAX_FRAMES", 1, "more than 1 frames"),
        ("MAX_SECONDS", 0.05, "its frames span 0 days"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(demux if limit in ("MAX_SIDE", "MAX_PIXELS") else listing, limit, value)
            patch.setattr(listing, "_cache", FrameIndexCache())
            with pytest.raises(errors.TooLargeVideoError, match=why):
                probe(long)
    years = make_video(
        tmp_path / "years.mkv", np.zeros((3, 16, 16, 3), np.uint8), pts=[0, 1, 10**9], time_base=Fraction(1)
    )
    with pytest.raises(errors.TooLargeVideoError, match=r"its frames span 11,5\d\d days, at most 366 are read"):
        probe(years)
