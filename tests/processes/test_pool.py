"""Worker processes end with their parent, and a tiny /dev/shm is a line or fewer processes, never a crash."""

from __future__ import annotations

import mmap
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from auxjepa.processes import pool as pools
from auxjepa.processes.pool import Pool, SharedMemoryError


def _room(monkeypatch: pytest.MonkeyPatch, pages: int, total: int = 1 << 20) -> None:
    usage = SimpleNamespace(total=total, free=pages * mmap.PAGESIZE)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)


def test_no_room_for_locks_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    _room(monkeypatch, 8)
    with pytest.raises(
        SharedMemoryError, match=r"no room for them in /dev/shm of 1,049 kB \(No space left on device\)"
    ):
        Pool(2)


def test_little_room_means_fewer_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    _room(monkeypatch, 9)
    with Pool(4) as pool:
        assert {pool.submit(os.getpid).result() for _ in range(4)} != {os.getpid()}
        assert pool._max_workers == 1
    _room(monkeypatch, 0, total=0)  # a tmpfs without a limit
    assert pools._fitting(4) == 4


NAMESPACE = """
mount -t tmpfs -o size={size} tmpfs /dev/shm && exec "{python}" -c '
import os
from auxjepa.processes.pool import Pool
try:
    with Pool(4) as pool:
        print(len(list(pool.map(abs, range(20)))))
except RuntimeError as error:
    print(error)
'
"""


@pytest.mark.parametrize(("size", "line"), [("64k", "20"), ("40k", "20"), ("16k", "worker processes need locks")])
def test_with_a_tiny_shared_memory_indeed(size: str, line: str) -> None:
    script = NAMESPACE.format(size=size, python=sys.executable)
    done = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=False)
    if not done.stdout and any(word in done.stderr for word in ("unshare", "mount", "not permitted")):
        pytest.skip(f"no mount namespace here: {done.stderr.strip()[:80]}")
    assert done.stdout.startswith(line), done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_processes_end_when_their_parent_is_killed() -> None:
    code = (
        "import os, time; from auxjepa.processes.pool import Pool\n"
        "pool = Pool(2); first = pool.submit(os.getpid).result(); busy = [pool.submit(time.sleep, 600) for _ in '12']\n"
        "print(first, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
    end = time.monotonic() + 30
    while _lives(worker) and time.monotonic() < end:
        time.sleep(0.1)
    assert not _lives(worker)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
