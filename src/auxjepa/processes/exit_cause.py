"""The end of child processes: how to kill them, and how they ended in words."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from typing import Any

_LOKY_CAUSE = re.compile(r"SIG[A-Z]+|EXIT\(\d+\)")


def kill_group(process: subprocess.Popen[Any]) -> None:
    """Kill a process that leads a process group, and all processes of the group.

    On systems without process groups, only the process is killed.

    Raises:
        OSError: if it has ended already.
    """
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def describe_exit(status: int | None) -> str:
    """Return a predicate that says how a process ended, for example 'was killed by SIGKILL (out of memory?)'.

    Args:
        status: return code as in :class:`subprocess.Popen`: negative for a signal, None if the process still runs.
    """
    if status is None:
        return "does not answer and does not end"
    if status >= 0:
        return f"ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:  # a real-time signal, or any signal on a system without this one
        name = f"signal {-status}"
    return f"was killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")


def describe_death(error: Exception) -> str:
    """Return the signal or status that ended a worker of a pool, for example 'SIGKILL, out of memory?'.

    Args:
        error: the error of a loky pool. Its text names the signal or the status.
    """
    match = _LOKY_CAUSE.search(str(error))
    cause = match.group() if match else "for an unknown reason"
    return cause + (", out of memory?" if cause == "SIGKILL" else "")
