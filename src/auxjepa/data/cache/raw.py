"""Stores clips as plain pixels: ``clips.bin``, uint8 ``[n F X Y 3]`` in C order and nothing else. It is read as a
memory map.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from auxjepa.data.cache.job import Job, Written
from auxjepa.data.errors import CacheError

FILE = "clips.bin"


class RawBuild:
    """Writes each clip to its place in a sparse file. Several processes write at the same time.

    Args:
        folder: of the unfinished cache.
        shape: (n, F, X, Y, 3).
    """

    fields: Sequence[tuple] = ()
    files: Sequence[str] = ()

    def __init__(self, folder: Path, shape: tuple[int, ...]) -> None:
        self._file, self._count = folder / FILE, shape[0]
        self._bytes_each = bytes_of(shape[1:])
        self.write = partial(_write, self._file, self._bytes_each)

    def begin(self, journal: np.ndarray, jobs: Sequence[Job]) -> None:
        """Reset ``done`` of clips whose bytes are missing."""
        self._file.touch()
        os.truncate(self._file, self._count * self._bytes_each)
        for number in np.flatnonzero(journal["done"]):
            clip = np.fromfile(self._file, np.uint8, self._bytes_each, offset=int(number) * self._bytes_each)
            journal["done"][number] = zlib.crc32(clip.data) == journal["crc"][number]

    def needs(self, clips: int) -> int:
        """Return the bytes of this many clips, less the space that unfinished clips already take on the disk."""
        stored = getattr(self._file.stat(), "st_blocks", 0) * 512
        return min(clips * self._bytes_each, max(0, self._count * self._bytes_each - stored))

    def wrote(self, journal: np.ndarray) -> None:
        """Do nothing, because a job needs no further step."""

    def complete(self, journal: np.ndarray) -> None:
        """Do nothing, because the file is complete after the last job."""


def bytes_of(shape: Sequence[int]) -> int:
    """Return the bytes of a uint8 array of this shape."""
    return int(np.prod(shape, dtype=np.int64))


def open_raw(folder: Path, shape: tuple[int, ...], remedy: str) -> np.memmap:
    """Return the clips of a complete cache, read-only.

    Raises:
        CacheError: when the file's size doesn't match the shape.
    """
    file = folder / FILE
    size = file.stat().st_size if file.exists() else 0
    if size != bytes_of(shape):
        raise CacheError(file, f"{size:,} bytes instead of {bytes_of(shape):,}: {remedy}")
    return np.memmap(file, dtype=np.uint8, mode="r", shape=shape)


def _write(file: Path, bytes_each: int, job: Job, clips: np.ndarray) -> Written:
    with file.open("r+b") as handle:
        handle.seek(job.first * bytes_each)
        handle.write(clips.data)
    return {"crc": np.array([zlib.crc32(clip.data) for clip in clips], np.uint32)}
