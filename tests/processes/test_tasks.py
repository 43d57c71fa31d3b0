"""Long tasks in separate processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from auxjepa.processes.tasks import Outcome, ProcessDiedError, Task, run_tasks
from deadly import die


def slow(place: str) -> str:
    """Write a line to the file at each start and return the file's name after a second."""
    path = Path(place)
    with path.open("a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(1.0)
    return path.name


def end_process(place: str) -> str:
    """End the process as an extension that calls exit does."""
    os._exit(3)


def raises(place: str) -> str:
    raise ValueError(f"{place} is no number")


def outcomes(tasks: list[Task], workers: int, deaths: list[str]) -> dict[str, Outcome]:
    found = run_tasks(tasks, workers, poll=0.2, died=lambda task, how: deaths.append(f"{task.name}: {how}"))
    return {one.task.name: one for batch in found for one in batch}


@pytest.mark.parametrize("workers", [1, 2])
def test_only_the_task_of_a_killed_process_is_tried_again(tmp_path: Path, workers: int) -> None:
    deaths: list[str] = []
    names = ["unlucky", "b", "deadly", "d", "e"]
    found = outcomes([Task(name, die, (str(tmp_path / name),)) for name in names], workers, deaths)
    assert found.keys() == set(names)
    assert {name: one.result for name, one in found.items() if one.error is None} == {
        n: n for n in names if n != "deadly"
    }
    error = found["deadly"].error
    assert isinstance(error, ProcessDiedError) and "died 2 times (SIGKILL, out of memory?)" in str(error)
    assert sorted(deaths) == ["deadly: SIGKILL, out of memory?", "unlucky: SIGKILL, out of memory?"]


def test_other_tasks_do_not_start_again(tmp_path: Path) -> None:
    tasks = [Task("deadly", die, (str(tmp_path / "deadly"),)), Task("slow", slow, (str(tmp_path / "slow"),))]
    assert outcomes(tasks, 2, [])["slow"].result == "slow"
    assert len((tmp_path / "slow").read_text().splitlines()) == 1


def test_errors_are_outcomes_and_exit_statuses_are_named() -> None:
    deaths: list[str] = []
    found = outcomes([Task("a", raises, ("x",)), Task("b", end_process, ("x",))], 1, deaths)
    assert str(found["a"].error) == "x is no number" and deaths == ["b: EXIT(3)"]
    assert "EXIT(3)" in str(found["b"].error)


def test_no_tasks_give_no_outcomes() -> None:
    assert list(run_tasks([], 4, poll=1.0, died=lambda task, how: None)) == []


def test_closing_the_generator_ends_the_processes(tmp_path: Path) -> None:
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
