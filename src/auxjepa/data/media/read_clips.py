"""Reads clips of single files in a separate process, so that a crash of the decoder ends that process only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from auxjepa.data.errors import VideoError
from auxjepa.data.media.video import Video
from auxjepa.processes.jobs import run_jobs

Cutter = Callable[[np.ndarray, float], list[np.ndarray]]
"""Turns the times of all frames and the duration of a video, in seconds, into the frame numbers of each clip."""


@dataclass(frozen=True)
class FileClips:
    """Clips of one file.

    Args:
        path: the file.
        indices: frame numbers of each clip, int64 ``[F]``.
        clips: pixels, uint8 ``[n F X Y 3]``.
    """

    path: Path
    indices: list[np.ndarray]
    clips: np.ndarray


def read_clips(paths: Sequence[Path], cut: Cutter, *, size: int) -> Iterator[FileClips | VideoError]:
    """Yield the clips of each file in the order of ``paths``, or the error that prevented reading them.

    Args:
        paths: the files.
        cut: chooses the frames. It must be picklable.
        size: short side of the clips, followed by a centred square crop.
    """
    waiting: dict[int, FileClips | VideoError] = {}
    jobs, at = list(enumerate(paths)), 0
    for (number, _), result in run_jobs(partial(_read, cut, size), jobs, 1, "reading", died=_died, progress=False):
        waiting[number] = result
        while at in waiting:
            yield waiting.pop(at)
            at += 1


def _read(cut: Cutter, size: int, job: tuple[int, Path]) -> FileClips | VideoError:
    path = job[1]
    try:
        with Video(path) as video:
            indices = cut(video.times, video.info.duration)
            distinct, place = np.unique(np.concatenate(indices), return_inverse=True)
            pixels = video.read(distinct, size=size)[place]
            return FileClips(path, indices, pixels.reshape(len(indices), -1, *pixels.shape[1:]))
    except VideoError as error:
        return error


def _died(job: tuple[int, Path], how: str) -> VideoError:
    return VideoError(job[1], f"the process that reads it dies ({how})")
