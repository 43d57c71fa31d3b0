"""Who uses a cache, and when it was last used: a file ``used`` in its folder, touched and locked on opening.

The lock is shared by all readers and goes with the process that holds it. Where it can't be had (read-only folders,
file systems and systems without ``flock``) caches are opened all the same, and aren't protected.
"""

from __future__ import annotations

import os
import weakref
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where files in use can't be removed anyway
    fcntl = None

USED = "used"


def hold(folder: Path, owner: object) -> None:
    """Note that a cache is used now, by this process for as long as ``owner`` lives."""
    file = folder / USED
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        try:
            handle = os.open(file, os.O_RDONLY)
        except OSError:
            return
    with suppress(OSError):
        os.utime(file)
    if fcntl is not None:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_SH)  # waits for :func:`held` at most
    weakref.finalize(owner, os.close, handle)


def held(folder: Path) -> bool:
    """Whether a living process has the cache open, this one included."""
    if fcntl is None:
        return False
    try:
        handle = os.open(folder / USED, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False


def last_used(folder: Path) -> float:
    """When it was last opened, or built where that isn't known; seconds since 1970."""
    for file in (folder / USED, folder / "header.json", folder / "journal.bin", folder):
        with suppress(OSError):
            return file.stat().st_mtime
    return 0.0
