"""A folder of limited size with local copies of remote files. The least recently used copies are removed first.

File names are hashes and never names from an archive. A file is renamed after it is complete, so no partial file is
visible. A process that uses a file holds a shared lock on it, and only files without a lock are removed. Any number of
processes can therefore share the folder. A lock ends with its process.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from auxjepa.data.errors import VideoError
from auxjepa.data.space import readable, room
from auxjepa.files import disk_full, renaming_into

try:
    import fcntl
except ImportError:  # on Windows, open files can't be removed, so no lock is needed
    fcntl = None

_STALE = 3600.0  # seconds after which a partial file belongs to a dead process


class Spill:
    """A folder of local copies.

    Args:
        folder: path of the folder.
        keep: limit of its size in bytes. The folder may be larger for a short time: by a sixteenth for each process and
            by the files in use.
    """

    def __init__(self, folder: Path, keep: int) -> None:
        self.folder, self.keep = Path(folder), keep
        self._unchecked = keep  # bytes written after the last cleaning; the first write starts a cleaning

    @contextmanager
    def lend(self, key: str, suffix: str, fill: Callable[[BinaryIO], None], size: int = 0) -> Iterator[Path]:
        """Yield the path of the file of a key. The file exists until the block ends.

        The modification time follows from the key, so every copy of the file has the same time.

        Args:
            key: name of the file, at least 8 hex digits.
            suffix: suffix by which decoders recognise the file.
            fill: function that writes the content, or raises an error if it can't get all of it.
            size: bytes that ``fill`` will write; 0 if unknown.

        Raises:
            VideoError: if the disk has no room.
            Exception: every error of ``fill``.
        """
        path = self.folder / key[:2] / f"{key}.{suffix}"
        handle = self._hold(path, key)
        while handle is None:
            self._fetch(path, key, fill, size)
            handle = self._hold(path, key)
        try:
            yield path
        finally:
            os.close(handle)

    def _hold(self, path: Path, key: str) -> int | None:
        """Lock the file against removal and return its handle; None if the file doesn't exist."""
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        if fcntl is not None:
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_SH)
        if os.fstat(handle).st_nlink == 0:  # another process removed it before the lock
            os.close(handle)
            return None
        with suppress(OSError):
            os.utime(path, ns=(time.time_ns(), _modification_time(key)))
        return handle

    def _fetch(self, path: Path, key: str, fill: Callable[[BinaryIO], None], size: int) -> None:
        """Write the file. If the disk is full, remove other files and try once more."""
        try:
            self._make_room(path, size)
            self._write(path, key, fill)
        except OSError as error:
            if not disk_full(error):
                raise VideoError(path, f"cannot be written: {error.strerror}") from error
            self._clean(self.keep // 2)
            try:
                self._write(path, key, fill)
            except OSError as again:
                raise VideoError(path, f"cannot be written: {again.strerror}; {self.folder} needs room") from again

    def _make_room(self, path: Path, size: int) -> None:
        """Remove other files if the disk has no room for the file.

        Raises:
            VideoError: if there is still not enough room.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        if size > room(path.parent):
            self._clean(self.keep // 2)
        if size > room(path.parent):
            why = f"needs {readable(size)}, and {readable(room(path.parent))} fit in {self.folder}"
            raise VideoError(path, why)

    def _write(self, path: Path, key: str, fill: Callable[[BinaryIO], None]) -> None:
        with renaming_into(path) as partial:
            with partial.open("wb") as file:
                fill(file)
                self._unchecked += file.tell()
            os.utime(partial, ns=(time.time_ns(), _modification_time(key)))
        if self._unchecked > self.keep // 16:
            self._unchecked = 0
            self._clean(self.keep, path)

    def _clean(self, keep: int, spare: Path | None = None) -> None:
        """Remove the least recently used files until the folder has at most ``keep`` bytes. Files in use stay.

        Args:
            keep: size in bytes.
            spare: a file that stays although it isn't in use.
        """
        files: list[tuple[int, int, Path]] = []
        for folder in self.folder.glob("??"):
            for path in folder.iterdir():
                with suppress(FileNotFoundError):
                    stat = path.stat()
                    if path.suffix == ".partial" and time.time() - stat.st_atime > _STALE:
                        path.unlink()
                    elif path.suffix != ".partial":
                        files.append((stat.st_atime_ns, stat.st_size, path))
        total = sum(size for _, size, _ in files)
        for _, size, path in sorted(files):
            if total <= keep:
                return
            if path != spare and _remove(path):
                total -= size


def _remove(path: Path) -> bool:
    """Remove a file unless it is in use, and return whether it is gone."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return True
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except OSError:  # in use
        return False
    finally:
        os.close(handle)
    return True


def _modification_time(key: str) -> int:
    """Return a modification time in nanoseconds; whole seconds, because some file systems store only these."""
    return int(key[:8], 16) % 2**31 * 10**9
