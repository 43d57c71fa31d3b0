"""Number of threads that torch uses."""

from __future__ import annotations

import os

import torch

from auxjepa.processes.cores import count_cores

SETTINGS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Environment variables with which a user sets the number of threads; they have priority."""


def use_threads(count: int = 0) -> None:
    """Set the number of threads that torch uses.

    torch's default counts all cores of the machine. In a container that may use only some of them, threads would wait
    for each other.

    Args:
        count: number of threads; 0 keeps torch's default, but uses at most one thread per core.
    """
    if count:
        torch.set_num_threads(count)
    elif not any(name in os.environ for name in SETTINGS) and torch.get_num_threads() > count_cores():
        torch.set_num_threads(count_cores())
