"""A lock between processes, for work that only one process may do at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console


@contextmanager
def locked(file: Path, what: str, *, progress: bool = True) -> Iterator[None]:
    """Run a block in one process at a time; other processes wait until the block has ended.

    The operating system releases the lock when its holder dies, so a lock is never stale.

    Args:
        file: the lock file.
        what: the work of the block as a verb, for example "builds this cache". A waiting process prints it once.
        progress: print on standard error that this process waits.
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
