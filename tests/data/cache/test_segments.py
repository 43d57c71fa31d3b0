from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from auxjepa.data.cache.clip_cache import cache_key
from noise_cache import SETTINGS, fill, render_noise


class Stop(Exception):
    pass


def _jpeg_stopped(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a build that finished jobs 0 to 2 and 4 to 6, as two workers may, and was killed during job 3."""

    def out_of_order(work, jobs, *_, **__):
        for number in (0, 1, 2, 4, 5, 6):
            yield jobs[number], work(jobs[number])
        raise Stop

    with monkeypatch.context() as killed, pytest.raises(Stop):
        killed.setattr("auxjepa.data.cache.store.run_jobs", out_of_order)
        fill(root, encoding="jpeg")
    return root / f"{cache_key(SETTINGS, 'jpeg')}.partial"


@pytest.mark.parametrize(
    ("accident", "again"),
    [
        ("none", [6, 14, 16, 18]),
        ("blob cut", [4, 6, 14, 16, 18]),
        ("blob flipped", [2, 4, 6, 14, 16, 18]),
        ("blob longer", [6, 14, 16, 18]),
        ("segment twice", [6, 14, 16, 18]),
        ("segment cut", [6, 10, 14, 16, 18]),
        ("segment lost", [6, 8, 14, 16, 18]),
        ("stray files", [6, 14, 16, 18]),
        ("journal lost", list(range(0, 20, 2))),
        ("journal of another shape", list(range(0, 20, 2))),
    ],
)
def test_a_jpeg_build_resumes_after_any_accident(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accident: str, again: list[int]
) -> None:
    partial = _jpeg_stopped(tmp_path, monkeypatch)
    blob, journal, waiting = partial / "clips.jpgs", partial / "journal.bin", partial / "segments"
    assert [int(file.name) for file in sorted(waiting.iterdir())] == [8, 10, 12]
    data = blob.read_bytes()
    if accident == "blob cut":
        blob.write_bytes(data[:-1])
    elif accident == "blob flipped":
        blob.write_bytes(data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :])
    elif accident == "blob longer":
        blob.write_bytes(data + data[:1000])
    elif accident == "segment twice":  # killed between appending and removing
        (waiting / "000000000000").write_bytes(data[: len(data) // 3])
    elif accident == "segment cut":
        os.truncate(waiting / "000000000010", 100)
    elif accident == "segment lost":
        (waiting / "000000000008").unlink()
    elif accident == "stray files":
        (waiting / ".000000000014.99.partial").write_bytes(b"half")
    elif accident == "journal lost":
        journal.unlink()
    elif accident == "journal of another shape":
        journal.write_bytes(bytes(journal.stat().st_size // 2))
    rendered: list[int] = []
    cache = fill(tmp_path, render=lambda p: rendered.append(p[0]) or render_noise(p), encoding="jpeg")
    assert rendered == again
    straight = fill(tmp_path / "straight", encoding="jpeg")
    for file in straight.folder.iterdir():
        assert file.read_bytes() == (cache.folder / file.name).read_bytes(), file.name
    assert len(list(cache.folder.iterdir())) == len(list(straight.folder.iterdir()))


def test_a_build_resumes_with_differently_cut_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _jpeg_stopped(tmp_path, monkeypatch)
    rendered: list[int] = []
    again = fill(tmp_path, lambda p: rendered.append(p[0]) or render_noise(p), each=3, encoding="jpeg")
    assert rendered == [6, 9, 12, 15, 18]
    assert np.array_equal(again.clips, fill(tmp_path / "straight", encoding="jpeg").clips)
