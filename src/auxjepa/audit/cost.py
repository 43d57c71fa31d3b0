"""What a term costs alone: milliseconds and peak memory, from a step's features forward and back to them."""

from __future__ import annotations

import statistics
import time
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from auxjepa.objectives import Objective
from auxjepa.step import Step, View


class Cost(NamedTuple):
    """Medians over the repeats, and the peak of memory above what was held before."""

    forward_ms: float
    backward_ms: float
    memory_mb: float


def leaves(step: Step) -> tuple[Step, list[Tensor]]:
    """The step cut off from its networks, nothing cached, and its features as leaves: what student and predictor said,
    then the target where it carried a gradient (teacher off)."""
    found: list[Tensor] = []

    def leaf(x: Tensor) -> Tensor:
        found.append(x.detach().requires_grad_())
        return found[-1]

    def of_view(view: View) -> View:
        reconstructed = None if view.reconstructed is None else leaf(view.reconstructed)
        return replace(view, context=leaf(view.context), predicted=leaf(view.predicted), reconstructed=reconstructed)

    views = tuple(map(of_view, step.views))
    target = leaf(step.target) if step.target.requires_grad else step.target.detach()
    return Step(step.pixels, step.grid, target, views, step.progress), found


def cost(objective: Objective, step: Step, repeats: int = 3) -> Cost:
    """Time and memory of ``objective`` on fresh copies of ``step`` (a term pays for all it uses, nothing is cached)."""
    # The first call warms up allocators and lazily made tables.
    times = [milliseconds(objective, step) for _ in range(repeats + 1)][1:]
    forward, backward = (statistics.median(part) for part in zip(*times, strict=True))
    return Cost(forward, backward, peak_mb(objective, step))


def milliseconds(objective: Objective, step: Step) -> tuple[float, float]:
    """One forward and one backward pass, on a fresh copy of ``step``."""
    now = _clock(step.target.device)
    own, inputs = leaves(step)
    begin = now()
    value = objective(own)
    between = now()
    if value.requires_grad:
        torch.autograd.grad(value, [*inputs, *objective.parameters()], allow_unused=True)
    return 1000 * (between - begin), 1000 * (now() - between)


def peak_mb(objective: Objective, step: Step) -> float:
    """Most memory held by tensors that one forward and backward pass make, in MB."""
    own, inputs = leaves(step)

    def work() -> None:
        value = objective(own)
        if value.requires_grad:
            torch.autograd.grad(value, [*inputs, *objective.parameters()], allow_unused=True)

    if step.target.is_cuda:
        before = torch.cuda.memory_allocated(step.target.device)
        torch.cuda.reset_peak_memory_stats(step.target.device)
        work()
        return (torch.cuda.max_memory_allocated(step.target.device) - before) / 2**20
    with LiveMemory() as live:
        work()
    return live.peak / 2**20


class LiveMemory(TorchDispatchMode):
    """Counts bytes of tensors made while it is active and still alive; ``peak`` is the most at any time.

    Buffers that an operator takes and frees inside itself aren't seen.
    """

    def __init__(self) -> None:
        super().__init__()
        self.held, self.peak = 0, 0
        self._known: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = {x.untyped_storage()._cdata for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor)}
        out = func(*args, **(kwargs or {}))
        for x in tree_leaves(out):
            if isinstance(x, Tensor):
                self._count(x.untyped_storage(), given)
        return out

    def _count(self, storage: torch.UntypedStorage, given: set[int]) -> None:
        key, size = storage._cdata, storage.nbytes()
        if key in given or key in self._known:
            return
        self._known.add(key)
        self.held += size
        self.peak = max(self.peak, self.held)
        weakref.finalize(storage, self._freed, key, size)

    def _freed(self, key: int, size: int) -> None:
        self._known.discard(key)
        self.held -= size


def _clock(device: torch.device) -> Callable[[], float]:
    def now() -> float:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter()

    return now
