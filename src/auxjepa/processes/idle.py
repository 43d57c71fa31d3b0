"""Pools of one process that have finished their jobs and wait for the next ones, because a start takes seconds."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Any

from loky import BrokenProcessPool

from auxjepa.processes.pool import Pool, kill_pools, start_checked_pool

_IDLE_SECONDS = 60.0  # a process that has had no job for this time ends

_idle: list[tuple[Pool, Timer]] = []
"""Idle pools of one process each, with the timer that ends each of them."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # the idle pools belong to the parent


def keep_idle(pool: Pool) -> None:
    """Keep a pool of one process for later jobs; it ends when it has been idle for a minute."""

    def end() -> None:
        with suppress(ValueError):  # another call has taken it in the same moment
            _idle.remove(entry)
            kill_pools([pool])

    entry = (pool, Timer(_IDLE_SECONDS, end))
    entry[1].daemon = True
    _idle.append(entry)
    entry[1].start()


def reuse_or_start(what: str, work: Callable[..., Any]) -> Pool:
    """Return a pool of one process that has imported what the work needs: an idle one if there is one.

    Args:
        what: name of the work, for messages.
        work: function of the jobs.

    Raises:
        WorkerDiedError: if no process can be started.
    """
    while _idle:
        pool, timer = _idle.pop()
        timer.cancel()
        try:
            pool.submit(_adopt, Path.cwd(), dict(os.environ), list(sys.path)).result()
            pool.submit(callable, work).result()
            return pool
        except (OSError, BrokenProcessPool):  # it was killed while it was idle, or the folder doesn't exist any more
            kill_pools([pool])
    return start_checked_pool(what, work)


def end_idle() -> None:
    """End all idle processes."""
    while _idle:
        pool, timer = _idle.pop()
        timer.cancel()
        kill_pools([pool])


def _adopt(folder: Path, environment: dict[str, str], path: list[str]) -> None:
    """Set folder, environment and import path of this process to those of the parent, which may have changed them."""
    os.chdir(folder)
    sys.path[:] = path
    if os.environ != environment:
        os.environ.clear()
        os.environ.update(environment)
