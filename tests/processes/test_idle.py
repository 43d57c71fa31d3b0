"""Idle processes that wait for the next jobs."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from auxjepa.processes import idle
from auxjepa.processes.jobs import run_jobs


def _process_id(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def _process_ids(seconds: list[float], workers: int, *, here: bool = False) -> list[int]:
    return [process for _, process in run_jobs(_process_id, seconds, workers, "asking", here=here, progress=False)]


def _look(name: str) -> tuple[str, str | None, bool]:
    return str(Path.cwd()), os.environ.get(name), "/nowhere" in sys.path


def test_an_idle_process_has_the_folder_and_environment_of_its_next_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look() -> tuple[str, str | None, bool]:
        ((_, result),) = run_jobs(_look, ["AUXJEPA_TEST"], 1, "looking", progress=False)
        return result

    before = look()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUXJEPA_TEST", "set")
    monkeypatch.syspath_prepend("/nowhere")
    assert before[1:] == (None, False) and look() == (str(tmp_path), "set", True)
    monkeypatch.undo()
    assert look() == before


def test_an_idle_process_that_was_killed_is_replaced() -> None:
    (before,) = _process_ids([0.0], 1)
    os.kill(before, signal.SIGKILL)
    assert before not in _process_ids([0.0] * 3, 1)


def test_an_idle_process_ends_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "_IDLE_SECONDS", 0.2)
    monkeypatch.setattr(idle, "_idle", [])
    (before,) = _process_ids([0.0], 1)
    deadline = time.monotonic() + 20
    while Path(f"/proc/{before}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{before}").exists()
    assert before not in _process_ids([0.0] * 3, 1)
