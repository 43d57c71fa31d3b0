"""Memory of the machine, and what a container or a batch system allows this process of it and of the cores: control
groups of Linux, version 1 and 2.

Format of the files: the Linux kernel's documentation, "Control Group v2" and "CFS Bandwidth Control"; for where they
lie, proc_pid_mountinfo(5) and cgroups(7).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc/self")
MEMINFO = Path("/proc/meminfo")
_UNLIMITED = 2**60  # version 1 writes the largest multiple of a page where there is no limit


@dataclass(frozen=True)
class MemoryLimit:
    """Bytes: what is allowed, and what of it is taken and can't be given back at once."""

    limit: int
    taken: int


def cpu_quota(proc: Path = PROC) -> float | None:
    """Cores' worth of time that this process may take, None where nothing limits it."""
    found = []
    for folder in _groups("cpu", proc):
        for quota, period in (_words(folder / "cpu.max"), _v1_quota(folder)):
            if quota.isdecimal() and period.isdecimal() and int(period):
                found.append(int(quota) / int(period))
    return min(found, default=None)


def memory_limit(proc: Path = PROC) -> MemoryLimit | None:
    """The tightest limit on memory, None where there is none."""
    found = []
    for folder in _groups("memory", proc):
        for limit, usage, cached in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            allowed, taken = _words(folder / limit)[0], _words(folder / usage)[0]
            if allowed.isdecimal() and taken.isdecimal() and int(allowed) < _UNLIMITED:
                spare = _stat(folder / "memory.stat", cached)  # read files, given back on demand
                found.append(MemoryLimit(int(allowed), max(0, int(taken) - spare)))
    return min(found, key=lambda one: one.limit - one.taken, default=None)


def machine_memory(file: Path = MEMINFO) -> tuple[int, int | None]:
    """Bytes of memory, and how many of them are available (None where that isn't known)."""
    with suppress(OSError, ValueError, KeyError):
        pairs = (line.partition(":") for line in file.read_text().splitlines())
        sizes = {key: int(value.split()[0]) * 1024 for key, _, value in pairs if value}
        return sizes["MemTotal"], sizes["MemAvailable"]
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), None


def usable_memory() -> int:
    """Bytes that this process could hold if nothing else ran: memory and swap, or what a container allows of them."""
    total, limit = machine_memory()[0] + _swap(), memory_limit()
    return total if limit is None else min(total, limit.limit)


def _swap(file: Path = MEMINFO) -> int:
    with suppress(OSError, StopIteration, ValueError):
        line = next(line for line in file.read_text().splitlines() if line.startswith("SwapTotal:"))
        return int(line.split()[1]) * 1024
    return 0


def _groups(controller: str, proc: Path) -> Iterator[Path]:
    """Folders of the control groups that this process is in, with all above them; a limit of any of them binds."""
    own: dict[bool, str] = {}
    with suppress(OSError):
        for line in (proc / "cgroup").read_text().splitlines():
            number, controllers, path = line.split(":", 2)
            if number == "0" or controller in controllers.split(","):
                own[number == "0"] = path
    with suppress(OSError):
        for line in (proc / "mountinfo").read_text().splitlines():
            left, _, right = line.partition(" - ")
            kind, _, options = [*right.split(" ", 2), "", ""][:3]
            second = kind == "cgroup2"
            if second in own and (second or (kind == "cgroup" and controller in options.split(","))):
                within, mounted = (field.replace("\\040", " ") for field in left.split(" ")[3:5])
                yield from _upwards(Path(mounted), own[second], within)


def _upwards(mounted: Path, path: str, within: str) -> Iterator[Path]:
    """The group's folder and those above it; ``within`` is the group that is mounted, a container's own."""
    own = Path(path)
    inside = own.is_relative_to(within) and ".." not in own.parts
    folder = mounted / own.relative_to(within) if inside else mounted
    while folder != mounted:
        yield folder
        folder = folder.parent
    yield mounted


def _words(file: Path) -> list[str]:
    """The first two words of a file, empty where there are none."""
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
