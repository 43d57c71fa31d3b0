"""The cost of a single term: milliseconds and peak memory of its forward and backward pass from a step's features."""

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
    """Median times over the repeats, and the peak of memory above the memory before."""

    forward_ms: float
    backward_ms: float
    memory_mb: float


def leaves(step: Step) -> tuple[Step, list[Tensor]]:
    """Return a copy of a step without its networks and caches, and its features as leaves of the graph.

    The leaves are the features of student and predictor, then the target if it has a gradient (teacher off).
    """
    features: list[Tensor] = []

    def leaf(x: Tensor) -> Tensor:
        features.append(x.detach().requires_grad_())
        return features[-1]

    def of_view(view: View) -> View:
        reconstructed = None if view.reconstructed is None else leaf(view.reconstructed)
        return replace(view, context=leaf(view.context), predicted=leaf(view.predicted), reconstructed=reconstructed)

    views = tuple(map(of_view, step.views))
    target = leaf(step.target) if step.target.requires_grad else step.target.detach()
    return Step(step.pixels, step.grid, target, views, step.progress), features


def cost(objective: Objective, step: Step, repeats: int = 3) -> Cost:
    """Return time and memory of ``objective`` on new copies of ``step``, so that no cached value makes it cheaper.

    Args:
        objective: the term.
        step: a training step.
        repeats: number of timed calls.
    """
    # The first call warms up allocators and creates cached tables.
    times = [milliseconds(objective, step) for _ in range(repeats + 1)][1:]
    forward, backward = (statistics.median(part) for part in zip(*times, strict=True))
    return Cost(forward, backward, peak_mb(objective, step))


def milliseconds(objective: Objective, step: Step) -> tuple[float, float]:
    """Return the milliseconds of one forward and one backward pass on a new copy of ``step``."""
    now = _clock(step.target.device)
    copy, inputs = leaves(step)
    begin = now()
    value = objective(copy)
    between = now()
    if value.requires_grad:
        torch.autograd.grad(value, [*inputs, *objective.parameters()], allow_unused=True)
    return 1000 * (between - begin), 1000 * (now() - between)


def peak_mb(objective: Objective, step: Step) -> float:
    """Return the peak memory of the tensors of one forward and backward pass, in MB."""
    copy, inputs = leaves(step)

    def work() -> None:
        value = objective(copy)
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
    """Counter of the bytes of live tensors that were created while it is active; ``peak`` is the largest count.

    Buffers that an operator allocates and frees internally aren't counted.
    """

    def __init__(self) -> None:
        super().__init__()
        self.held, self.peak = 0, 0
        self._counted: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        existing = {x.untyped_storage()._cdata for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor)}
        out = func(*args, **(kwargs or {}))
        for x in tree_leaves(out):
            if isinstance(x, Tensor):
                self._count(x.untyped_storage(), existing)
        return out

    def _count(self, storage: torch.UntypedStorage, existing: set[int]) -> None:
        key, size = storage._cdata, storage.nbytes()
        if key in existing or key in self._counted:
            return
        self._counted.add(key)
        self.held += size
        self.peak = max(self.peak, self.held)
        weakref.finalize(storage, self._freed, key, size)

    def _freed(self, key: int, size: int) -> None:
        self._counted.discard(key)
        self.held -= size


def _clock(device: torch.device) -> Callable[[], float]:
    def now() -> float:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter()

    return now
