from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from auxjepa.data.cache.clip_cache import Encoding
from auxjepa.data.cache.job import JobClips
from auxjepa.data.cache.raw import RawBuild
from auxjepa.data.errors import CacheError
from auxjepa.data.space import readable
from noise_cache import fill, render_noise


def test_the_required_space_is_printed_before_a_build(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(tmp_path, progress=True)
    printed = capsys.readouterr().err
    assert printed.startswith("cache of 20 clips of 4 x 6 x 6, raw: 9.1 kB; ") and f"are free in {tmp_path}" in printed
    fill(tmp_path, progress=True)
    assert capsys.readouterr().err == ""
    fill(tmp_path, progress=True, encoding="jpeg")
    assert "jpeg: about" in (printed := capsys.readouterr().err) and "(an estimate)" in printed


@pytest.mark.parametrize("encoding", ["raw", "jpeg"])
def test_a_build_that_does_not_fit_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: Encoding
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=500))
    with pytest.raises(
        CacheError, match=r"20 clips of 4 x 6 x 6, \w+ take .* kB.*, and 500 bytes are free: take fewer"
    ):
        fill(tmp_path, render=lambda payload: pytest.fail("rendered"), encoding=encoding)


@pytest.mark.parametrize("encoding", ["raw", "jpeg"])
def test_a_full_disk_keeps_finished_clips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: Encoding) -> None:
    rendered: list[int] = []

    def render(payload: tuple[int, int]) -> JobClips:
        rendered.append(payload[0])
        if len(rendered) == 6:
            raise OSError(errno.ENOSPC, "No space left on device")
        return render_noise(payload)

    with pytest.raises(CacheError, match=r"the disk is full; finished clips are kept in \w+\.partial"):
        fill(tmp_path, render=render, encoding=encoding)
    cache = fill(tmp_path, render=render, encoding=encoding)
    assert rendered == [0, 2, 4, 6, 8, 10, 10, 12, 14, 16, 18]
    assert np.array_equal(cache.clips, fill(tmp_path / "straight", encoding=encoding).clips)


def test_clips_on_the_disk_need_no_further_space(tmp_path: Path) -> None:
    build = RawBuild(tmp_path, (8, 1, 64, 64, 3))
    build.begin(np.zeros(8, [("done", "u1"), ("crc", "<u4")]), [])
    assert build.needs(8) == 8 * 64 * 64 * 3 and build.needs(2) == 2 * 64 * 64 * 3
    with (tmp_path / "clips.bin").open("r+b") as file:
        file.write(b"x" * 6 * 64 * 64 * 3)
        os.fsync(file.fileno())
    assert build.needs(8) <= 2 * 64 * 64 * 3


def test_sizes_are_readable() -> None:
    assert [readable(n) for n in (0, 999, 1000, 12_345_678, 4_200_000_000, 7 * 10**15)] == [
        "0 bytes",
        "999 bytes",
        "1.0 kB",
        "12.3 MB",
        "4.2 GB",
        "7.0 PB",
    ]
