"""loky's pools of processes, ended with their parent, and a /dev/shm without room told in a line."""

from __future__ import annotations

import errno
import mmap
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

from loky import ProcessPoolExecutor, cpu_count

SHARED = Path("/dev/shm")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOSYS)
_LOCKS = 8
"""Locks that a pool has beside one for each of its processes; each takes a page of /dev/shm."""


class SharedMemoryError(RuntimeError):
    """Locks between processes can't be made; the message is one line for people."""


class Pool(ProcessPoolExecutor):
    """A pool whose processes end when their parent is gone, also where it was killed.

    Where /dev/shm has no room for the locks of so many processes, there are fewer of them.

    Args:
        initializer: what each process does first, besides. Everything else as loky has it.

    Raises:
        SharedMemoryError: here or from ``submit``, when /dev/shm has no room for the locks of one process.
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
        """As loky's."""
        with _locks():
            return super().submit(fn, *args, **kwargs)


def _fitting(workers: int | None) -> int | None:
    """As many processes as there is room for the locks of."""
    try:
        usage = shutil.disk_usage(SHARED)
    except OSError:  # no such folder on this system
        return workers
    if not usage.total:  # without a limit
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
