from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from auxjepa.data.cache.store import Encoding, Rendered, cache_key, open_cache
from auxjepa.data.errors import CacheError
from noise_cache import FRAMES, SETTINGS, SIZE, fill, render_noise

CLIPS, INDEX = {"raw": ["clips.bin"], "jpeg": ["clips.jpgs"]}, {"raw": [], "jpeg": ["index.npy"]}


def test_a_cache_holds_what_was_rendered(tmp_path: Path) -> None:
    cache = fill(tmp_path)
    assert len(cache) == 20 and cache.clips.shape == (20, FRAMES, SIZE, SIZE, 3) and cache.clips.dtype == np.uint8
    for first in (0, 6, 18):
        assert np.array_equal(cache.clips[first : first + 2], render_noise((first, 2)).clips)
    assert cache.names[7] == "clip 7" and cache.labels["kind"].tolist() == [n % 3 for n in range(20)]
    assert cache.labels["kind"].dtype == np.int64 and cache.classes == {"kind": ("a", "b", "c")}
    assert cache.indices[5].tolist() == [5, 6, 7, 8] and cache.repeated.tolist() == [0, 1] * 10
    with pytest.raises(ValueError, match="read-only"):
        cache.clips[0] = 0
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix != ".lock") == [cache.key]


def test_it_is_filled_once(tmp_path: Path) -> None:
    first = fill(tmp_path)
    again = fill(tmp_path, render=lambda payload: pytest.fail("rendered again"))
    assert again.key == first.key == cache_key(SETTINGS)
    assert cache_key({**SETTINGS, "count": 21}) != first.key and cache_key(SETTINGS, "jpeg") != first.key
    assert cache_key(SETTINGS) == "56dcc0c1c9bc053f"  # caches that people have keep their names
    opened = open_cache(tmp_path, first.key, verify=True)
    assert np.array_equal(opened.clips, first.clips)


def test_what_failed_goes_on_where_it_stood(tmp_path: Path) -> None:
    rendered: list[int] = []

    def failing(payload: tuple[int, int]) -> Rendered:
        if payload[0] == 10:
            raise RuntimeError("no more")
        rendered.append(payload[0])
        return render_noise(payload)

    with pytest.raises(RuntimeError, match="no more"):
        fill(tmp_path, render=failing)
    with pytest.raises(CacheError, match="build it again to go on"):
        open_cache(tmp_path, cache_key(SETTINGS))
    assert rendered == [0, 2, 4, 6, 8]
    # A finished clip whose bytes never reached the disk: its checksum gives it away.
    partial = tmp_path / f"{cache_key(SETTINGS)}.partial" / "clips.bin"
    with partial.open("r+b") as file:
        file.seek(4 * FRAMES * SIZE * SIZE * 3)
        file.write(bytes(50))
    rendered.clear()
    cache = fill(tmp_path, render=lambda payload: rendered.append(payload[0]) or render_noise(payload))
    assert rendered == [4, 10, 12, 14, 16, 18]
    assert np.array_equal(cache.clips, fill(tmp_path / "other").clips)


def test_a_read_only_folder_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = fill(tmp_path).key
    (tmp_path / key / "used").unlink()
    real = os.open

    def read_only(path, flags, *more, **named):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and str(path).startswith(str(tmp_path)):
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return real(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", read_only)
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    assert len(fill(tmp_path)) == 20 and not (tmp_path / key / "used").exists()


@pytest.mark.parametrize(
    ("file", "change", "why"),
    [
        ("header.json", lambda data: data[:-20], "header is missing or damaged"),
        ("header.json", lambda data: data.replace(b"clip 7", b"clip 8"), "header is missing or damaged"),
        ("header.json", lambda data: b"[]", "header is missing or damaged"),
        ("header.json", None, "header is missing or damaged"),
        ("clips.bin", lambda data: data[:-1], "8,639 bytes instead of 8,640"),
        ("clips.bin", lambda data: data + b"0", "8,641 bytes instead of 8,640"),
        ("clips.bin", None, "0 bytes instead of 8,640"),
        ("journal.npy", lambda data: data[:-1] + b"x", "checksum"),
        ("labels.npz", lambda data: data[:-1], "checksum"),
    ],
)
def test_damage_is_named(tmp_path: Path, file: str, change, why: str) -> None:
    cache = fill(tmp_path)
    path = cache.folder / file
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change(path.read_bytes()))
    with pytest.raises(CacheError, match=why) as caught:
        open_cache(tmp_path, cache.key)
    assert str(path) in str(caught.value) and "build it again" in str(caught.value)
    with pytest.raises(CacheError):
        fill(tmp_path)  # it is never silently replaced


def test_another_version_and_flipped_bits_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = fill(tmp_path)
    with monkeypatch.context() as later:
        later.setattr("auxjepa.data.cache.store.VERSION", 2)
        with pytest.raises(CacheError, match="version 1, this is version 2"):
            open_cache(tmp_path, cache.key)
    data = bytearray((cache.folder / "clips.bin").read_bytes())
    data[3 * FRAMES * SIZE * SIZE * 3 + 5] ^= 1
    (cache.folder / "clips.bin").write_bytes(data)
    open_cache(tmp_path, cache.key)
    with pytest.raises(CacheError, match=r"clip 3 \(clip 3\) is damaged"):
        open_cache(tmp_path, cache.key, verify=True)


def test_a_renderer_that_makes_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a job of 2 clips made float64"):
        fill(
            tmp_path,
            render=lambda p: Rendered(np.zeros((2, FRAMES, SIZE, SIZE, 3)), np.zeros((2, FRAMES)), np.zeros(2)),
        )


SLOW_BUILD = """
import sys, time
from pathlib import Path
import numpy as np
from auxjepa.processes import jobs as parallel
from auxjepa.data.cache.store import Job, Rendered, fill_cache

def render(payload):
    first, count = payload
    time.sleep(0.02)
    with open(sys.argv[2], "a") as log:
        log.write(f"{first}\\n")
    clips = [np.random.default_rng(n).integers(0, 256, (4, 6, 6, 3), np.uint8) for n in range(first, first + count)]
    return Rendered(np.stack(clips), np.zeros((count, 4), int), np.zeros(count, int))

jobs = [Job(first, 2, (first, 2)) for first in range(0, 60, 2)]
names, encoding = ["n"] * 60, sys.argv[3]
fill_cache(
    Path(sys.argv[1]), {"slow": 1}, (4, 6, 6), jobs, render, names=names, encoding=encoding, workers=1, progress=False
)
"""


def _start(root: Path, log: Path, encoding: str = "raw") -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", SLOW_BUILD, str(root), str(log), encoding])


@pytest.mark.parametrize("encoding", ["raw", "jpeg"])
def test_a_build_killed_again_and_again_gives_the_same_bytes(tmp_path: Path, encoding: Encoding) -> None:
    log, root, moments = tmp_path / "log", tmp_path / "killed", random.Random(0)
    for _ in range(3):
        before = log.read_text().count("\n") if log.exists() else 0
        process = _start(root, log, encoding)
        wanted, deadline = before + moments.randint(2, 6), time.monotonic() + 30
        while not (log.exists() and log.read_text().count("\n") >= wanted) and time.monotonic() < deadline:
            time.sleep(moments.random() * 0.01)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert not (root / cache_key({"slow": 1}, encoding)).exists()
    assert _start(root, log, encoding).wait() == 0
    rendered = [int(line) for line in log.read_text().splitlines()]
    assert set(rendered) == set(range(0, 60, 2)) and len(rendered) <= 30 + 3  # at most the job in hand is done again
    assert _start(tmp_path / "straight", tmp_path / "other", encoding).wait() == 0
    key = cache_key({"slow": 1}, encoding)
    files = sorted(p.name for p in (root / key).iterdir())
    assert files == [*CLIPS[encoding], "header.json", *INDEX[encoding], "journal.npy", "labels.npz", "used"]
    for name in files:
        assert (root / key / name).read_bytes() == (tmp_path / "straight" / key / name).read_bytes(), name


def test_two_processes_that_want_one_cache_build_it_once(tmp_path: Path) -> None:
    processes = [_start(tmp_path / "both", tmp_path / "log") for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert len((tmp_path / "log").read_text().splitlines()) == 30


def test_two_threads_that_want_one_cache_build_it_once(tmp_path: Path) -> None:
    rendered: list[int] = []

    def slowly(payload: tuple[int, int]) -> Rendered:
        time.sleep(0.005)
        rendered.append(payload[0])
        return render_noise(payload)

    threads = [threading.Thread(target=fill, args=(tmp_path, slowly)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(rendered) == list(range(0, 20, 2))


def test_the_header_is_readable_by_anyone(tmp_path: Path) -> None:
    header = json.loads((fill(tmp_path).folder / "header.json").read_text())
    assert (
        header["format"] == "auxjepa-clips" and header["settings"] == SETTINGS and header["shape"] == [20, 4, 6, 6, 3]
    )
