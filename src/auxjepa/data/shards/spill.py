"""A bounded folder of files that lie elsewhere: fetched when they are wanted, the least recently used ones removed.

Names are hashes, never anything from an archive. A file appears whole, by renaming. Whoever uses one holds a shared
lock on it, and only what nobody holds is removed, so that any number of processes share the folder; the locks go with
their holders.
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
except ImportError:  # Windows, where open files can't be removed anyway
    fcntl = None

_STALE = 3600.0  # seconds after which a file that is still being written is taken for a dead process's


class Spill:
    """The folder.

    Args:
        keep: bytes after which it is cut down; for a moment there may be a sixteenth more per process, and what is in
            use.
    """

    def __init__(self, folder: Path, keep: int) -> None:
        self.folder, self.keep = Path(folder), keep
        self._unchecked = keep  # bytes written since the folder was last looked through: at once, the first time

    @contextmanager
    def lend(self, key: str, suffix: str, fill: Callable[[BinaryIO], None], size: int = 0) -> Iterator[Path]:
        """The path of the file called ``key``, which stays as long as the block lasts.

        Its time of change follows from the key, so that it's the same file each time it is fetched.

        Args:
            key: at least 8 hex digits.
            suffix: with which decoders recognise it.
            fill: writes the contents, and raises where they can't be had whole.
            size: bytes that it will write, where that is known.

        Raises:
            VideoError: when there is no room. Whatever ``fill`` raises.
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
        """A handle that keeps the file from being removed; None where there is none."""
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        if fcntl is not None:
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_SH)
        if os.fstat(handle).st_nlink == 0:  # removed in between
            os.close(handle)
            return None
        with suppress(OSError):
            os.utime(path, ns=(time.time_ns(), _changed(key)))
        return handle

    def _fetch(self, path: Path, key: str, fill: Callable[[BinaryIO], None], size: int) -> None:
        try:
            self._make_room(path, size)
            self._write(path, key, fill)
        except OSError as error:
            if not disk_full(error):
                raise VideoError(path, f"cannot be written: {error.strerror}") from error
            self._cut(self.keep // 2)
            try:
                self._write(path, key, fill)
            except OSError as again:
                raise VideoError(path, f"cannot be written: {again.strerror}; {self.folder} needs room") from again

    def _make_room(self, path: Path, size: int) -> None:
        """Remove other files where the disk has no room, and say so where that isn't enough."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if size > room(path.parent):
            self._cut(self.keep // 2)
        if size > room(path.parent):
            why = f"needs {readable(size)}, and {readable(room(path.parent))} fit in {self.folder}"
            raise VideoError(path, why)

    def _write(self, path: Path, key: str, fill: Callable[[BinaryIO], None]) -> None:
        with renaming_into(path) as partial:
            with partial.open("wb") as file:
                fill(file)
                self._unchecked += file.tell()
            os.utime(partial, ns=(time.time_ns(), _changed(key)))
        if self._unchecked > self.keep // 16:
            self._unchecked = 0
            self._cut(self.keep, path)

    def _cut(self, keep: int, spare: Path | None = None) -> None:
        """Remove what was used longest ago and isn't in use, until no more than ``keep`` bytes are there."""
        found: list[tuple[int, int, Path]] = []
        for folder in self.folder.glob("??"):
            for path in folder.iterdir():
                with suppress(FileNotFoundError):
                    stat = path.stat()
                    if path.suffix == ".partial" and time.time() - stat.st_atime > _STALE:
                        path.unlink()
                    elif path.suffix != ".partial":
                        found.append((stat.st_atime_ns, stat.st_size, path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= keep:
                return
            if path != spare and _remove(path):
                total -= size


def _remove(path: Path) -> bool:
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


def _changed(key: str) -> int:
    """A time of change, in whole seconds as every file system can keep it; nanoseconds."""
    return int(key[:8], 16) % 2**31 * 10**9
