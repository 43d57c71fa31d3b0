"""Check of the disk of the data root: free space, locks, and its speed without the page cache."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from auxjepa.data.space import readable
from auxjepa.doctor.check import Check, Settings
from auxjepa.plugins import reason
from auxjepa.start import existing_parent

LITTLE, TOO_LITTLE = 5 * 10**9, 5 * 10**8  # bytes free
SLOW_WRITE, SLOW_READ = 50.0, 100.0  # MB/s; 64 clips of 16 x 112 x 112 pixels are 39 MB
MEASURED = 64 * 2**20
_CHUNK, _SECONDS = 4 * 2**20, 3.0  # a slow disk is evident before everything is written
_ELSEWHERE = "set another data root with --store, and for runs with --data.root"


def disk(settings: Settings) -> Iterable[Check]:
    """Yield the check of the data root: whether it can be written, supports locks, has space, and how fast it is."""
    place, values = existing_parent(settings.root), {"path": settings.root, "exists": settings.root.is_dir()}
    try:
        if not place.is_dir():
            raise NotADirectoryError(f"{place} is not a folder")
        usage = shutil.disk_usage(place)
        values |= {"free": usage.free, "total": usage.total}
        with tempfile.TemporaryDirectory(prefix=".auxjepa-doctor-", dir=place) as folder:
            values["locks"] = locks(Path(folder))
            if not settings.quick and usage.free > 4 * MEASURED:
                values |= speed(Path(folder))
    except OSError as error:
        yield Check(
            name="disk", state="fail", found=f"{settings.root}: {reason(error)}", values=values, advice=_ELSEWHERE
        )
        return
    yield judge_disk(values)


def locks(folder: Path) -> bool:
    """Check whether a lock excludes a second holder; on some network disks it excludes no process, or all of them."""
    try:
        with FileLock(folder / "lock", timeout=0, is_singleton=False):
            FileLock(folder / "lock", timeout=0, is_singleton=False).acquire(timeout=0)
    except Timeout:
        return True
    except (OSError, NotImplementedError):
        return False
    return False


def speed(folder: Path, size: int = MEASURED) -> dict[str, Any]:
    """Return the MB/s of writing (until it is on the disk) and of reading back.

    Between writing and reading, the file is dropped from the page cache if the system can do that; ``cold`` is True
    then. Caches in the disk or in the host of a virtual machine can't be dropped.

    Args:
        folder: folder on the disk.
        size: bytes to write.
    """
    chunk = os.urandom(_CHUNK)
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:  # without a name, so that no file can remain
        begin, written = time.perf_counter(), 0
        while written < size and time.perf_counter() - begin < _SECONDS:
            written += file.write(chunk)
        os.fsync(file.fileno())
        wrote = time.perf_counter() - begin
        cold = hasattr(os, "posix_fadvise")
        if cold:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        file.seek(0)
        begin, read = time.perf_counter(), 0
        while time.perf_counter() - begin < _SECONDS and (part := file.read(_CHUNK)):
            read += len(part)
        took = time.perf_counter() - begin
    rates = {"write": written / wrote / 1e6, "read": read / took / 1e6}
    return {"bytes": written, "cold": cold} | {name: round(rate, 1) for name, rate in rates.items()}


def judge_disk(values: dict[str, Any]) -> Check:
    """Return the check of free space, locks and speed.

    Args:
        values: measurements; ``write`` and ``read`` (MB/s) may be missing.
    """
    state, advice = "ok", None
    if values["free"] < LITTLE:
        state = "fail" if values["free"] < TOO_LITTLE else "warn"
        advice = f"remove caches (`auxjepa data cache ls` lists them, `rm` removes them), or {_ELSEWHERE}"
    elif not values["locks"]:
        state, advice = (
            "warn",
            f"use one process at a time, as this disk has no locks, or {_ELSEWHERE}",
        )
    elif values.get("write", SLOW_WRITE) < SLOW_WRITE or values.get("read", SLOW_READ) < SLOW_READ:
        state, advice = "warn", f"training will wait for data: {_ELSEWHERE} on a local SSD"
    found = f"{values['path']}{'' if values['exists'] else ' (not created yet)'}, {readable(values['free'])} free"
    if "write" in values:
        warm = "" if values["cold"] else ", from the page cache"
        found += f", writes {values['write']:.0f} MB/s, reads {values['read']:.0f} MB/s{warm}"
    found += "" if values["locks"] else ", no file locks"
    return Check(name="disk", state=state, found=found, values=values, advice=advice)
