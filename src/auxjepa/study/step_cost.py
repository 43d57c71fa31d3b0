"""Measured cost of a training step on synthetic clips.

The whole step is timed if the budget allows it. Otherwise, the cost is extrapolated from fewer and smaller clips.

On a CPU, the time is the CPU time of this process with one thread, so that other processes do not count. Their slowdown
is reported separately. On an accelerator, the time is wall-clock time.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from auxjepa.benchmarks.cost import MOST_STEPS
from auxjepa.config import ModelConfig, RunConfig
from auxjepa.models import predictor, vit
from auxjepa.models.vit import Width
from auxjepa.tokens import Grid
from auxjepa.train.loop import Run
from auxjepa.train.record import peak_memory_mb, reset_peak_memory
from auxjepa.train.setup import registered

FEW, SOME = 2, 8
"""Numbers of clips of the steps that are timed before the whole batch."""
SMALL = (4, MOST_STEPS)
"""Tubelets, and patches along each side, of the clips that are timed first."""
WORTH = 1.0
"""Seconds that the next size may always take, so that steps of small models are timed whole."""
SLOW = 0.5
"""Seconds of steps after which no third step is timed."""
MANY = 1_000_000
"""Number of steps of a run that is timed. It is so large that the run does not end during the measurement."""
LIBRARIES_MB = 450
"""Memory of a process before it allocates data."""


class Clock:
    """Clock of a device in seconds. It also measures the slowdown of this process by others (1 means none)."""

    def __init__(self, device: torch.device) -> None:
        self._cuda = device.type == "cuda"
        self._begin = time.perf_counter(), time.process_time()

    def __call__(self) -> float:
        if not self._cuda:
            return time.process_time()
        torch.cuda.synchronize()
        return time.perf_counter()

    @property
    def crowding(self) -> float:
        wall, own = (
            now - then for now, then in zip((time.perf_counter(), time.process_time()), self._begin, strict=True)
        )
        return 1.0 if self._cuda else max(1.0, wall / max(own, 1e-9))


@dataclass(frozen=True)
class Rung:
    """Size of a timed step: number of clips, frames per clip, pixels per side."""

    batch: int
    frames: int
    size: int

    def of(self, config: RunConfig) -> RunConfig:
        """Return the run with steps of this size."""
        return config.model_copy(
            update={
                "data": config.data.model_copy(update={"frames": self.frames, "size": self.size, "mixture": {}}),
                "optim": config.optim.model_copy(update={"batch": self.batch, "steps": MANY}),
            }
        )

    def tokens(self, model: ModelConfig) -> int:
        """Return the number of tokens of a step."""
        return self.batch * Grid.of_clip(self.frames, self.size, self.size, model.tubelet, model.patch).N


@dataclass(frozen=True)
class StepCost:
    """Cost of one training step. ``whole`` means that the full step was timed; otherwise the cost is extrapolated."""

    seconds: float | int
    memory_mb: float | int
    parameters: int
    whole: bool


def rungs(config: RunConfig) -> list[Rung]:
    """Return the sizes of a step from small to whole."""
    data, model, batch = config.data, config.model, config.optim.batch
    few = min(batch, FEW)
    small = [Rung(few, min(data.frames, side * model.tubelet), min(data.size, side * model.patch)) for side in SMALL]
    full = [Rung(clips, data.frames, data.size) for clips in (few, min(batch, SOME), batch)]
    return list(dict.fromkeys([*small, *full]))


def flops(config: RunConfig, rung: Rung | None = None) -> float:
    """Return the floating-point operations of a step of encoder, teacher and predictor.

    A multiplication and an addition are two operations. Operations of the loss terms are left out.

    Args:
        config: the run.
        rung: size of the step; the whole step when None.
    """
    rung = rung or rungs(config)[-1]
    model, dim = config.model, vit.SIZES[config.model.size].dim
    tokens = Grid.of_clip(rung.frames, rung.size, rung.size, model.tubelet, model.patch).N
    default = predictor.SIZES[model.size]
    narrow = Width(model.predictor_dim or default.dim, model.predictor_depth or default.depth, default.heads)
    levels = model.levels * dim
    total = encoder_flops(model, tokens) * (1 if config.teacher.enabled else 3)
    for mask in config.masks:
        visible = max(1.0, tokens * (1 - mask.scale * mask.temporal_scale) ** mask.blocks)
        fused = 2 * visible * (levels * dim + dim * narrow.dim) + 2 * tokens * narrow.dim * levels
        total += 3 * (encoder_flops(model, visible) + narrow.depth * _block(narrow.dim, tokens) + fused)
    return rung.batch * total


def encoder_flops(model: ModelConfig, tokens: float | int) -> float:
    """Return the floating-point operations of the encoder's forward pass for one clip.

    Args:
        model: settings of the model.
        tokens: number of tokens of the clip.
    """
    width = vit.SIZES[model.size]
    return width.depth * _block(width.dim, tokens) + 2.0 * tokens * 3 * model.tubelet * model.patch**2 * width.dim


def _block(dim: int, tokens: float | int) -> float:
    return 24.0 * tokens * dim**2 + 4.0 * tokens**2 * dim


def kind_of(config: RunConfig) -> str:
    """Return the settings that determine the cost of a step, as text. Runs with the same text take the same time."""
    terms = sorted(f"{registered(config, key)} {sorted(one.args)}" for key, one in config.objectives.items())
    masks = [(mask.kind, mask.blocks, mask.scale) for mask in config.masks]
    return f"{config.data.frames} {config.data.size} {config.teacher.enabled} {masks} {terms}"


def step_cost(config: RunConfig, device: torch.device, clock: Clock, budget: float | int) -> StepCost:
    """Time a step, and return its cost. The size grows to the largest one that the budget allows.

    Args:
        config: the run.
        device: device of the run.
        clock: clock of the device.
        budget: approximate wall-clock seconds of the measurement.
    """
    seen: list[tuple[Rung, Timed]] = []
    begin, left = time.perf_counter(), rungs(config)
    whole = left[-1]
    while left:
        rung = left.pop(0)
        spent = time.perf_counter() - begin
        if len(seen) > 1:
            last, timed = seen[-1]
            ahead = clock.crowding * timed.seconds * flops(config, rung) / flops(config, last)
            if 3 * ahead > max(budget - spent, WORTH):
                break
        seen.append((rung, _time_steps(rung.of(config), device, clock, budget - spent if not left else 0.0)))
    last, timed = seen[-1]
    if last == whole:
        return StepCost(timed.seconds, timed.peak_mb, timed.parameters, whole=True)
    seconds = _extrapolate(flops(config), [(flops(config, rung), one.seconds) for rung, one in seen])
    kept_mb = _extrapolate(whole.tokens(config.model), [(rung.tokens(config.model), one.kept_mb) for rung, one in seen])
    # In float32. Half of the parameters are the student's, which also have gradients and two moments.
    memory = LIBRARIES_MB + 10 * timed.parameters / 2**20 + kept_mb
    return StepCost(seconds, memory, timed.parameters, whole=False)


def _extrapolate(at: float | int, points: list[tuple[float | int, float | int]]) -> float:
    """Extrapolate the line through the last two points to ``at``. The line never falls.

    With one point, the value is proportional to ``at``.
    """
    (x, y), before = points[-1], points[-2] if len(points) > 1 else (0.0, 0.0)
    return float(y) + max(0.0, (y - before[1]) / (x - before[0])) * (at - x)


@dataclass(frozen=True)
class Timed:
    """Measured step: seconds, peak memory, memory that is kept for the backward pass, and number of parameters."""

    seconds: float | int
    peak_mb: float | int
    kept_mb: float | int
    parameters: int


def _time_steps(config: RunConfig, device: torch.device, clock: Clock, budget: float | int) -> Timed:
    rng, data = np.random.default_rng(0), config.data
    clips = rng.integers(0, 256, (2 * config.optim.batch, data.frames, data.size, data.size, 3), dtype=np.uint8)
    reset_peak_memory()
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    saved: dict[int, int] = {}

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    with tempfile.TemporaryDirectory(prefix="auxjepa-plan-") as place:
        begin = time.perf_counter()
        run = Run(config, clips, Path(place) / "run", device)
        own = {p.untyped_storage().data_ptr() for p in (*run.model.parameters(), *run.objectives.parameters())}
        with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
            run.advance(exact=True)  # the first step allocates buffers
        timings: list[float] = []
        while len(timings) < (3 if sum(timings) < SLOW else 1) or time.perf_counter() - begin < budget:
            since = clock()
            run.advance(exact=True)
            timings.append(clock() - since)
        parameters = sum(p.numel() for p in run.model.parameters())
    kept_mb = sum(size for place, size in saved.items() if place not in own) / 2**20
    # Other processes only lengthen a CPU step: the minimum counts. An accelerator queues steps: the median counts.
    seconds = np.median(timings) if device.type == "cuda" else min(timings)
    return Timed(float(seconds), peak_memory_mb(device), kept_mb, parameters)
