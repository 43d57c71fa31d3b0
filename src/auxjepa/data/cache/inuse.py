"""Records which caches are in use and when each was last used: a file ``used`` in its folder, which is touched and
locked on opening.

All readers share the lock, and it ends with the process that holds it. Where locking isn't possible (read-only folders,
file systems and systems without ``flock``), caches are opened nevertheless, but aren't protected.
"""

from __future__ import annotations

import os
import weakref
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # on Windows files in use can't be removed
    fcntl = None

USED = "used"


def mark_in_use(folder: Path, owner: object) -> None:
    """Mark a cache as used now, and as in use by this process as long as ``owner`` lives."""
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
            fcntl.flock(handle, fcntl.LOCK_SH)  # waits only while another process checks :func:`is_in_use`
    weakref.finalize(owner, os.close, handle)


def is_in_use(folder: Path) -> bool:
    """Check whether a living process, including this one, has the cache open."""
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
    """Return the time at which a cache was last opened, or was built if that isn't recorded; seconds since 1970."""
    for file in (folder / USED, folder / "header.json", folder / "journal.bin", folder):
        with suppress(OSError):
            return file.stat().st_mtime
    return 0.0
