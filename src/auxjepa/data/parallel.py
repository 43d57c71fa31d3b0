"""Many independent jobs on several processes with one progress bar; and a lock for what only one may do."""

from __future__ import annotations

import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout
from loky.process_executor import TerminatedWorkerError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from auxjepa.pools import Pool

Job = TypeVar("Job")

ALONE_SECONDS = 1.0  # what is done by then isn't worth starting processes for
_AHEAD = 4  # jobs handed out per worker: enough to keep them busy, few enough to lose when killed


class WorkerDiedError(RuntimeError):
    """A job's process dies whenever it is tried."""


def run_jobs(
    work: Callable[[Job], Any],
    jobs: Sequence[Job],
    workers: int,
    what: str,
    *,
    died: Callable[[Job, str], Any] | None = None,
    progress: bool = True,
) -> Iterator[tuple[Job, Any]]:
    """Yield ``(job, work(job))`` as jobs finish, in any order.

    The first second's work is done in this process, all of it when one worker will do. When a worker process dies, what
    was under way is done again, one job at a time, so that a job that kills its process is found.

    Args:
        work: a function that can be pickled by name; what it raises is raised here. workers: processes, 0 for as many
            as this process may use cores. what: the words before the progress bar (standard error).
        died: the result of a job whose process dies twice, from the job and how it died.

    Raises:
        WorkerDiedError: for such a job where ``died`` isn't given.
    """
    workers = min(workers or cores(), len(jobs))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not progress or not jobs) as bar:
        task = bar.add_task(what, total=len(jobs))
        for finished in _run(work, jobs, workers, what, died, bar):
            bar.advance(task)
            yield finished


def _run(
    work: Callable[[Job], Any],
    jobs: Sequence[Job],
    workers: int,
    what: str,
    died: Callable[[Job, str], Any] | None,
    bar: Progress,
) -> Iterator[tuple[Job, Any]]:
    queue, begin = iter(jobs), time.monotonic()
    for started, job in enumerate(queue, start=1):
        yield job, work(job)
        if workers > 1 and time.monotonic() - begin > ALONE_SECONDS and started < len(jobs):
            break
    else:
        return
    todo, running = deque(queue), dict[Future, Job]()
    pool = Pool(max_workers=workers)
    try:
        while todo or running:
            try:
                while todo and len(running) < _AHEAD * workers:
                    future = pool.submit(work, todo[0])
                    running[future] = todo.popleft()
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                finished = [(running[future], future.result()) for future in done]
            except TerminatedWorkerError as error:
                bar.console.print(f"{what}: a worker died ({_how(error)}) and is replaced", markup=False)
                pool.shutdown(wait=True, kill_workers=True)
                yield from _one_by_one(work, list(running.values()), what, died)
                pool, running = Pool(max_workers=workers), {}
                continue
            running = {future: job for future, job in running.items() if future not in done}
            yield from finished
    except BaseException:
        pool.shutdown(wait=True, kill_workers=True)
        raise
    pool.shutdown(wait=True)


def _one_by_one(
    work: Callable[[Job], Any], jobs: Sequence[Job], what: str, died: Callable[[Job, str], Any] | None
) -> Iterator[tuple[Job, Any]]:
    """The jobs that were under way when a worker died; one of them may be why."""
    pool = Pool(max_workers=1)
    try:
        for job in jobs:
            try:
                result = pool.submit(work, job).result()
            except TerminatedWorkerError as error:
                pool.shutdown(wait=True, kill_workers=True)
                if died is None:
                    named = f" ({job})" if isinstance(job, str | Path) else ""
                    why = f"the process of a job{named} dies whenever it is tried ({_how(error)})"
                    raise WorkerDiedError(f"{what}: {why}; what is finished is kept") from error
                result = died(job, _how(error))
                pool = Pool(max_workers=1)
            yield job, result
    finally:
        pool.shutdown(wait=True, kill_workers=True)


def _how(error: TerminatedWorkerError) -> str:
    """The signal that ended the worker, as loky tells it, e.g. SIGKILL."""
    found = re.search(r"SIG[A-Z]+|EXIT\(\d+\)", str(error))
    name = found.group() if found else "for an unknown reason"
    return name + (", out of memory?" if name == "SIGKILL" else "")


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def locked(file: Path, what: str, *, progress: bool = True) -> Iterator[None]:
    """Let one process at a time pass; the others wait, and say once that another process does ``what``.

    The operating system lets go of the lock when its holder dies, so that it is never stale.
    """
    lock = FileLock(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        words = f"another process {what}, waiting ({file})"
        Console(stderr=True, quiet=not progress).print(words, markup=False, soft_wrap=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
