"""How many processes may be busy; tasks of which none takes another down."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import loky
import pytest

from auxjepa import limits
from auxjepa.processes import tasks as processes
from auxjepa.processes.tasks import Outcome, ProcessDiedError, Task, cores, run_tasks
from deadly import die


def slow(place: str) -> str:
    """The file's name after a while; notes each time that it is begun."""
    path = Path(place)
    with path.open("a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(1.0)
    return path.name


def leave(place: str) -> str:
    """Ends its process as an extension that calls exit does."""
    os._exit(3)


def raises(place: str) -> str:
    raise ValueError(f"{place} is no number")


def outcomes(tasks: list[Task], workers: int, told: list[str]) -> dict[str, Outcome]:
    found = run_tasks(tasks, workers, poll=0.2, died=lambda task, how: told.append(f"{task.name}: {how}"))
    return {one.task.name: one for some in found for one in some}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_process_costs_its_own_task_one_more_try(tmp_path: Path, workers: int) -> None:
    told: list[str] = []
    names = ["unlucky", "b", "deadly", "d", "e"]
    found = outcomes([Task(name, die, (str(tmp_path / name),)) for name in names], workers, told)
    assert found.keys() == set(names)
    assert {name: one.result for name, one in found.items() if one.error is None} == {
        n: n for n in names if n != "deadly"
    }
    error = found["deadly"].error
    assert isinstance(error, ProcessDiedError) and "died 2 times (SIGKILL, out of memory?)" in str(error)
    assert sorted(told) == ["deadly: SIGKILL, out of memory?", "unlucky: SIGKILL, out of memory?"]


def test_the_others_are_not_even_begun_again(tmp_path: Path) -> None:
    tasks = [Task("deadly", die, (str(tmp_path / "deadly"),)), Task("slow", slow, (str(tmp_path / "slow"),))]
    assert outcomes(tasks, 2, [])["slow"].result == "slow"
    assert len((tmp_path / "slow").read_text().splitlines()) == 1


def test_errors_are_kept_and_other_ends_are_named() -> None:
    told: list[str] = []
    found = outcomes([Task("a", raises, ("x",)), Task("b", leave, ("x",))], 1, told)
    assert str(found["a"].error) == "x is no number" and told == ["b: EXIT(3)"]
    assert "EXIT(3)" in str(found["b"].error)


def test_nothing_to_do() -> None:
    assert list(run_tasks([], 4, poll=1.0, died=lambda task, how: None)) == []


def test_whoever_stops_listening_ends_the_processes(tmp_path: Path) -> None:
    running = run_tasks([Task("s", slow, (str(tmp_path / "s"),))], 1, poll=0.1, died=lambda task, how: None)
    while not (tmp_path / "s").exists() or not (tmp_path / "s").read_text():
        next(running)
    running.close()
    pid = int((tmp_path / "s").read_text())
    for _ in range(100):
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            return
        if "Z" in Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3]:
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} still runs")


def quota_of(tmp_path: Path, text: str, group: str = "/job") -> Path:
    """A /proc/self of a process in a control group (version 2) with this cpu.max; the group is below the mount."""
    mount = tmp_path / "cgroup"
    (mount / group.strip("/")).mkdir(parents=True)
    (mount / group.strip("/") / "cpu.max").write_text(text)
    proc = tmp_path / "proc"
    proc.mkdir()
    (proc / "cgroup").write_text(f"0::{group}\n")
    (proc / "mountinfo").write_text(f"30 23 0:26 / {mount} rw,nosuid - cgroup2 cgroup2 rw\n")
    return proc


@pytest.mark.parametrize(
    ("text", "expected"),
    [("150000 100000", 2), ("50000 100000", 1), ("max 100000", 8), ("800000 100000", 8), ("1600000 100000", 8)],
)
def test_a_quota_of_any_control_group_bounds_the_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: int
) -> None:
    proc = quota_of(tmp_path, text)
    monkeypatch.setattr(processes, "cpu_quota", lambda: limits.cpu_quota(proc))
    monkeypatch.setattr(loky, "cpu_count", lambda: 8)
    assert cores() == expected


def test_what_loky_knows_bounds_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's quota at the root of the mount, the affinity, and the number that the user gave."""
    monkeypatch.setattr(processes, "cpu_quota", lambda: None)
    monkeypatch.setattr("loky.backend.context._cpu_count_cgroup", lambda count: 1)
    assert cores() == 1
    monkeypatch.undo()
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    assert cores() == 1
