"""End of a worker process whose parent process is gone."""

from __future__ import annotations

import os


def stop_without(parent: int) -> None:
    """End this process if the parent process is gone. Finished work is on disk.

    Args:
        parent: id of the parent process.
    """
    if os.getppid() != parent:
        os._exit(1)
