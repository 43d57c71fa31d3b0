"""The one module of child processes: pools, jobs, long tasks, locks between processes, and how a child ended.

Code that knows what a child process computes does not belong here: it stays in its own room and uses these functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.processes.child import open_answers, prefer_to_be_killed
    from auxjepa.processes.cores import count_cores
    from auxjepa.processes.exit_cause import describe_death, describe_exit
    from auxjepa.processes.idle import end_idle
    from auxjepa.processes.jobs import run_jobs
    from auxjepa.processes.lock import locked
    from auxjepa.processes.pool import Pool, SharedMemoryError, WorkerDiedError
    from auxjepa.processes.tasks import Outcome, ProcessDiedError, Task, run_tasks

__all__ = [
    "Outcome",
    "Pool",
    "ProcessDiedError",
    "SharedMemoryError",
    "Task",
    "WorkerDiedError",
    "count_cores",
    "describe_death",
    "describe_exit",
    "end_idle",
    "locked",
    "open_answers",
    "prefer_to_be_killed",
    "run_jobs",
    "run_tasks",
]

_MODULES = {
    "auxjepa.processes.child": ("open_answers", "prefer_to_be_killed"),
    "auxjepa.processes.cores": ("count_cores",),
    "auxjepa.processes.exit_cause": ("describe_death", "describe_exit"),
    "auxjepa.processes.idle": ("end_idle",),
    "auxjepa.processes.jobs": ("run_jobs",),
    "auxjepa.processes.lock": ("locked",),
    "auxjepa.processes.pool": ("Pool", "SharedMemoryError", "WorkerDiedError"),
    "auxjepa.processes.tasks": ("Outcome", "ProcessDiedError", "Task", "run_tasks"),
}
"""Module: its public names. They are imported on first use, because a child process must start quickly without loky."""

__getattr__ = import_on_use(__name__, _MODULES)
