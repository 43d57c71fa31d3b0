"""Room on the disk: said before a build starts, and missed in one line."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from auxjepa.console import print_note
from auxjepa.data.errors import CacheError
from auxjepa.start import existing_parent

SPARE = 1_000_000_000
"""Bytes that stay free on a large disk."""
_LESS = "take fewer clips or smaller frames, put data.root on another disk, or see `auxjepa data cache ls`"


def readable(size: int) -> str:
    """Bytes for people, in powers of ten: ``12.3 GB``."""
    if size < 1000:
        return f"{size:.0f} bytes"
    power = min(6, (len(str(int(size))) - 1) // 3)
    return f"{size / 1000**power:,.1f} {('', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB')[power]}"


def announce(folder: Path, what: str, needs: int, *, estimate: bool, progress: bool) -> None:
    """Say on standard error what a build takes and how much is free.

    Args:
        folder: that it's built in, which needn't exist yet.
        what: is built.
        needs: bytes still to be written.
        estimate: whether that isn't exact.

    Raises:
        CacheError: when it doesn't fit.
    """
    free = shutil.disk_usage(existing_parent(folder)).free
    words = f"about {readable(needs)} (an estimate)" if estimate else readable(needs)
    if needs > free:
        raise CacheError(folder, f"{what} take {words}, and {readable(free)} are free: {_LESS}")
    print_note(f"{what}: {words}; {readable(free)} are free in {folder}", quiet=not progress)


def require(folder: Path, what: str, needs: int, *, remedy: str = _LESS) -> None:
    """Nothing, if so many bytes fit on the disk of a folder, which needn't exist yet.

    Args:
        folder: that would hold them.
        what: takes them, for the message.
        needs: bytes, a lower bound or an estimate.
        remedy: what to do if they don't fit.

    Raises:
        CacheError: when they don't.
    """
    free = shutil.disk_usage(existing_parent(folder)).free
    if needs > free:
        raise CacheError(folder, f"{what} take about {readable(needs)}, and {readable(free)} are free: {remedy}")


def require_files(folder: Path, what: str, count: int) -> None:
    """Nothing, if the disk of a folder can hold so many more files; disks that don't say how many can hold any number.

    Raises:
        CacheError: when it can't.
    """
    if hasattr(os, "statvfs"):
        disk = os.statvfs(existing_parent(folder))
        if disk.f_files > 0 and disk.f_favail < count:
            raise CacheError(folder, f"{what}: the disk can hold {disk.f_favail:,} more files: {_LESS}")


def room(folder: Path) -> int:
    """Bytes that a download may fill: what is free, less what the rest of the system needs (5 %, 1 GB at most)."""
    usage = shutil.disk_usage(folder)
    return max(0, usage.free - min(SPARE, usage.total // 20))
