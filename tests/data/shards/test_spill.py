from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from auxjepa.data.errors import VideoError
from auxjepa.data.shards import spill as module
from auxjepa.data.shards.spill import Spill


def _writes(data: bytes) -> Callable[[BinaryIO], None]:
    def fill(file: BinaryIO) -> None:
        file.write(data)

    return fill


def _never(file: BinaryIO) -> None:
    raise AssertionError("fetched again")


def _key(number: int) -> str:
    return f"{number:08x}" * 4


def _there(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_is_fetched_once_and_stays_the_same_file(tmp_path: Path) -> None:
    spill = Spill(tmp_path, 1000)
    with spill.lend(_key(1), "mp4", _writes(b"abc")) as path:
        before = path.stat().st_mtime_ns
        assert path.read_bytes() == b"abc" and path.name == _key(1) + ".mp4"
    with Spill(tmp_path, 1000).lend(_key(1), "mp4", _never) as again:
        assert again == path
    path.unlink()
    with spill.lend(_key(1), "mp4", _writes(b"abc")) as path:
        assert path.stat().st_mtime_ns == before


def test_the_least_recently_used_file_is_removed_first(tmp_path: Path) -> None:
    spill = Spill(tmp_path, 300)
    for number in range(3):
        with spill.lend(_key(number), "mp4", _writes(b"x" * 100)):
            pass
    with spill.lend(_key(0), "mp4", _never):
        pass
    with spill.lend(_key(3), "mp4", _writes(b"x" * 100)):
        pass
    assert _there(tmp_path) == [_key(n) + ".mp4" for n in (0, 2, 3)]


def test_files_in_use_stay_in_all_processes(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from auxjepa.data.shards.spill import Spill\n"
        f"with Spill(Path({str(tmp_path)!r}), 100).lend({_key(1)!r}, 'mp4', lambda file: file.write(b'x' * 90)):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        spill = Spill(tmp_path, 100)
        with spill.lend(_key(2), "mp4", _writes(b"x" * 90)), spill.lend(_key(3), "mp4", _writes(b"x" * 90)):
            assert _there(tmp_path) == [_key(n) + ".mp4" for n in (1, 2, 3)]
        other.kill()
    with spill.lend(_key(4), "mp4", _writes(b"x" * 90)):
        assert _there(tmp_path) == [_key(4) + ".mp4"]


def test_a_file_larger_than_the_folder_is_lent_too(tmp_path: Path) -> None:
    with Spill(tmp_path, 10).lend(_key(1), "mp4", _writes(b"x" * 100)) as path:
        assert path.stat().st_size == 100


def test_no_partial_file_is_visible(tmp_path: Path) -> None:
    def cut(file: BinaryIO) -> None:
        file.write(b"half")
        raise VideoError("x", "the connection was cut")

    with pytest.raises(VideoError, match="the connection was cut"), Spill(tmp_path, 10).lend(_key(1), "mp4", cut):
        pass
    assert _there(tmp_path) == []


def test_partial_files_of_dead_processes_are_removed(tmp_path: Path) -> None:
    (tmp_path / "00").mkdir()
    old, new = tmp_path / "00" / ".old.mp4.1.1.partial", tmp_path / "00" / ".new.mp4.1.1.partial"
    for path in (old, new):
        path.touch()
    os.utime(old, (time.time() - 7200,) * 2)
    with Spill(tmp_path, 10).lend(_key(1), "mp4", _writes(b"x")):
        assert _there(tmp_path) == [new.name, _key(1) + ".mp4"]


def test_a_full_disk_is_cleaned_or_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spill = Spill(tmp_path, 1000)
    for number in range(2):
        with spill.lend(_key(number), "mp4", _writes(b"x" * 400)):
            pass

    def full_until(files: int) -> Callable[[BinaryIO], None]:
        def fill(file: BinaryIO) -> None:
            if len(list(tmp_path.rglob("*.mp4"))) > files:
                raise OSError(errno.ENOSPC, "No space left on device")
            file.write(b"y")

        return fill

    with spill.lend(_key(2), "mp4", full_until(1)):
        assert _there(tmp_path) == [_key(1) + ".mp4", _key(2) + ".mp4"]
    with pytest.raises(VideoError, match="No space left on device"), spill.lend(_key(3), "mp4", full_until(-1)):
        pass


def test_a_file_removed_while_it_is_being_lent_is_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spill = Spill(tmp_path, 1000)
    with spill.lend(_key(1), "mp4", _writes(b"old")) as path:
        pass
    original, raced = module.fcntl.flock, []

    def flock(handle: int, how: int) -> None:
        if not raced:
            raced.append(path.unlink())
        original(handle, how)

    monkeypatch.setattr(module.fcntl, "flock", flock)
    with spill.lend(_key(1), "mp4", _writes(b"new")) as path:
        assert path.read_bytes() == b"new"
    assert raced
