"""Builds a cache of JPEG clips: workers write one file a job, and one process joins the files in order.

The size of a picture isn't known in advance, so that no worker knows the final position of its pictures. Each job
writes a segment ``segments/FIRST``, completely or not at all. As soon as all earlier clips are in ``clips.jpgs``, the
segment is appended there and removed. So the bytes don't depend on the order in which jobs finish, and a killed build
resumes with the clips in ``clips.jpgs`` and in the waiting segments.
"""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from auxjepa.data.cache.job import Job, Written
from auxjepa.data.cache.jpeg import BLOB, BYTES_A_PIXEL, INDEX, encode, pictures
from auxjepa.files import write_bytes


class JpegBuild:
    """Builds ``clips.jpgs`` and its index from segments.

    Args:
        folder: of the unfinished cache.
        shape: (n, F, X, Y, 3).
    """

    files: Sequence[str] = (INDEX,)

    def __init__(self, folder: Path, shape: tuple[int, ...]) -> None:
        frames, rows, columns = shape[1:4]
        self._blob, self._segments = folder / BLOB, folder / "segments"
        self._index = folder / INDEX
        self._pixels = frames * rows * columns
        self._jobs: list[Job] = []
        self._next = 0
        self.fields = (("sizes", "<u4", (len(pictures(frames, rows, columns)),)),)
        self.write = partial(_write, self._segments)

    def begin(self, journal: np.ndarray, jobs: Sequence[Job]) -> None:
        """Determine which part of ``clips.jpgs`` is intact and which segments can follow it."""
        self._segments.mkdir(exist_ok=True)
        self._blob.touch()
        self._jobs, self._next = sorted(jobs, key=lambda job: job.first), 0
        sizes = journal["sizes"].sum(axis=1, dtype=np.int64)
        with self._blob.open("r+b") as blob:
            end = 0
            for job in self._jobs:
                if not self._is_intact(journal, sizes, job, blob.read(int(sizes[_of(job)].sum()))):
                    break
                end, self._next = blob.tell(), self._next + 1
            blob.truncate(end)
        waiting = {_segment(self._segments, job): job for job in self._jobs[self._next :]}
        for job in waiting.values():
            file = _segment(self._segments, job)
            if not (file.exists() and self._is_intact(journal, sizes, job, file.read_bytes())):
                journal["done"][_of(job)] = 0
        for file in self._segments.iterdir():
            if file not in waiting:  # it is appended already, or a killed worker left it incomplete
                file.unlink()
        self.wrote(journal)

    def needs(self, clips: int) -> int:
        """Return an estimate of the bytes of this many clips of natural video."""
        return round(clips * self._pixels * BYTES_A_PIXEL)

    def wrote(self, journal: np.ndarray) -> None:
        """Append all segments that are next in order."""
        while self._next < len(self._jobs) and journal["done"][_of(self._jobs[self._next])].all():
            file = _segment(self._segments, self._jobs[self._next])
            with self._blob.open("ab") as blob, file.open("rb") as segment:
                shutil.copyfileobj(segment, blob, 1 << 20)
            file.unlink()
            self._next += 1

    def complete(self, journal: np.ndarray) -> None:
        """Write the index."""
        index = np.zeros(journal["sizes"].size + 1, np.int64)
        np.cumsum(journal["sizes"].ravel(), dtype=np.int64, out=index[1:])
        if index[-1] != self._blob.stat().st_size:
            raise RuntimeError(f"{self._blob}: {self._blob.stat().st_size} bytes, the journal records {index[-1]}")
        np.save(self._index, index)
        shutil.rmtree(self._segments)

    def _is_intact(self, journal: np.ndarray, sizes: np.ndarray, job: Job, data: bytes) -> bool:
        """Check whether ``data`` holds the clips of a job as its records describe them."""
        edges = np.concatenate([[0], np.cumsum(sizes[_of(job)])]).tolist()
        if not journal["done"][_of(job)].all() or len(data) != edges[-1]:
            return False
        view = memoryview(data)
        clips = [view[a:b] for a, b in pairwise(edges)]
        return [zlib.crc32(clip) for clip in clips] == journal["crc"][_of(job)].tolist()


def _of(job: Job) -> slice:
    return slice(job.first, job.first + job.count)


def _segment(folder: Path, job: Job) -> Path:
    return folder / f"{job.first:012d}"


def _write(folder: Path, job: Job, clips: np.ndarray) -> Written:
    encoded = [encode(clip) for clip in clips]
    joined = [b"".join(parts) for parts in encoded]
    write_bytes(_segment(folder, job), b"".join(joined))
    return {
        "crc": np.array([zlib.crc32(clip) for clip in joined], np.uint32),
        "sizes": np.array([[len(part) for part in parts] for parts in encoded], np.uint32),
    }
