"""The records of a run during training: metrics.jsonl, TensorBoard, and seconds by part of a step."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from auxjepa.files import write_text, writing
from auxjepa.runs.metrics import FILE, read_metrics


class Stopwatch:
    """Seconds of named parts of a step.

    On an accelerator, work is queued. Therefore only steps with ``begin(exact=True)`` are timed there, with a
    synchronisation around each part, so that the other steps run at full speed.
    """

    def __init__(self, device: torch.device) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._cuda = device.type == "cuda"
        self._active = not self._cuda

    def begin(self, exact: bool) -> None:
        """Begin a step; ``exact`` allows the synchronisations that timing an accelerator needs."""
        self._active = exact or not self._cuda

    @contextmanager
    def __call__(self, part: str) -> Iterator[None]:
        if not self._active:
            yield
            return
        self._wait()
        start = time.perf_counter()
        yield
        self._wait()
        self.seconds[part] += time.perf_counter() - start

    def _wait(self) -> None:
        if self._cuda:
            torch.cuda.synchronize()

    def shares(self) -> dict[str, float]:
        """Return the share of the timed seconds by part."""
        total = sum(self.seconds.values()) or 1.0
        return {part: seconds / total for part, seconds in self.seconds.items()}


class Metrics:
    """``metrics.jsonl``: one JSON object per step, also written to TensorBoard if requested.

    A run that resumes from step ``start`` first drops the lines of that step and later ones, because it writes them
    again. Unreadable lines are dropped too; ``lost`` is their number without an incomplete last line.

    Args:
        folder: folder of the run.
        start: step from which the run resumes.
        tensorboard: also write to TensorBoard.
    """

    def __init__(self, folder: Path, start: int, tensorboard: bool) -> None:
        self._board = _board(folder, start) if tensorboard else None
        self._path = folder / FILE
        lines = read_metrics(self._path)
        self.lost = lines.lost
        write_text(self._path, "".join(f"{text}\n" for step, text in lines.by_step if step < start))
        self._file = self._path.open("ab", buffering=0)

    def write(self, line: dict[str, Any]) -> None:
        """Append one step.

        Raises:
            WriteError: if the disk is full; the run writes the line again when it resumes.
        """
        data = (json.dumps(line) + "\n").encode()
        with writing(self._path):
            if self._file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self._board is not None:
            for name, value in line.items():
                if name != "step":
                    self._board.add_scalar(name, value, line["step"])

    def sync(self) -> None:
        """Wait until all lines are on the disk, because a checkpoint needs the lines before it."""
        with writing(self._path):
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file and TensorBoard."""
        self._file.close()
        if self._board is not None:
            self._board.close()


def _board(folder: Path, start: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ImportError("--log.tensorboard needs the extra: pip install 'auxjepa[tensorboard]'") from error
    return SummaryWriter(folder / "tensorboard", purge_step=start)


def reset_peak_memory() -> None:
    """Reset this process's peak memory (Linux only; on other systems the peak is that of the whole process)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_memory_mb(device: torch.device) -> float:
    """Return the peak memory so far in MB: of an accelerator, or the resident memory of this process.

    It is 0 on systems that don't report it.
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    with contextlib.suppress(OSError, StopIteration, ValueError):
        status = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    units = 2**20 if sys.platform == "darwin" else 1024  # macOS reports bytes, other systems kilobytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / units
