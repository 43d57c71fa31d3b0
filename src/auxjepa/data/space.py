"""Free space on a disk: printed before a build starts, and refused in one line if it is too small."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from auxjepa.console import print_note
from auxjepa.data.errors import CacheError
from auxjepa.start import existing_parent

SPARE = 1_000_000_000
"""Bytes that stay free on a large disk."""
_REMEDY = "take fewer clips or smaller frames, put data.root on another disk, or see `auxjepa data cache ls`"


def readable(size: int) -> str:
    """Return a number of bytes as people read it, in powers of ten: ``12.3 GB``."""
    if size < 1000:
        return f"{size:.0f} bytes"
    power = min(6, (len(str(int(size))) - 1) // 3)
    return f"{size / 1000**power:,.1f} {('', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB')[power]}"


def announce(folder: Path, what: str, needs: int, *, estimate: bool, progress: bool) -> None:
    """Print on standard error how much space a build takes and how much is free.

    Args:
        folder: the folder of the build. It needn't exist yet.
        what: what is built, for the message.
        needs: bytes that are still to be written.
        estimate: whether ``needs`` is an estimate.
        progress: whether to print.

    Raises:
        CacheError: when the build doesn't fit.
    """
    free = shutil.disk_usage(existing_parent(folder)).free
    words = f"about {readable(needs)} (an estimate)" if estimate else readable(needs)
    if needs > free:
        raise CacheError(folder, f"{what} take {words}, and {readable(free)} are free: {_REMEDY}")
    print_note(f"{what}: {words}; {readable(free)} are free in {folder}", quiet=not progress)


def require(folder: Path, what: str, needs: int, *, remedy: str = _REMEDY) -> None:
    """Check that the disk of a folder has room for a number of bytes.

    Args:
        folder: where the bytes are to be written. It needn't exist yet.
        what: what takes them, for the message.
        needs: bytes, a lower bound or an estimate.
        remedy: what to do if they don't fit.

    Raises:
        CacheError: when they don't fit.
    """
    free = shutil.disk_usage(existing_parent(folder)).free
    if needs > free:
        raise CacheError(folder, f"{what} take about {readable(needs)}, and {readable(free)} are free: {remedy}")


def require_files(folder: Path, what: str, count: int) -> None:
    """Check that the disk of a folder can hold ``count`` more files. A disk that reports no limit can hold any number.

    Raises:
        CacheError: when it can't hold them.
    """
    if hasattr(os, "statvfs"):
        disk = os.statvfs(existing_parent(folder))
        if disk.f_files > 0 and disk.f_favail < count:
            raise CacheError(folder, f"{what}: the disk can hold {disk.f_favail:,} more files: {_REMEDY}")


def room(folder: Path) -> int:
    """Return the bytes that a download may fill: the free space less a reserve for the system (5 % of the disk, at most
    1 GB).
    """
    usage = shutil.disk_usage(folder)
    return max(0, usage.free - min(SPARE, usage.total // 20))
