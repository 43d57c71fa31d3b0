"""Room on the disk: said before a build starts, and missed in one line."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

from rich.console import Console

from auxjepa.data.errors import CacheError

SPARE = 1_000_000_000
"""Bytes that stay free on a large disk."""
_LESS = "take fewer clips or smaller frames, put data.root on another disk, or see `auxjepa data cache ls`"


def readable(size: int) -> str:
    """Bytes for people, in powers of ten: ``12.3 GB``."""
    if size < 1000:
        return f"{size:.0f} bytes"
    power = min(4, int(math.log10(size)) // 3)
    return f"{size / 1000**power:.1f} {('', 'kB', 'MB', 'GB', 'TB')[power]}"


def announce(folder: Path, what: str, needs: int, *, estimate: bool, progress: bool) -> None:
    """Say on standard error what a build takes and how much is free.

    Args:
        folder: that it's built in. needs: bytes still to be written. estimate: whether that isn't exact.

    Raises:
        CacheError: when it doesn't fit.
    """
    free = shutil.disk_usage(folder).free
    words = f"about {readable(needs)} (an estimate)" if estimate else readable(needs)
    if needs > free:
        raise CacheError(folder, f"{what} take {words}, and {readable(free)} are free: {_LESS}")
    console = Console(stderr=True, quiet=not progress, highlight=False)
    console.print(f"cache of {what}: {words}; {readable(free)} are free in {folder}", markup=False, soft_wrap=True)


def room(folder: Path) -> int:
    """Bytes that a download may fill: what is free, less what the rest of the system needs (5 %, 1 GB at most)."""
    usage = shutil.disk_usage(folder)
    return max(0, usage.free - min(SPARE, usage.total // 20))
