"""Files that are complete or absent: each is written under a temporary name and then renamed."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is used up",
    errno.EFBIG: "the file would be larger than this session allows (ulimit -f)",
    errno.EROFS: "the disk is read-only",
}

_SHORT = re.compile(r"requested and \d+ written|disk is full")


class WriteError(OSError):
    """A file or folder that can't be written; the message is one line with its path and the reason."""

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}"


def disk_full(error: OSError) -> bool:
    """Check whether a write failed because the disk, the user's quota or the largest file size was exceeded."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Yield a temporary path in the same folder; when the block ends, that file replaces ``path``.

    Parent folders are created. Several processes and threads may write the same file: each has a separate temporary
    file, and the last one replaces the others. If the block raises, the temporary file is removed and ``path`` is
    unchanged.

    Args:
        path: the file to write.
        durable: wait until the bytes are on the disk, so that a power failure can't leave an empty file.

    Raises:
        WriteError: if the block or the renaming fails to write. Other exceptions of the block are raised unchanged.
    """
    with writing(path), renaming_into(path, durable=durable) as partial:
        yield partial


@contextmanager
def renaming_into(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Do the same as :func:`replacing`, but raise errors of the system unchanged.

    Args:
        path: the file to write.
        durable: wait until the bytes are on the disk.

    Raises:
        OSError: if the block or the renaming fails to write.
    """
    partial = path.with_name(f".{path.name}.{threading.get_native_id()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)  # left by a killed process that had the same number
        yield partial
        if durable:
            sync(partial)
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path, partial: Path) -> Iterator[Path]:
    """Create the folder ``partial`` and yield it; when the block ends, its bytes are synced and it replaces ``path``.

    Args:
        path: the folder to write.
        partial: temporary folder on the same disk.

    Raises:
        WriteError: as in :func:`replacing`.
    """
    try:
        with writing(path):
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            yield partial
            for file in (*partial.iterdir(), partial):
                sync(file)
            remove_folder(path)
            partial.rename(path)
            sync(path.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def remove_folder(path: Path) -> None:
    """Remove a folder. It is renamed first, so that a kill can't leave an incomplete folder under its name."""
    if path.exists():
        doomed = path.with_name(f".partial-{os.getpid()}-old-{path.name}")
        shutil.rmtree(doomed, ignore_errors=True)
        path.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Replace the errors of a block that writes ``path`` by an error with a message of one line.

    Args:
        path: the file or folder, for the message.

    Raises:
        WriteError: instead of an error of the system, NumPy (it reports a short write without an error number),
            safetensors or SQLite.
    """
    try:
        yield
    except WriteError:
        raise
    except (OSError, SafetensorError, sqlite3.OperationalError) as error:
        number, words = _reason(error)
        raise WriteError(number, f"cannot be written: {words}", str(path)) from error


def _reason(error: Exception) -> tuple[int | None, str]:
    """Return the error number and the text of a failed write."""
    number = error.errno if isinstance(error, OSError) else None
    text = " ".join(str(error).split())
    if number is None and (match := re.search(r"os error (\d+)", text)):
        number = int(match[1])
    if number is None and _SHORT.search(text):
        number = errno.ENOSPC
    if number is None:
        return None, text or type(error).__name__
    return number, _REASONS.get(number) or os.strerror(number)


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(path: Path, data: bytes, *, durable: bool = False) -> Path:
    """Write a file atomically, create its parent folders and return its path.

    Args:
        path: the file.
        data: its content.
        durable: wait until the bytes are on the disk.

    Raises:
        WriteError: see :func:`replacing`.
    """
    with replacing(path, durable=durable) as partial:
        partial.write_bytes(data)
    return path


def refuse_odd_bytes(path: Path, what: str) -> None:
    """Check that a path is UTF-8: other paths can't be stored in settings, and weights can't be read from them.

    Args:
        path: the path.
        what: name of the path's role, for the message.

    Raises:
        ValueError: if it has bytes that aren't UTF-8; the message is one line.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise ValueError(
            f"{what}: the name {str(path)!r} isn't UTF-8: rename it, or make a link to it with a UTF-8 name (ln -s)"
        ) from None


def write_text(path: Path, text: str, *, durable: bool = False) -> Path:
    """Write UTF-8 text atomically with unchanged line ends and return the path.

    Bytes of file names that aren't UTF-8 are written as escapes, for example ``\\udcff``.
    """
    return write_bytes(path, text.encode("utf-8", "backslashreplace"), durable=durable)


def write_json(path: Path, content: Any, *, durable: bool = False) -> Path:
    """Write a value as JSON atomically and return the path."""
    return write_text(path, json.dumps(content, indent=1) + "\n", durable=durable)


def read_json(path: Path) -> Any:
    """Return the value in a JSON file (UTF-8 with or without a byte order mark).

    Raises:
        OSError: if the file can't be read.
        ValueError: if it isn't JSON, or is nested too deeply.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def append_lines(path: Path, records: Sequence[Any], *, durable: bool = False) -> None:
    """Append records as JSON lines in one write. Without records, the file isn't touched.

    Lines of several processes don't interleave, because each call is one write on a descriptor that only appends. If a
    crash has cut the last line short, a line end is written first. If another process writes at the same time, this can
    leave an empty line.

    Args:
        path: the file.
        records: values that JSON can hold.
        durable: wait until the bytes are on the disk.

    Raises:
        WriteError: if not all of them can be written.
    """
    if not records:
        return
    lines = "".join(json.dumps(record) + "\n" for record in records).encode("ascii")
    with writing(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            if _ends_midline(descriptor):
                lines = b"\n" + lines
            if os.write(descriptor, lines) < len(lines):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _ends_midline(descriptor: int) -> bool:
    size = os.lseek(descriptor, 0, os.SEEK_END)
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
