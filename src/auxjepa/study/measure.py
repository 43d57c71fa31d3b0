"""What a training step takes: timed on made-up clips, in full where that is affordable, else on fewer and smaller clips
and reckoned up.

On a CPU the time is this process's own (CPU-seconds of one thread), so that what else runs on the machine doesn't
count; how much it slows things down is told beside it. On an accelerator it is the time of the clock.
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
"""Clips of a step that is tried before the whole batch is."""
SMALL = (4, MOST_STEPS)
"""Tubelets and patches along each side of the clips that are tried first."""
WORTH = 1.0
"""Seconds that the next size may always take: steps of small models are timed whole."""
SLOW = 0.5
"""Seconds of steps behind which no third one is waited for."""
MANY = 1_000_000
"""Steps of a run of which a few are timed: its end must not come meanwhile."""
LIBRARIES_MB = 450
"""What a process holds before it has made anything."""


class Clock:
    """Seconds on a device, and how much slower than alone this process ran (1: nobody was in the way)."""

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
    """The size of a step that is timed: clips, their frames, pixels a side."""

    batch: int
    frames: int
    size: int

    def of(self, config: RunConfig) -> RunConfig:
        """The run with steps of this size."""
        return config.model_copy(
            update={
                "data": config.data.model_copy(update={"frames": self.frames, "size": self.size, "mixture": {}}),
                "optim": config.optim.model_copy(update={"batch": self.batch, "steps": MANY}),
            }
        )

    def tokens(self, model: ModelConfig) -> int:
        """Tokens of a step."""
        return self.batch * Grid.of_clip(self.frames, self.size, self.size, model.tubelet, model.patch).N


@dataclass(frozen=True)
class StepCost:
    """Of one training step. ``whole``: timed as it is, else reckoned up from smaller ones."""

    seconds: float | int
    memory_mb: float | int
    parameters: int
    whole: bool


def rungs(config: RunConfig) -> list[Rung]:
    """Sizes of a step from small to whole."""
    data, model, batch = config.data, config.model, config.optim.batch
    few = min(batch, FEW)
    small = [Rung(few, min(data.frames, side * model.tubelet), min(data.size, side * model.patch)) for side in SMALL]
    full = [Rung(clips, data.frames, data.size) for clips in (few, min(batch, SOME), batch)]
    return list(dict.fromkeys([*small, *full]))


def flops(config: RunConfig, rung: Rung | None = None) -> float:
    """Floating-point operations of a step of encoder, teacher and predictor (a product and a sum are two); what terms
    of the loss add is left out."""
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
    """Of one clip's way through the encoder, forwards."""
    width = vit.SIZES[model.size]
    return width.depth * _block(width.dim, tokens) + 2.0 * tokens * 3 * model.tubelet * model.patch**2 * width.dim


def _block(dim: int, tokens: float | int) -> float:
    return 24.0 * tokens * dim**2 + 4.0 * tokens**2 * dim


def kind_of(config: RunConfig) -> str:
    """What the cost of a step depends on: runs of one kind take the same time."""
    terms = sorted(f"{registered(config, key)} {sorted(one.args)}" for key, one in config.objectives.items())
    masks = [(mask.kind, mask.blocks, mask.scale) for mask in config.masks]
    return f"{config.data.frames} {config.data.size} {config.teacher.enabled} {masks} {terms}"


def step_cost(config: RunConfig, device: torch.device, clock: Clock, budget: float | int) -> StepCost:
    """Time a step for about ``budget`` seconds of the clock, climbing to the largest size that this affords."""
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
        seen.append((rung, _timed(rung.of(config), device, clock, budget - spent if not left else 0.0)))
    last, timed = seen[-1]
    if last == whole:
        return StepCost(timed.seconds, timed.peak_mb, timed.parameters, whole=True)
    seconds = _reached(flops(config), [(flops(config, rung), one.seconds) for rung, one in seen])
    kept = _reached(whole.tokens(config.model), [(rung.tokens(config.model), one.kept_mb) for rung, one in seen])
    # In float32: of half the parameters, the student's, also gradients and two moments; the others are the teacher's.
    memory = LIBRARIES_MB + 10 * timed.parameters / 2**20 + kept
    return StepCost(seconds, memory, timed.parameters, whole=False)


def _reached(at: float | int, points: list[tuple[float | int, float | int]]) -> float:
    """A line through the last two points, which must not fall, at ``at``; in proportion where there is one point."""
    (x, y), before = points[-1], points[-2] if len(points) > 1 else (0.0, 0.0)
    return float(y) + max(0.0, (y - before[1]) / (x - before[0])) * (at - x)


@dataclass(frozen=True)
class Timed:
    """Seconds of a step, memory at its peak, what of it waits for the backward pass, parameters."""

    seconds: float | int
    peak_mb: float | int
    kept_mb: float | int
    parameters: int


def _timed(config: RunConfig, device: torch.device, clock: Clock, budget: float | int) -> Timed:
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
            run.advance(exact=True)  # the first step makes buffers
        taken: list[float] = []
        while len(taken) < (3 if sum(taken) < SLOW else 1) or time.perf_counter() - begin < budget:
            since = clock()
            run.advance(exact=True)
            taken.append(clock() - since)
        parameters = sum(p.numel() for p in run.model.parameters())
    kept = sum(size for place, size in saved.items() if place not in own) / 2**20
    # Others' work can only lengthen a step of the CPU; on an accelerator, steps are queued, and the middle one tells.
    seconds = np.median(taken) if device.type == "cuda" else min(taken)
    return Timed(float(seconds), peak_memory_mb(device), kept, parameters)
