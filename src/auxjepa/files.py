"""Files that are whole or not there: written beside their place, then renamed into it."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import sqlite3
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
    """A file or folder that couldn't be written; the message is one line that names it and says why."""

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}"


def disk_full(error: OSError) -> bool:
    """Whether a write failed for want of room, of a user's share of it, or of the size that a file may have."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Gives a path beside ``path`` to write to; what was written takes the place of ``path`` when the block ends.

    Folders above it are made. Several processes may write the same file: each has a partial file of its own, the last
    one stands.

    Args:
        durable: wait until the bytes are on the disk, so that a loss of power can't leave an empty file.

    Raises:
        WriteError: when the block or the renaming fails to write. No partial file stays, and what was there before is
            unchanged; so it is when the block raises something else, which is raised as it is.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.unlink(missing_ok=True)  # of a killed process that had the same number
            yield partial
            if durable:
                sync(partial)
            partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path, partial: Path) -> Iterator[Path]:
    """Makes the folder ``partial`` to write to; it takes the place of ``path`` when the block ends, bytes on the disk.

    Raises:
        WriteError: as :func:`replacing` does.
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
    """Deletes a folder; it is renamed first, so that a kill in the middle leaves no half of it under its name."""
    if path.exists():
        doomed = path.with_name(f".partial-{os.getpid()}-old-{path.name}")
        shutil.rmtree(doomed, ignore_errors=True)
        path.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns the errors of a block that writes ``path`` into one line.

    Raises:
        WriteError: in place of an error of the system, of NumPy (which reports a short write without a number), of
            safetensors or of SQLite.
    """
    try:
        yield
    except WriteError:
        raise
    except (OSError, SafetensorError, sqlite3.OperationalError) as error:
        number, words = _reason(error)
        raise WriteError(number, f"cannot be written: {words}", str(path)) from error


def _reason(error: Exception) -> tuple[int | None, str]:
    """Number and words of a failed write."""
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
    """Waits until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(path: Path, data: bytes, *, durable: bool = False) -> Path:
    """Write a file atomically; folders above it are made. Returns the path.

    Raises:
        WriteError: see :func:`replacing`.
    """
    with replacing(path, durable=durable) as partial:
        partial.write_bytes(data)
    return path


def refuse_odd_bytes(path: Path, what: str) -> None:
    """Refuse a path with bytes that aren't UTF-8: weights can't be read from there, nor can settings hold it.

    Args:
        what: the path is, for the message.

    Raises:
        ValueError: in one line.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise ValueError(
            f"{what}: the name {str(path)!r} isn't UTF-8: rename it, or make a link to it that is (ln -s)"
        ) from None


def write_text(path: Path, text: str, *, durable: bool = False) -> Path:
    """Write UTF-8 text atomically, line ends as they are. Returns the path.

    Bytes of file names that aren't UTF-8 are written out as Python does.
    """
    return write_bytes(path, text.encode("utf-8", "backslashreplace"), durable=durable)


def write_json(path: Path, content: Any, *, durable: bool = False) -> Path:
    """Write JSON atomically. Returns the path."""
    return write_text(path, json.dumps(content, indent=1) + "\n", durable=durable)


def read_json(path: Path) -> Any:
    """The value in a JSON file, UTF-8 with or without a byte order mark.

    Raises:
        OSError: when the file can't be read.
        ValueError: when it holds no JSON, or JSON nested too deeply to be ours.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def append_lines(path: Path, records: Sequence[Any], *, durable: bool = False) -> None:
    """Append records as JSON lines in one piece; no record leaves the file untouched.

    Lines of several processes don't interleave: they are one write on a descriptor that only appends. A line that a
    crash cut short is ended first; at worst, beside a process that is writing, this leaves an empty line.

    Raises:
        WriteError: when they can't be written, or not all of them.
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
