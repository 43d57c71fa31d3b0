"""Processes of this machine: how many may be busy, and long tasks side by side of which none takes another down."""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass
from typing import Any

import loky
from loky import BrokenProcessPool
from loky.process_executor import TerminatedWorkerError

from auxjepa.limits import cpu_quota
from auxjepa.processes.pool import Pool

TRIES = 2
"""Times that a task may end its process before it counts as failed."""


def cores() -> int:
    """Cores that this process may keep busy: of the machine, of its affinity, of the quota of every control group that
    it is in, and of ``LOKY_MAX_CPU_COUNT``, the fewest."""
    quota = cpu_quota()
    return max(1, loky.cpu_count() if quota is None else min(loky.cpu_count(), math.ceil(quota)))


class ProcessDiedError(RuntimeError):
    """A task whose process dies whenever it is tried."""


@dataclass(frozen=True)
class Task:
    """A call that may take hours.

    Args:
        name: for people.
        work: can be pickled by name.
        args: of ``work``.
    """

    name: str
    work: Callable[..., Any]
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of a task: its result, or the error that it raised."""

    task: Task
    result: Any = None
    error: BaseException | None = None


def run_tasks(
    tasks: Sequence[Task], workers: int, *, poll: float, died: Callable[[Task, str], None]
) -> Iterator[list[Outcome]]:
    """Yield what has finished whenever something has, and an empty list at least every ``poll`` seconds.

    Each worker is a pool of its own: when a process is killed, its task alone is begun again, in a new process. A task
    whose process dies for the second time has failed.

    Args:
        workers: processes at a time.
        poll: seconds.
        died: is called with every task that is begun again, and how its process ended.
    """
    waiting, deaths = deque(enumerate(tasks)), [0] * len(tasks)
    idle = [_pool() for _ in range(min(workers, len(tasks)))]
    running: dict[Future, tuple[int, Task, Pool]] = {}
    try:
        while waiting or running:
            while waiting and idle:
                number, task = waiting.popleft()
                future, pool = _submit(idle.pop(), task)
                running[future] = number, task, pool
            done, _ = wait(running, timeout=poll, return_when=FIRST_COMPLETED)
            outcomes = []
            for future in done:
                number, task, pool = running.pop(future)
                error = future.exception()
                if isinstance(error, BrokenExecutor):
                    pool.shutdown(wait=True, kill_workers=True)
                    pool = _pool()
                idle.append(pool)
                if not isinstance(error, TerminatedWorkerError):
                    outcomes.append(Outcome(task, None if error else future.result(), error))
                    continue
                deaths[number] += 1
                how = how_died(error)
                if deaths[number] < TRIES:
                    died(task, how)
                    waiting.appendleft((number, task))
                else:
                    outcomes.append(Outcome(task, error=ProcessDiedError(f"its process died {TRIES} times ({how})")))
            yield outcomes
    except BaseException:
        for pool in (*idle, *(pool for _, _, pool in running.values())):
            pool.shutdown(wait=False, kill_workers=True)
        raise
    for pool in idle:
        pool.shutdown(wait=True)


def _submit(pool: Pool, task: Task) -> tuple[Future, Pool]:
    """Hand a task to a pool, or to a new one where its process was killed while it had nothing to do."""
    try:
        return pool.submit(task.work, *task.args), pool
    except BrokenExecutor:
        pool.shutdown(wait=True, kill_workers=True)
        new = _pool()
        return new.submit(task.work, *task.args), new


def how_died(error: BrokenProcessPool) -> str:
    """The signal that ended a worker, as loky tells it, e.g. SIGKILL."""
    signal = re.search(r"SIG[A-Z]+|EXIT\(\d+\)", str(error))
    name = signal.group() if signal else "for an unknown reason"
    return name + (", out of memory?" if name == "SIGKILL" else "")


def _pool() -> Pool:
    return Pool(max_workers=1)
