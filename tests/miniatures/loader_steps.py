"""Steps of numbered clips for tests of the loader, and checks on its worker processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np

from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.loader import Batch

BATCH = 6


def draw(step: int) -> Draw:
    index = step * BATCH + np.arange(BATCH)
    return Draw(np.zeros(BATCH, np.int64), index, np.zeros(BATCH, np.int64), np.zeros(BATCH))


def expected(step: int) -> np.ndarray:
    return np.broadcast_to((draw(step).index % 251).astype(np.uint8)[:, None, None, None, None], (BATCH, 2, 4, 4, 3))


def right(batch: Batch) -> bool:
    return bool((batch.clips.numpy() == expected(batch.step)).all())


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def gone(pids: list[int], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(alive(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def stop(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    assert gone([pid], 30)
