"""Many independent jobs on several processes with one progress bar; and a lock for what only one may do."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import Any, TypeVar

from filelock import FileLock, Timeout
from loky import BrokenProcessPool
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from auxjepa.console import print_note, stderr_console
from auxjepa.processes.pool import Pool, SharedMemoryError
from auxjepa.processes.tasks import cores, how_died

Job = TypeVar("Job")

ALONE_SECONDS = 1.0  # what is done by then isn't worth starting more than one process for
_AHEAD = 4  # jobs handed out per worker: enough to keep them busy, few enough to lose when killed
_IDLE_SECONDS = 60.0  # after which a process that waits for further jobs ends

_idle: list[tuple[Pool, Timer]] = []
"""Pools of one process each that are done with their jobs, for whatever comes next, and what ends them in the end."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # they are the parent's


class WorkerDiedError(RuntimeError):
    """A job's process dies whenever it is tried, or none can be started."""


def run_jobs(
    work: Callable[[Job], Any],
    jobs: Sequence[Job],
    workers: int,
    what: str,
    *,
    died: Callable[[Job, str], Any] | None = None,
    here: bool = False,
    progress: bool = True,
) -> Iterator[tuple[Job, Any]]:
    """Yield ``(job, work(job))`` as jobs finish, in any order.

    No job is done in this process, so that a file that crashes its decoder ends a worker and nothing else. The first
    second's work is done by one process, which stays for the next call, all of it when one worker will do. When a
    worker process dies, what was under way is done again, one job at a time, so that a job that kills its process is
    found.

    Args:
        work: a function that can be pickled by name; what it raises is raised here.
        workers: processes, 0 for as many as this process may use cores.
        what: the words before the progress bar (standard error).
        died: the result of a job whose process dies twice, from the job and how it died.
        here: the work decodes no file: the first second's is done in this process.

    Raises:
        WorkerDiedError: for such a job where ``died`` isn't given, or when processes die without any job.
    """
    workers = min(workers or cores(), len(jobs))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr_console(), disable=not progress or not jobs) as bar:
        task = bar.add_task(what, total=len(jobs))
        todo, begin = deque(jobs), time.monotonic()
        alone = workers == 1 or not here
        while here and todo:
            job = todo.popleft()
            yield job, work(job)
            bar.advance(task)
            here = workers == 1 or time.monotonic() - begin <= ALONE_SECONDS
        for finished in _run(work, todo, workers, what, died, bar, alone) if todo else ():
            bar.advance(task)
            yield finished


def _run(
    work: Callable[[Job], Any],
    todo: deque[Job],
    workers: int,
    what: str,
    died: Callable[[Job, str], Any] | None,
    bar: Progress,
    alone: bool,
) -> Iterator[tuple[Job, Any]]:
    """Do jobs in other processes: in one at first where ``alone``."""
    running = dict[Future, Job]()
    pools = [_take(what, work) if alone else _start(workers)]
    begin = time.monotonic()
    try:
        while todo or running:
            growing = alone and workers > 1 and len(pools) == 1
            if growing and time.monotonic() - begin > ALONE_SECONDS:
                todo.extendleft([job for future, job in reversed(running.items()) if future.cancel()])
                running = {future: job for future, job in running.items() if not future.cancelled()}
                pools.append(_start(workers))
                growing = False
            try:
                while todo and len(running) < _AHEAD * (1 if growing else workers):
                    future = pools[-1].submit(work, todo[0])
                    running[future] = todo.popleft()
                done, _ = wait(running, ALONE_SECONDS if growing else None, FIRST_COMPLETED)
                finished = [(running[future], future.result()) for future in done]
            except BrokenProcessPool as error:
                bar.console.print(f"{what}: a worker died ({how_died(error)}) and is replaced", markup=False)
                _kill(pools)
                yield from _one_by_one(work, list(running.values()), what, died)
                pools, running = [_start(1 if alone else workers), *(_start(workers) for _ in pools[1:])], {}
                continue
            running = {future: job for future, job in running.items() if future not in done}
            yield from finished
    except BaseException:
        _kill(pools)
        raise
    for pool in pools[alone:]:
        pool.shutdown(wait=True)
    if alone:
        _keep(pools[0])


def _keep(pool: Pool) -> None:
    """Keep a pool of one process for the next jobs, which may take it until it has been idle for long."""

    def end() -> None:
        with suppress(ValueError):  # somebody has taken it in the same moment
            _idle.remove(kept)
            _kill([pool])

    kept = (pool, Timer(_IDLE_SECONDS, end))
    kept[1].daemon = True
    _idle.append(kept)
    kept[1].start()


def end_idle() -> None:
    """End the processes that wait for further jobs."""
    while _idle:
        pool, timer = _idle.pop()
        timer.cancel()
        _kill([pool])


def _take(what: str, work: Callable[..., Any]) -> Pool:
    """A pool of one process that has imported what the work needs, an idle one where there is one."""
    while _idle:
        pool, timer = _idle.pop()
        timer.cancel()
        try:
            pool.submit(_become, Path.cwd(), dict(os.environ), list(sys.path)).result()
            pool.submit(callable, work).result()
            return pool
        except (OSError, BrokenProcessPool):  # it was killed meanwhile, or the folder is gone
            _kill([pool])
    pool = _start(1)
    _try(pool, what, work)
    return pool


def _become(folder: Path, environment: dict[str, str], path: list[str]) -> None:
    """Have what the parent has now: it may have changed since this process was started."""
    os.chdir(folder)
    sys.path[:] = path
    if os.environ != environment:
        os.environ.clear()
        os.environ.update(environment)


def _start(workers: int) -> Pool:
    try:
        return Pool(max_workers=workers, initializer=expendable)
    except SharedMemoryError as error:
        raise WorkerDiedError(str(error)) from error


def _kill(pools: Sequence[Pool]) -> None:
    for pool in pools:
        pool.shutdown(wait=True, kill_workers=True)


def expendable() -> None:
    """Have the system, when memory runs out, end this process before those that wait for it."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _one_by_one(
    work: Callable[[Job], Any], jobs: Sequence[Job], what: str, died: Callable[[Job, str], Any] | None
) -> Iterator[tuple[Job, Any]]:
    """The jobs that were under way when a worker died; one of them may be why."""
    pool = _start(1)
    try:
        for job in jobs:
            try:
                result = pool.submit(work, job).result()
            except BrokenProcessPool as error:
                _kill([pool])
                pool = _start(1)
                _try(pool, what, work)
                if died is None:
                    named = f" ({job})" if isinstance(job, str | Path) else ""
                    why = f"the process of a job{named} dies whenever it is tried ({how_died(error)})"
                    raise WorkerDiedError(f"{what}: {why}; what is finished is kept") from error
                result = died(job, how_died(error))
            yield job, result
    finally:
        _kill([pool])


def _try(pool: Pool, what: str, work: Callable[..., Any]) -> None:
    """Make sure that a process lives as long as it has nothing to do, before a job is blamed for its death."""
    try:
        pool.submit(callable, work).result()  # imports what the work needs
    except BrokenProcessPool as error:
        _kill([pool])
        why = f"worker processes die before they do anything ({how_died(error)})"
        raise WorkerDiedError(f"{what}: {why}; what is finished is kept") from error


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
        print_note(words, quiet=not progress)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
