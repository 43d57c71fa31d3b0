"""The jobs that build a cache, their results, and the interface by which an encoding stores clips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

Written = dict[str, np.ndarray]
"""Fields of the journal's records for the clips of a job, each ``[k …]``."""


@dataclass(frozen=True)
class JobClips:
    """The result of a job.

    Args:
        clips: uint8 ``[k F X Y 3]``.
        indices: frame numbers, int ``[k F]``.
        repeated: number of repeated frames at the end of each clip, int ``[k]``.
    """

    clips: np.ndarray
    indices: np.ndarray
    repeated: np.ndarray


@dataclass(frozen=True)
class Job:
    """A range of clips of a cache.

    Args:
        first: number of the first clip.
        count: number of clips.
        payload: what the renderer needs to make them.
    """

    first: int
    count: int
    payload: Any


@runtime_checkable
class Build(Protocol):
    """Stores the clips of one encoding in the folder of an unfinished cache. Only ``write`` runs in worker processes.

    Args:
        fields: further fields of the journal's records, after ``done``, ``crc``, ``repeated`` and ``indices``.
        files: files of a complete cache in addition to the clips.
        write: takes a job and its clips, uint8 ``[k F X Y 3]``, in a worker process. It must be picklable.
    """

    @property
    def fields(self) -> Sequence[tuple]: ...
    @property
    def files(self) -> Sequence[str]: ...
    @property
    def write(self) -> Callable[[Job, np.ndarray], Written]: ...

    def begin(self, journal: np.ndarray, jobs: Sequence[Job]) -> None:
        """Create or continue the files. Reset ``done`` of clips whose bytes are missing."""
        ...

    def needs(self, clips: int) -> int:
        """Return the bytes, or an estimate, that are still to be written for this many clips."""
        ...

    def wrote(self, journal: np.ndarray) -> None:
        """Handle a job that was written and whose record is in the journal."""
        ...

    def complete(self, journal: np.ndarray) -> None:
        """Write the final files and remove all others, after the last job."""
        ...
