"""Pools of worker processes (loky) that end with their parent, and that need no more of /dev/shm than there is."""

from __future__ import annotations

import errno
import mmap
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

from loky import BrokenProcessPool, ProcessPoolExecutor, cpu_count

from auxjepa.processes.child import prefer_to_be_killed
from auxjepa.processes.exit_cause import describe_death

SHARED = Path("/dev/shm")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOSYS)
START_TRIES = 3
"""Number of processes that may die before their first job until an error is raised."""
_LOCKS = 8
"""Locks of a pool in addition to one lock per process. Each lock takes a page of /dev/shm."""


class SharedMemoryError(RuntimeError):
    """Locks between processes can't be created; the message is one line for people."""


class WorkerDiedError(RuntimeError):
    """A job's process dies at every try, or no process can be started."""


class Pool(ProcessPoolExecutor):
    """A pool whose processes end when their parent has ended, even if the parent was killed.

    If /dev/shm has no room for the locks of all processes, the pool has fewer processes.

    Args:
        max_workers: number of processes; the number of cores when None.
        initializer: function that each process calls first.
        initargs: arguments of ``initializer``.
        options: further options of loky's executor.

    Raises:
        SharedMemoryError: here or in ``submit``, if /dev/shm has no room for the locks of one process.
    """

    def __init__(
        self,
        max_workers: int | None = None,
        *,
        initializer: Callable[..., None] | None = None,
        initargs: tuple[Any, ...] = (),
        **options: Any,
    ) -> None:
        first = (os.getpid(), initializer, initargs)
        with _locks():
            super().__init__(_fitting(max_workers), initializer=_begin, initargs=first, **options)

    def submit(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Submit a call as loky does."""
        with _locks():
            return super().submit(fn, *args, **kwargs)


def start_pool(workers: int) -> Pool:
    """Return a pool for jobs: when memory runs out, the system ends its processes before this one.

    Raises:
        WorkerDiedError: if no process can be started.
    """
    try:
        return Pool(max_workers=workers, initializer=prefer_to_be_killed)
    except SharedMemoryError as error:
        raise WorkerDiedError(str(error)) from error


def kill_pools(pools: Sequence[Pool]) -> None:
    """Kill the processes of pools and wait until they have ended."""
    for pool in pools:
        pool.shutdown(wait=True, kill_workers=True)


def start_checked_pool(what: str, work: Callable[..., Any]) -> Pool:
    """Return a pool of one process that stays alive without a job and has imported what the work needs.

    So no job is blamed for the death of an idle process. A process that is killed meanwhile is replaced.

    Args:
        what: name of the work, for the message.
        work: function of the jobs.

    Raises:
        WorkerDiedError: if no process can be started, or if ``START_TRIES`` processes in a row die.
    """
    for tries in range(START_TRIES):
        pool = start_pool(1)
        try:
            pool.submit(callable, work).result()
            return pool
        except BrokenProcessPool as error:
            kill_pools([pool])
            if tries == START_TRIES - 1:
                why = f"worker processes die before they do anything ({describe_death(error)})"
                raise WorkerDiedError(f"{what}: {why}; finished jobs are kept") from error
    raise AssertionError


def _fitting(workers: int | None) -> int | None:
    """Return the number of processes whose locks have room in /dev/shm."""
    try:
        usage = shutil.disk_usage(SHARED)
    except OSError:  # this system has no such folder
        return workers
    if not usage.total:  # a file system without a limit
        return workers
    free = usage.free // mmap.PAGESIZE - _LOCKS
    if free < 1:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return min(workers or cpu_count(), free)


@contextmanager
def _locks() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM or error.filename is not None:
            raise
        size = ""
        with suppress(OSError):
            size = f" of {shutil.disk_usage(SHARED).total / 1000:,.0f} kB"
        why = f"worker processes need locks, and there is no room for them in {SHARED}{size} ({error.strerror})"
        raise SharedMemoryError(f"{why}: make it larger, as with docker run --shm-size 64m") from error


def _begin(parent: int, initializer: Callable[..., None] | None, initargs: tuple[Any, ...]) -> None:
    Thread(target=_end_with, args=(parent,), daemon=True).start()
    if initializer is not None:
        initializer(*initargs)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)
