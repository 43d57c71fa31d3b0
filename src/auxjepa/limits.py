"""Memory of the machine, and the limits of a container or batch system on memory and cores of this process.

The limits are those of Linux control groups, version 1 and 2.

Source: the Linux kernel's documentation, "Control Group v2" and "CFS Bandwidth Control", for the format of the files;
proc_pid_mountinfo(5) and cgroups(7) for their location
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc/self")
MEMINFO = Path("/proc/meminfo")
_UNLIMITED = 2**60  # without a limit, version 1 writes the largest multiple of a page


@dataclass(frozen=True)
class MemoryLimit:
    """A limit on memory.

    Args:
        limit: allowed memory, bytes.
        used: used memory without caches that the system can free, bytes.
    """

    limit: int
    used: int


def cpu_quota(proc: Path = PROC) -> float | None:
    """Return the processor time that this process may use, in cores; None without a limit."""
    quotas = []
    for folder in _groups("cpu", proc):
        for quota, period in (_words(folder / "cpu.max"), _v1_quota(folder)):
            if quota.isdecimal() and period.isdecimal() and int(period):
                quotas.append(int(quota) / int(period))
    return min(quotas, default=None)


def memory_limit(proc: Path = PROC) -> MemoryLimit | None:
    """Return the lowest limit on memory; None without a limit."""
    limits = []
    for folder in _groups("memory", proc):
        for limit, usage, cached in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            allowed, used = _words(folder / limit)[0], _words(folder / usage)[0]
            if allowed.isdecimal() and used.isdecimal() and int(allowed) < _UNLIMITED:
                free_on_demand = _stat(folder / "memory.stat", cached)  # pages of files that were read
                limits.append(MemoryLimit(int(allowed), max(0, int(used) - free_on_demand)))
    return min(limits, key=lambda limit: limit.limit - limit.used, default=None)


def machine_memory(file: Path = MEMINFO) -> tuple[int, int | None]:
    """Return the memory of the machine and the available part of it, bytes (None if unknown)."""
    with suppress(OSError, ValueError, KeyError):
        pairs = (line.partition(":") for line in file.read_text().splitlines())
        sizes = {key: int(value.split()[0]) * 1024 for key, _, value in pairs if value}
        return sizes["MemTotal"], sizes["MemAvailable"]
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), None


def usable_memory() -> int:
    """Return the bytes that this process could use if it ran alone: memory and swap, or the limit of a container."""
    total, limit = machine_memory()[0] + _swap(), memory_limit()
    return total if limit is None else min(total, limit.limit)


def _swap(file: Path = MEMINFO) -> int:
    with suppress(OSError, StopIteration, ValueError):
        line = next(line for line in file.read_text().splitlines() if line.startswith("SwapTotal:"))
        return int(line.split()[1]) * 1024
    return 0


def _groups(controller: str, proc: Path) -> Iterator[Path]:
    """Yield the folders of the control groups of this process and of their parents; a limit of any of them applies."""
    groups: dict[bool, str] = {}
    with suppress(OSError):
        for line in (proc / "cgroup").read_text().splitlines():
            number, controllers, path = line.split(":", 2)
            if number == "0" or controller in controllers.split(","):
                groups[number == "0"] = path
    with suppress(OSError):
        for line in (proc / "mountinfo").read_text().splitlines():
            left, _, right = line.partition(" - ")
            kind, _, options = [*right.split(" ", 2), "", ""][:3]
            second = kind == "cgroup2"
            if second in groups and (second or (kind == "cgroup" and controller in options.split(","))):
                within, mounted = (field.replace("\\040", " ") for field in left.split(" ")[3:5])
                yield from _upwards(Path(mounted), groups[second], within)


def _upwards(mounted: Path, path: str, within: str) -> Iterator[Path]:
    """Yield the folder of a group and those of its parents.

    Args:
        mounted: mount point of the control groups.
        path: path of the group.
        within: group at the mount point, which in a container is its group.
    """
    group = Path(path)
    inside = group.is_relative_to(within) and ".." not in group.parts
    folder = mounted / group.relative_to(within) if inside else mounted
    while folder != mounted:
        yield folder
        folder = folder.parent
    yield mounted


def _words(file: Path) -> list[str]:
    """Return the first two words of a file; '' for missing ones."""
    with suppress(OSError):
        return [*file.read_text().split(), "", ""][:2]
    return ["", ""]


def _v1_quota(folder: Path) -> list[str]:
    return [_words(folder / "cpu.cfs_quota_us")[0], _words(folder / "cpu.cfs_period_us")[0]]


def _stat(file: Path, name: str) -> int:
    with suppress(OSError, ValueError):
        pairs = (line.split() for line in file.read_text().splitlines())
        return int(next((value for key, value in pairs if key == name), "0"))
    return 0
