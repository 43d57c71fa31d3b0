"""Checks of memory, shared memory and open files that this process may use."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Iterable
from pathlib import Path

from auxjepa.data.space import readable
from auxjepa.doctor.check import Check, Settings
from auxjepa.limits import MemoryLimit, machine_memory, memory_limit
from auxjepa.plugins import reason

LITTLE, TOO_LITTLE = 2 * 10**9, 5 * 10**8  # bytes of memory: a nano run needs 0.6 GB
SMALL_SHM = 256 * 2**20
FILES = 1024
_SHM = Path("/dev/shm")


def memory(_: Settings) -> Iterable[Check]:
    """Yield the check of the memory of the machine and of its container."""
    total, available = machine_memory()
    yield judge_memory(total, available, memory_limit())


def judge_memory(total: int, available: int | None, limit: MemoryLimit | None) -> Check:
    """Return the check of the available memory.

    Args:
        total: memory of the machine, bytes.
        available: available memory of the machine, bytes; None if unknown.
        limit: limit of a container.
    """
    values = {"machine": total, "limit": limit.limit if limit else None}
    within = ""
    if limit and limit.limit < total:
        within, total = f" (the container's share of {readable(total)})", limit.limit
        unused = max(0, limit.limit - limit.used)
        available = unused if available is None else min(available, unused)
    values |= {"total": total, "available": available}
    if available is None:
        return Check(name="memory", state="ok", found=f"{readable(total)}{within}", values=values)
    state, advice = "ok", None
    if available < LITTLE:
        state = "fail" if available < TOO_LITTLE else "warn"
        advice = "end other programs, give the container more, or lower optim.batch, data.size and data.workers"
    found = f"{readable(available)} available of {readable(total)}{within}"
    return Check(name="memory", state=state, found=found, values=values, advice=advice)


def shared_memory(_: Settings) -> Iterable[Check]:
    """Yield the check of ``/dev/shm`` and of locks between processes, which need it."""
    try:
        multiprocessing.get_context("spawn").Lock()
    except (OSError, ImportError) as error:
        advice = "processes can't share locks: mount /dev/shm and let this user write to it"
        yield Check(name="shared memory", state="fail", found=reason(error), advice=advice)
        return
    yield judge_shm(shutil.disk_usage(_SHM)[:] if _SHM.is_dir() else None)


def judge_shm(usage: tuple[int, int, int] | None) -> Check:
    """Return the check of the size of ``/dev/shm``.

    Args:
        usage: bytes in total, used, and free; None without ``/dev/shm``.
    """
    if usage is None:
        return Check(name="shared memory", state="ok", found="no /dev/shm on this system", values={"total": None})
    total, _, free = usage
    values = {"total": total, "free": free}
    found = f"/dev/shm, {readable(free)} of {readable(total)} free"
    if free >= SMALL_SHM:
        return Check(name="shared memory", state="ok", found=found, values=values)
    advice = "AuxJEPA's workers don't need it, but a torch DataLoader of yours may die: docker run --shm-size 1g"
    return Check(name="shared memory", state="warn", found=found, values=values, advice=advice)


def open_files(_: Settings) -> Iterable[Check]:
    """Yield the check of the number of files that this process may open."""
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    none = resource.RLIM_INFINITY
    yield judge_files(None if soft == none else soft, None if hard == none else hard)


def judge_files(soft: int | None, hard: int | None) -> Check:
    """Return the check of the limits on open files.

    Args:
        soft: soft limit; None without a limit.
        hard: hard limit; None without a limit.
    """
    values = {"soft": soft, "hard": hard}
    few = soft is not None and soft < FILES
    most = min(4 * FILES, hard or 4 * FILES)
    higher = f"ulimit -n {most}" if most > (soft or 0) else "ask the administrator for a higher limit (limits.conf)"
    advice = f"{higher}, or fewer data.workers" if few else None
    found = "no limit" if soft is None else f"at most {soft:,} at a time"
    return Check(name="open files", state="warn" if few else "ok", found=found, values=values, advice=advice)
