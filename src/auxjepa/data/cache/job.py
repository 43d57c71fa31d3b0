"""What a cache is built from: jobs, what they yield, and how an encoding writes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

Written = dict[str, np.ndarray]
"""Fields of the journal's records, each ``[k …]``, of the clips that a job has written."""


@dataclass(frozen=True)
class Rendered:
    """What a job yields: ``clips`` uint8 ``[k F X Y 3]``, ``indices`` int ``[k F]`` and ``repeated`` int ``[k]``."""

    clips: np.ndarray
    indices: np.ndarray
    repeated: np.ndarray


@dataclass(frozen=True)
class Job:
    """Clips ``first … first + count - 1`` of a cache, and what the renderer needs to know to make them."""

    first: int
    count: int
    payload: Any


@runtime_checkable
class Build(Protocol):
    """How an encoding fills the folder of an unfinished cache. Everything but ``write`` runs in one process.

    Args:
        fields: of the journal's records beside ``done``, ``crc``, ``repeated`` and ``indices``.
        files: that are there when it is complete, beside the clips themselves.
        write: ``(job, clips)``, in a worker process; clips uint8 ``[k F X Y 3]``. Can be pickled.
    """

    @property
    def fields(self) -> Sequence[tuple]: ...
    @property
    def files(self) -> Sequence[str]: ...
    @property
    def write(self) -> Callable[[Job, np.ndarray], Written]: ...

    def begin(self, journal: np.ndarray, jobs: Sequence[Job]) -> None:
        """Make or continue the files; take back ``done`` from clips whose bytes aren't there."""
        ...

    def needs(self, clips: int) -> int:
        """Bytes still to be written for this many clips, or about."""
        ...

    def wrote(self, journal: np.ndarray) -> None:
        """A job has been written, and its record is in the journal."""
        ...

    def complete(self, journal: np.ndarray) -> None:
        """All jobs are done: leave the final files and nothing else."""
        ...
