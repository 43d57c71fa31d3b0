"""How many threads torch computes on."""

from __future__ import annotations

import os

import torch

from auxjepa.processes.cores import count_cores

SETTINGS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Environment variables by which a user says how many; they are obeyed."""


def use_threads(asked: int = 0) -> None:
    """Let torch compute on ``asked`` threads; when 0, on as many as it takes by itself, one a core at most.

    By itself torch counts the cores of the machine, also in a container that may use two of them: threads then wait for
    each other.
    """
    if asked:
        torch.set_num_threads(asked)
    elif not any(name in os.environ for name in SETTINGS) and torch.get_num_threads() > count_cores():
        torch.set_num_threads(count_cores())
