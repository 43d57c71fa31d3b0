from __future__ import annotations

import errno
import operator
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auxjepa.processes import idle
from auxjepa.processes import jobs as parallel
from auxjepa.processes import pool as pools
from auxjepa.processes.jobs import run_jobs
from auxjepa.processes.pool import WorkerDiedError
from deadly import Deadly, die, end_by


@pytest.fixture
def grow_immediately(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start more processes immediately after the first job."""
    monkeypatch.setattr(parallel, "ALONE_SECONDS", 0.0)


@pytest.mark.usefixtures("grow_immediately")
def test_every_job_is_done_once() -> None:
    results = list(run_jobs(operator.neg, range(50), 2, "negating", progress=False))
    assert sorted(results) == [(n, -n) for n in range(50)]
    assert list(run_jobs(operator.neg, [], 2, "nothing", progress=False)) == []


def _process_id(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def _process_ids(seconds: list[float], workers: int, *, here: bool = False) -> list[int]:
    return [process for _, process in run_jobs(_process_id, seconds, workers, "asking", here=here, progress=False)]


def test_no_job_runs_in_this_process_and_short_jobs_share_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    processes = set[int]()
    monkeypatch.setattr(parallel, "ALONE_SECONDS", 60.0)
    for workers in (1, 2, 1):
        processes |= {*_process_ids([0.0] * 5, workers)}
    assert len(processes) == 1 and os.getpid() not in processes
    monkeypatch.setattr(parallel, "ALONE_SECONDS", 0.1)
    distinct = _process_ids([0.2] * 8, 2)
    assert 2 <= len(set(distinct)) <= 3 and os.getpid() not in distinct  # the first one, and up to two
    assert {*_process_ids([0.0] * 5, 1)} <= set(distinct)


def test_work_that_decodes_no_file_begins_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "ALONE_SECONDS", 60.0)
    for workers in (1, 2):
        processes = _process_ids([0.0] * 20, workers, here=True)
        assert processes == [os.getpid()] * 20
    monkeypatch.setattr(parallel, "ALONE_SECONDS", 0.0)
    processes = _process_ids([0.0] * 20, 2, here=True)
    assert len(processes) == 20 and processes.count(os.getpid()) == 1
    processes = _process_ids([0.0] * 20, 1, here=True)
    assert processes == [os.getpid()] * 20


KILLED = """
import os, time
from auxjepa.processes.jobs import run_jobs
jobs = run_jobs(os.readlink, ["/proc/self"] * 2, 1, "asking", progress=False)
print(next(jobs)[1], flush=True)
time.sleep(300)
"""


def test_a_process_ends_when_its_parent_is_killed() -> None:
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen([sys.executable, "-c", KILLED], **how) as parent:
        child = int(parent.stdout.readline())
        assert Path(f"/proc/{child}").exists()
        parent.kill()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()


@pytest.mark.parametrize("end", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_job_may_crash_its_process(end: int, workers: int) -> None:
    jobs = [(end, True), *((0, n) for n in range(6))]
    died = lambda job, how: how  # noqa: E731
    results = dict(run_jobs(end_by, jobs, workers, "working", died=died, progress=False))
    assert signal.Signals(end).name in results.pop(jobs[0]) and results == {job: job[1] for job in jobs[1:]}


def test_processes_that_cannot_start_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(idle, "_idle", [])
    monkeypatch.setattr(pools, "_fitting", full)
    with pytest.raises(
        WorkerDiedError, match=r"no room for them in /dev/shm .*\(No space left on device\): make it larg"
    ):
        list(run_jobs(operator.neg, [1, 2], 1, "negating", progress=False))


def test_no_job_is_blamed_if_idle_processes_die(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "_idle", [])
    monkeypatch.setattr(pools, "_begin", lambda *_: os._exit(1))
    with pytest.raises(WorkerDiedError, match="worker processes die before they do anything"):
        list(run_jobs(operator.neg, [1, 2], 1, "negating", died=lambda *_: pytest.fail("blamed"), progress=False))


@pytest.mark.usefixtures("grow_immediately")
@pytest.mark.parametrize("workers", [1, 2])
def test_exceptions_of_a_job_are_raised_here(workers: int) -> None:
    done = []
    with pytest.raises(TypeError, match="bad operand"):
        done.extend(run_jobs(operator.neg, [1, 2, "three", 4], workers, "negating", progress=False))


def test_the_bar_counts_jobs_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    list(run_jobs(operator.neg, range(3), 1, "negating", progress=True))
    shown = capsys.readouterr()
    assert "negating" in shown.err and "3/3" in shown.err and shown.out == ""


@pytest.mark.usefixtures("grow_immediately")
def test_a_killed_worker_is_replaced_and_its_jobs_are_done_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [*map(str, range(9)), "unlucky", *map(str, range(10, 30))]
    jobs, begin = [str(tmp_path / name) for name in names], time.monotonic()
    results = list(run_jobs(die, jobs, 2, "working", progress=True))
    assert sorted(results) == sorted(zip(jobs, names, strict=True)) and time.monotonic() - begin < 60
    assert "a worker died (SIGKILL, out of memory?) and is replaced" in " ".join(capsys.readouterr().err.split())


@pytest.mark.usefixtures("grow_immediately")
def test_a_job_that_kills_its_process_is_named(tmp_path: Path) -> None:
    jobs, begin = [str(tmp_path / name) for name in ("a", "b", "c", "deadly", "d", "e")], time.monotonic()
    done = []
    with pytest.raises(
        WorkerDiedError, match=r"(?s)^working: the process of a job \(.*/deadly\) dies .*SIGKILL"
    ) as caught:
        done.extend(run_jobs(die, jobs, 2, "working", progress=False))
    assert "\n" not in str(caught.value) and time.monotonic() - begin < 60
    results = dict(run_jobs(die, jobs, 2, "working", died=lambda job, how: how, progress=False))
    assert results.pop(jobs[3]) == "SIGKILL, out of memory?" and list(results.values()).count("e") == 1
    assert len(results) == 5


def test_a_process_that_is_killed_before_its_first_job_is_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(idle, "_idle", [])
    Deadly("auxjepa.processes.pool._begin", "", tmp_path / "flag").install(monkeypatch)
    assert dict(run_jobs(operator.neg, [1, 2], 1, "negating", progress=False)) == {1: -1, 2: -2}
    assert (tmp_path / "flag").exists()
    idle.end_idle()
