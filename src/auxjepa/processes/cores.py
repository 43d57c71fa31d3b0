"""Number of cores that this process may use."""

from __future__ import annotations

import math

import loky

from auxjepa.limits import cpu_quota


def count_cores() -> int:
    """Return the number of cores that this process may keep busy.

    It is the smallest of four numbers: the cores of the machine, the cores in the affinity of this process, the quota
    of every control group that the process is in (rounded up), and the environment variable ``LOKY_MAX_CPU_COUNT``.
    """
    quota = cpu_quota()
    return max(1, loky.cpu_count() if quota is None else min(loky.cpu_count(), math.ceil(quota)))
