"""Many independent jobs on several processes, with one progress bar."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from typing import Any, TypeVar

from loky import BrokenProcessPool
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from auxjepa.console import stderr_console
from auxjepa.processes.cores import count_cores
from auxjepa.processes.exit_cause import describe_death
from auxjepa.processes.idle import keep_idle, reuse_or_start
from auxjepa.processes.pool import WorkerDiedError, kill_pools, start_checked_pool, start_pool

Job = TypeVar("Job")

ALONE_SECONDS = 1.0  # jobs that take less in total aren't worth the start of more than one process
_AHEAD = 4  # jobs handed out per worker: enough to keep it busy, few enough to repeat if it is killed


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

    Unless ``here`` is set, no job runs in this process, so that a file that crashes its decoder ends only a worker. One
    process does the jobs of the first second, and all jobs if one worker is enough; it stays for the next call. If a
    worker process dies, the unfinished jobs are repeated one at a time, so that the job that kills its process is
    identified.

    Args:
        work: a function that can be pickled by name; its exceptions are raised here.
        jobs: arguments of ``work``.
        workers: number of processes; 0 means one per core that this process may use.
        what: text before the progress bar (standard error).
        died: function of a job whose process died twice, and of the cause in words; returns the job's result.
        here: run the jobs of the first second in this process. Only for work that decodes no file.
        progress: show the progress bar.

    Raises:
        WorkerDiedError: for a job whose process died twice if ``died`` is None, or if processes die without a job.
    """
    workers = min(workers or count_cores(), len(jobs))
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
    """Run jobs in other processes; start with one process if ``alone``."""
    running = dict[Future, Job]()
    pools = [reuse_or_start(what, work) if alone else start_pool(workers)]
    begin = time.monotonic()
    try:
        while todo or running:
            growing = alone and workers > 1 and len(pools) == 1
            if growing and time.monotonic() - begin > ALONE_SECONDS:
                todo.extendleft([job for future, job in reversed(running.items()) if future.cancel()])
                running = {future: job for future, job in running.items() if not future.cancelled()}
                pools.append(start_pool(workers))
                growing = False
            try:
                while todo and len(running) < _AHEAD * (1 if growing else workers):
                    future = pools[-1].submit(work, todo[0])
                    running[future] = todo.popleft()
                done, _ = wait(running, ALONE_SECONDS if growing else None, FIRST_COMPLETED)
                finished = [(running[future], future.result()) for future in done]
            except BrokenProcessPool as error:
                bar.console.print(f"{what}: a worker died ({describe_death(error)}) and is replaced", markup=False)
                kill_pools(pools)
                yield from _one_by_one(work, list(running.values()), what, died)
                pools, running = [start_pool(1 if alone else workers), *(start_pool(workers) for _ in pools[1:])], {}
                continue
            running = {future: job for future, job in running.items() if future not in done}
            yield from finished
    except BaseException:
        kill_pools(pools)
        raise
    for pool in pools[alone:]:
        pool.shutdown(wait=True)
    if alone:
        keep_idle(pools[0])


def _one_by_one(
    work: Callable[[Job], Any], jobs: Sequence[Job], what: str, died: Callable[[Job, str], Any] | None
) -> Iterator[tuple[Job, Any]]:
    """Repeat the jobs that were unfinished when a worker died; one of them may be the cause."""
    pool = start_pool(1)
    try:
        for job in jobs:
            try:
                result = pool.submit(work, job).result()
            except BrokenProcessPool as error:
                kill_pools([pool])
                pool = start_checked_pool(what, work)
                cause = describe_death(error)
                if died is None:
                    name = f" ({job})" if isinstance(job, str | Path) else ""
                    why = f"the process of a job{name} dies at every try ({cause})"
                    raise WorkerDiedError(f"{what}: {why}; finished jobs are kept") from error
                result = died(job, cause)
            yield job, result
    finally:
        kill_pools([pool])
