from __future__ import annotations

import operator
import os
import platform

import pytest

from auxjepa.data import parallel
from auxjepa.data.parallel import run_jobs


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
