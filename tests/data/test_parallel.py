from __future__ import annotations

import operator
import os
import platform
import time
from pathlib import Path

import pytest

from auxjepa.data import parallel
from auxjepa.data.parallel import WorkerDiedError, run_jobs
from deadly import die


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes are started after the first job, however short it was."""
    monkeypatch.setattr(parallel, "ALONE_SECONDS", 0.0)


@pytest.mark.usefixtures("at_once")
def test_every_job_is_done_once_and_the_rest_leaves_this_process() -> None:
    results = list(run_jobs(operator.neg, range(50), 2, "negating", progress=False))
    assert sorted(results) == [(n, -n) for n in range(50)]
    # os.readlink can be pickled by name, and /proc/self tells who ran it.
    if platform.system() == "Linux":
        who = [result for _, result in run_jobs(os.readlink, ["/proc/self"] * 8, 2, "asking", progress=False)]
        assert who.count(str(os.getpid())) == 1


def test_short_work_and_one_worker_stay_in_this_process() -> None:
    here = []
    for workers in (1, 2):
        list(run_jobs(here.append, ["job"] * 20, workers, "collecting", progress=False))
    assert len(here) == 40  # a list in another process would have stayed empty here
    assert list(run_jobs(here.append, [], 2, "nothing", progress=False)) == []


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_job_raises_is_raised_here(workers: int) -> None:
    done = []
    with pytest.raises(TypeError, match="bad operand"):
        done.extend(run_jobs(operator.neg, [1, 2, "three", 4], workers, "negating", progress=False))


def test_the_bar_counts_jobs_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    list(run_jobs(operator.neg, range(3), 1, "negating", progress=True))
    shown = capsys.readouterr()
    assert "negating" in shown.err and "3/3" in shown.err and shown.out == ""


@pytest.mark.usefixtures("at_once")
def test_a_killed_worker_is_replaced_and_its_jobs_are_done_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [*map(str, range(9)), "unlucky", *map(str, range(10, 30))]
    jobs, begin = [str(tmp_path / name) for name in names], time.monotonic()
    results = list(run_jobs(die, jobs, 2, "working", progress=True))
    assert sorted(results) == sorted(zip(jobs, names, strict=True)) and time.monotonic() - begin < 60
    assert "a worker died (SIGKILL, out of memory?) and is replaced" in " ".join(capsys.readouterr().err.split())


@pytest.mark.usefixtures("at_once")
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
