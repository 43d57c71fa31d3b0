"""Writing that fails for want of room."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from auxjepa.processes.idle import end_idle


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Lets no file of this process grow beyond ``size`` bytes, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        end_idle()  # processes that were started meanwhile have the limit for ever
