"""Long tasks side by side, each in a separate process, so that the death of one process ends no other task."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass
from typing import Any

from loky.process_executor import TerminatedWorkerError

from auxjepa.processes.exit_cause import describe_death
from auxjepa.processes.pool import Pool

TRIES = 2
"""A task whose process dies this many times has failed."""


class ProcessDiedError(RuntimeError):
    """A task whose process dies at every try."""


@dataclass(frozen=True)
class Task:
    """A call that may take hours.

    Args:
        name: name of the task, for people.
        work: function that can be pickled by name.
        args: arguments of ``work``.
    """

    name: str
    work: Callable[..., Any]
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Outcome:
    """The end of a task: its result, or the error that it raised."""

    task: Task
    result: Any = None
    error: BaseException | None = None


def run_tasks(
    tasks: Sequence[Task], workers: int, *, poll: float, died: Callable[[Task, str], None]
) -> Iterator[list[Outcome]]:
    """Yield the outcomes of finished tasks as soon as there are any, and an empty list at least every ``poll`` seconds.

    Each worker is a separate pool. If a process is killed, only its task starts again, in a new process. A task whose
    process dies a second time has failed.

    Args:
        tasks: tasks to run.
        workers: number of processes at a time.
        poll: longest wait before an empty list, seconds.
        died: called with each task that starts again, and with the cause of its process's death in words.
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
                cause = describe_death(error)
                if deaths[number] < TRIES:
                    died(task, cause)
                    waiting.appendleft((number, task))
                else:
                    outcomes.append(Outcome(task, error=ProcessDiedError(f"its process died {TRIES} times ({cause})")))
            yield outcomes
    except BaseException:
        for pool in (*idle, *(pool for _, _, pool in running.values())):
            pool.shutdown(wait=False, kill_workers=True)
        raise
    for pool in idle:
        pool.shutdown(wait=True)


def _submit(pool: Pool, task: Task) -> tuple[Future, Pool]:
    """Submit a task to a pool, or to a new pool if the process was killed while it was idle."""
    try:
        return pool.submit(task.work, *task.args), pool
    except BrokenExecutor:
        pool.shutdown(wait=True, kill_workers=True)
        new = _pool()
        return new.submit(task.work, *task.args), new


def _pool() -> Pool:
    return Pool(max_workers=1)
