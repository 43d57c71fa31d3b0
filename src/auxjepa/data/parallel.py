"""Many independent jobs on several processes with one progress bar; and a lock for what only one may do."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout
from loky import ProcessPoolExecutor
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Job = TypeVar("Job")

ALONE_SECONDS = 1.0  # what is done by then isn't worth starting processes for
_AHEAD = 4  # jobs handed out per worker: enough to keep them busy, few enough to lose when killed


def run_jobs(
    work: Callable[[Job], Any], jobs: Sequence[Job], workers: int, what: str, *, progress: bool = True
) -> Iterator[tuple[Job, Any]]:
    """Yield ``(job, work(job))`` as jobs finish, in any order.

    The first second's work is done in this process, all of it when one worker will do.

    Args:
        work: a function that can be pickled by name; what it raises is raised here. workers: processes, 0 for as many
            as this process may use cores. what: the words before the progress bar (standard error).
    """
    workers = min(workers or _cores(), len(jobs))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not progress or not jobs) as bar:
        task = bar.add_task(what, total=len(jobs))
        for finished in _run(work, jobs, workers):
            bar.advance(task)
            yield finished


def _run(work: Callable[[Job], Any], jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, Any]]:
    queue, begin = iter(jobs), time.monotonic()
    for started, job in enumerate(queue, start=1):
        yield job, work(job)
        if workers > 1 and time.monotonic() - begin > ALONE_SECONDS and started < len(jobs):
            break
    else:
        return
    pool = ProcessPoolExecutor(max_workers=workers)
    try:
        running: dict[Future, Job] = {pool.submit(work, job): job for job in islice(queue, _AHEAD * workers)}
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                job = running.pop(future)
                running.update((pool.submit(work, more), more) for more in islice(queue, 1))
                yield job, future.result()
    except BaseException:
        pool.shutdown(wait=True, kill_workers=True)
        raise
    pool.shutdown(wait=True)


def _cores() -> int:
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
