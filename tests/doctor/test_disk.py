from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auxjepa.doctor import Settings, disk

GOOD: dict[str, Any] = {"path": "/data", "exists": True, "free": 10**12, "locks": True, "cold": True}


def test_a_missing_root_is_measured_in_its_parent(tmp_path: Path) -> None:
    (check,) = disk.disk(Settings(tmp_path / "not" / "yet", tmp_path))
    assert check.state != "fail" and "not created yet" in check.found and check.values["locks"]
    assert check.values["bytes"] > 0 and check.values["write"] > 0 and check.values["read"] > 0
    assert [*tmp_path.iterdir()] == []


def test_quick_measures_nothing(tmp_path: Path) -> None:
    (check,) = disk.disk(Settings(tmp_path, tmp_path, quick=True))
    assert check.state != "fail" and "write" not in check.values and "not made" not in check.found


def test_a_root_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("")
    (check,) = disk.disk(Settings(file / "data", tmp_path))
    assert check.state == "fail" and "is not a folder" in check.found and "--data.root" in str(check.advice)
    if Path("/proc/self").exists():  # nobody may write there, root included
        (check,) = disk.disk(Settings(Path("/proc/auxjepa"), tmp_path))
        assert check.state == "fail" and check.values["free"] == 0

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "speed", full)
    (check,) = disk.disk(Settings(tmp_path, tmp_path))
    assert check.state == "fail" and "No space left" in check.found


def test_a_slow_disk_is_given_up_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 2))
    monkeypatch.setattr(disk.time, "perf_counter", lambda: next(clock))
    measured = disk.speed(tmp_path, 2**30)
    assert measured["bytes"] == disk._CHUNK and measured["write"] == pytest.approx(disk._CHUNK / 6 / 1e6, abs=0.05)


@pytest.mark.parametrize(
    ("change", "state", "advice"),
    [
        ({}, "ok", None),
        ({"write": 300.0, "read": 900.0}, "ok", None),
        ({"write": 20.0, "read": 900.0}, "warn", "wait for data"),
        ({"write": 300.0, "read": 20.0}, "warn", "wait for data"),
        ({"free": 4 * 10**9}, "warn", "auxjepa data cache ls"),
        ({"free": 10**8}, "fail", "auxjepa data cache ls"),
        ({"locks": False}, "warn", "one process at a time"),
    ],
)
def test_what_room_and_speed_mean(change: dict[str, Any], state: str, advice: str | None) -> None:
    check = disk.judge_disk(GOOD | change)
    assert check.state == state
    assert check.advice is None if advice is None else advice in str(check.advice)


def test_locks_that_exclude_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert disk.locks(tmp_path)

    class Open:
        def __init__(self, *_: object, **__: object) -> None: ...
        def __enter__(self) -> None: ...
        def __exit__(self, *_: object) -> None: ...
        def acquire(self, **_: object) -> None: ...

    monkeypatch.setattr(disk, "FileLock", Open)
    assert not disk.locks(tmp_path)
