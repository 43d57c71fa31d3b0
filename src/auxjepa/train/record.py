"""What a run writes down: metrics.jsonl, TensorBoard, where the time went."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from auxjepa.files import write_text


@dataclass(frozen=True)
class Summary:
    """``summary.json`` of a finished run. ``shares``: of the timed parts of a step; ``verdict``: of the monitor."""

    variant: str
    regime: str
    seed: int
    hash: str
    steps: int
    parameters: int
    seconds: float
    cpu_seconds: float
    peak_memory_mb: float
    milliseconds_per_step: float
    verdict: str
    shares: dict[str, float]
    checkpoint: str


class Stopwatch:
    """Seconds spent in named parts of a step.

    On an accelerator, work is queued: only steps marked with ``begin(exact=True)`` are timed, with a synchronisation
    around each part, so that the others run undisturbed.
    """

    def __init__(self, device: torch.device) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._cuda = device.type == "cuda"
        self._active = not self._cuda

    def begin(self, exact: bool) -> None:
        """Start of a step; ``exact`` allows the synchronisations that timing an accelerator needs."""
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
        """Share of the timed seconds by part."""
        total = sum(self.seconds.values()) or 1.0
        return {part: seconds / total for part, seconds in self.seconds.items()}


class Metrics:
    """``metrics.jsonl``: one JSON object a step, and the same to TensorBoard where asked for.

    A run that goes on from step ``start`` first drops the lines at or behind it, which it is going to write again.
    """

    def __init__(self, folder: Path, start: int, tensorboard: bool) -> None:
        self._board = _board(folder, start) if tensorboard else None
        path = folder / "metrics.jsonl"
        kept = [line for line in _lines(path) if line["step"] < start]
        write_text(path, "".join(json.dumps(line) + "\n" for line in kept))
        self._file = path.open("a", buffering=1)

    def write(self, line: dict[str, Any]) -> None:
        """Append one step."""
        self._file.write(json.dumps(line) + "\n")
        if self._board is not None:
            for name, value in line.items():
                if name != "step":
                    self._board.add_scalar(name, value, line["step"])

    def sync(self) -> None:
        """Let what is written reach the disk: a checkpoint must not outlive the lines that lead to it."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Flush and close."""
        self._file.close()
        if self._board is not None:
            self._board.close()


def _board(folder: Path, start: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ImportError("--log.tensorboard needs the extra: pip install 'auxjepa[tensorboard]'") from error
    return SummaryWriter(folder / "tensorboard", purge_step=start)


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    lines = []
    for text in path.read_text().splitlines():
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:  # the line that a kill cut short
            continue
    return lines


def reset_peak_memory() -> None:
    """Let this process's peak start anew (Linux; elsewhere the peak stays that of the whole process)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_memory_mb(device: torch.device) -> float:
    """Most memory held so far, in MB: of the accelerator where there is one, else resident memory of this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    with contextlib.suppress(OSError, StopIteration, ValueError):
        status = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
