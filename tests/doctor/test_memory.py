from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import NoReturn

import pytest

from auxjepa.doctor import Settings, memory
from auxjepa.limits import MemoryLimit

GB = 10**9


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, tmp_path)


def test_memory_of_this_machine(settings: Settings) -> None:
    (check,) = memory.memory(settings)
    assert 0 < check.values["available"] <= check.values["total"] <= check.values["machine"]


def test_meminfo_and_its_absence(tmp_path: Path) -> None:
    file = tmp_path / "meminfo"
    file.write_text("MemTotal:       100 kB\nMemFree:  10 kB\nMemAvailable:    40 kB\nHugePages_Total: 0\n")
    assert memory.machine_memory(file) == (102400, 40960)
    total, available = memory.machine_memory(tmp_path / "none")
    assert total > 2**20 and available is None
    assert memory.judge_memory(total, available, None).state == "ok"


def test_what_a_container_leaves_counts() -> None:
    assert memory.judge_memory(64 * GB, 60 * GB, None).state == "ok"
    assert memory.judge_memory(64 * GB, 60 * GB, MemoryLimit(128 * GB, 0)).values["total"] == 64 * GB
    tight = memory.judge_memory(64 * GB, 60 * GB, MemoryLimit(4 * GB, 3 * GB))
    assert tight.state == "warn" and "1.0 GB available of 4.0 GB (the container's share of 64.0 GB)" in tight.found
    full = memory.judge_memory(64 * GB, 60 * GB, MemoryLimit(4 * GB, 5 * GB))
    assert full.state == "fail" and full.values["available"] == 0 and "container" in str(full.advice)


def test_a_small_shm(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert next(iter(memory.shared_memory(settings))).name == "shared memory"
    monkeypatch.setattr(memory, "_SHM", settings.scratch)
    monkeypatch.setattr(memory.shutil, "disk_usage", lambda path: (64 * 2**20, 0, 64 * 2**20))
    (check,) = memory.shared_memory(settings)
    assert check.state == "warn" and "--shm-size" in str(check.advice) and "67.1 MB" in check.found
    monkeypatch.setattr(memory, "_SHM", settings.scratch / "none")
    (check,) = memory.shared_memory(settings)
    assert check.state == "ok" and check.values == {"total": None}


def test_locks_that_cannot_be_made(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def Lock(self) -> NoReturn:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(multiprocessing, "get_context", lambda kind: Broken())
    (check,) = memory.shared_memory(settings)
    assert check.state == "fail" and "Permission denied" in check.found and "/dev/shm" in str(check.advice)


def test_open_files(settings: Settings) -> None:
    assert [check.name for check in memory.open_files(settings)] == ["open files"]
    few = memory.judge_files(256, 2048)
    assert few.state == "warn" and few.advice == "ulimit -n 2048, or fewer data.workers"
    assert memory.judge_files(1024, 4096).state == memory.judge_files(None, None).state == "ok"
    assert "4096" in str(memory.judge_files(256, None).advice)
    assert "administrator" in str(memory.judge_files(256, 256).advice)
