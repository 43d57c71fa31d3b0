from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from auxjepa.data.cache.clip_cache import cache_key, open_cache
from auxjepa.data.cache.job import JobClips
from auxjepa.data.cache.upkeep import list_caches, older, remove, seconds_of, verify
from auxjepa.data.errors import CacheError
from noise_cache import SETTINGS, fill, render_noise

RAW, JPEG = cache_key(SETTINGS), cache_key(SETTINGS, "jpeg")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A complete raw cache, used an hour ago, and a JPEG one that was begun."""

    def stopped(payload: tuple[int, int]) -> JobClips:
        if payload[0] == 12:
            raise RuntimeError("stopped")
        return render_noise(payload)

    fill(tmp_path / "clips", about="/videos")
    used = tmp_path / "clips" / RAW / "used"
    os.utime(used, (time.time() - 3600, time.time() - 3600))
    with pytest.raises(RuntimeError, match="stopped"):
        fill(tmp_path / "clips", stopped, encoding="jpeg")
    return tmp_path


def test_caches_are_listed(root: Path) -> None:
    begun, complete = list_caches(root)
    assert (complete.key, complete.state, complete.encoding) == (RAW, "complete", "raw")
    assert complete.clips == complete.done == 20 and complete.shape == (4, 6, 6)
    assert complete.about == "/videos" and complete.settings == SETTINGS
    assert 3590 < time.time() - complete.used < 3700 and complete.size >= 20 * 4 * 6 * 6 * 3
    assert (begun.key, begun.state, begun.encoding, begun.done, begun.clips) == (JPEG, "partial", "jpeg", 12, 20)
    assert list_caches(root / "elsewhere") == []


def test_opening_counts_as_use_and_listing_does_not(root: Path) -> None:
    verify(root, RAW)
    assert time.time() - list_caches(root)[1].used > 3000
    cache = open_cache(root / "clips", RAW)
    first = list_caches(root)[0]
    assert time.time() - first.used < 60 and first.state == "in use"
    del cache
    assert list_caches(root)[0].state == "complete"


def test_a_damaged_cache_is_listed_and_can_be_removed(root: Path) -> None:
    (root / "clips" / RAW / "header.json").write_text("{}")
    damaged = next(one for one in list_caches(root) if one.key == RAW)
    assert damaged.state == "damaged" and damaged.size > 0
    assert remove(root, RAW).freed == damaged.size


def test_removing_frees_the_returned_bytes(root: Path) -> None:
    sizes = {one.key: one.size for one in list_caches(root)}
    for key in (RAW, JPEG):
        assert remove(root, key, dry=True).freed == sizes[key] > 0
        assert len(list_caches(root)) == len(sizes)
        assert remove(root, key).freed == sizes.pop(key)
        assert {one.key for one in list_caches(root)} == set(sizes)
    for key in (RAW, "..", "nonsense"):
        with pytest.raises(CacheError, match="no such cache"):
            remove(root, key)
    assert [path.suffix for path in (root / "clips").iterdir()] == [".lock", ".lock"]
    assert len(fill(root / "clips", encoding="jpeg")) == 20


def test_a_removal_that_is_killed_leaves_no_half_cache(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(folder: Path) -> None:
        (Path(folder) / "header.json").unlink()
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        remove(root, RAW)
    monkeypatch.undo()
    left = next(one for one in list_caches(root) if one.key == RAW)
    assert left.state == "partial" and not (root / "clips" / RAW).exists()
    assert len(fill(root / "clips")) == 20


def test_open_caches_are_kept(root: Path) -> None:
    cache = open_cache(root / "clips", RAW)
    clips = cache.clips
    del cache
    assert remove(root, RAW).kept == "a living process reads it" and clips[0].any()
    del clips
    assert not remove(root, RAW).kept


BUILDING = """
import sys, time
from pathlib import Path
from auxjepa.data.cache.job import Job, JobClips
from auxjepa.data.cache.store import fill_cache

def render(payload):
    print("building", flush=True)
    time.sleep(600)

fill_cache(Path(sys.argv[1]), {"slow": 1}, (4, 6, 6), [Job(0, 1, 0)], render, names=["n"], workers=1, progress=False)
"""
READING = """
import sys, time
from pathlib import Path
from auxjepa.data.cache.clip_cache import open_cache
clips = open_cache(Path(sys.argv[1]), sys.argv[2]).clips
print("reading", flush=True)
time.sleep(600)
"""


@pytest.fixture
def busy(root: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A process that builds a cache and one that reads another."""
    clips = str(root / "clips")
    words = ([BUILDING, clips], [READING, clips, RAW])
    processes = [subprocess.Popen([sys.executable, "-c", *some], stdout=subprocess.PIPE) for some in words]
    for process in processes:
        assert process.stdout is not None and process.stdout.readline()
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def test_caches_of_other_processes_are_kept_until_these_end(root: Path, busy: list[subprocess.Popen[bytes]]) -> None:
    slow = cache_key({"slow": 1})
    states = {one.key: one.state for one in list_caches(root)}
    assert states == {slow: "being built", RAW: "in use", JPEG: "partial"}
    assert remove(root, slow).kept == "a living process builds or opens it"
    assert remove(root, RAW).kept == "a living process reads it"
    assert {one.key: one.state for one in list_caches(root)} == states
    for process in busy:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert not remove(root, slow).kept and not remove(root, RAW).kept
    assert [one.key for one in list_caches(root)] == [JPEG]


def test_ages(root: Path) -> None:
    assert [seconds_of(age) for age in ("45m", "12h", "30d", "2w", "1.5h")] == [2700, 43200, 2592000, 1209600, 5400]
    for bad in ("30", "d", "-3d", "3 days", ""):
        with pytest.raises(ValueError, match="such as 30d"):
            seconds_of(bad)
    assert [one.key for one in older(list_caches(root), 1800.0)] == [RAW]


def test_verifying_reads_everything(root: Path) -> None:
    read: list[int] = []
    assert verify(root, RAW, read.append) == [] and sum(read) == 20 * 4 * 6 * 6 * 3
    file = root / "clips" / RAW / "clips.bin"
    data = bytearray(file.read_bytes())
    data[7 * 4 * 6 * 6 * 3] ^= 1
    data[-1] ^= 1
    file.write_bytes(data)
    assert verify(root, RAW) == [7, 19]
