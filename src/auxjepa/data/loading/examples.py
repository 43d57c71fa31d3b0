"""Stores the examples of a manifest as flat arrays: 12 bytes an example, and 20 bytes and the path a file.

Worker processes get a million examples as bytes instead of objects.
"""

from __future__ import annotations

import hashlib

import numpy as np

from auxjepa.data.loading.frame_lists import files_of
from auxjepa.data.manifest.manifest import Entry, Manifest
from auxjepa.data.manifest.scan import Scanned

TRIES = 5
"""Number of substitutes that are tried for one clip before reading fails."""


class Examples:
    """The examples of a manifest as flat arrays. :meth:`entry` returns one of them as an object."""

    def __init__(self, manifest: Manifest) -> None:
        self.folder = manifest.folder
        files = files_of(manifest)
        numbers = {file.path: number for number, file in enumerate(files)}
        paths = [file.path.encode("utf-8", "surrogateescape") for file in files]
        self._paths = np.frombuffer(b"".join(paths), np.uint8)
        self._ends = np.cumsum([len(path) for path in paths], dtype=np.int64)
        self._bytes = np.array([file.bytes for file in files], np.int64)
        self._frames = np.array([file.frames for file in files], np.int32)
        self._file = np.array([numbers[entry.file.path] for entry in manifest.entries], np.int32)
        self._start = np.array([entry.start for entry in manifest.entries], np.int32)
        self._stop = np.array([entry.stop for entry in manifest.entries], np.int32)

    def __len__(self) -> int:
        return len(self._file)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))

    @property
    def files(self) -> int:
        """Number of different files of the examples."""
        return len(self._ends)

    def file(self, index: int) -> int:
        """Return the number of an example's file."""
        return int(self._file[index])

    def entry(self, index: int) -> Entry:
        """Return an example, with the path, bytes and frames of its file only."""
        file = int(self._file[index])
        path = self._paths[self._ends[file - 1] if file else 0 : self._ends[file]].tobytes()
        scanned = Scanned(
            path.decode("utf-8", "surrogateescape"), int(self._bytes[file]), 0, "", None, int(self._frames[file])
        )
        return Entry(scanned, int(self._start[index]), int(self._stop[index]))


def substitutes(part: int, index: int, visit: int, size: int) -> list[int]:
    """Return the examples to try in place of one, in this order. They are different and depend on the arguments alone.

    Args:
        part: index of the mixture's part.
        index: number of the example.
        visit: how often the example was read before.
        size: number of examples of the part.
    """
    chosen: list[int] = []
    for attempt in range(8 * TRIES):
        key = repr((part, index, visit, attempt)).encode()
        other = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") % size
        if other != index and other not in chosen:
            chosen.append(other)
        if len(chosen) == min(TRIES, size - 1):
            break
    return chosen
