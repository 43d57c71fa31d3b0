"""The contract of all objectives, as a function that tests a class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from auxjepa.objectives.objective import Objective
from auxjepa.step import Dense, Step, View
from auxjepa.tokens import Grid

GRID = Grid(4, 4, 4, 2, 8)
LEVELS, DIM = 2, 4


class ContractError(AssertionError):
    """An objective that breaks its contract; the message names the clause and the observed value."""


class _Garbage(Step):
    """A step whose dense context has noise instead of zeros at hidden positions."""

    def dense(self, view: View) -> Dense:
        z, valid = super().dense(view)
        return Dense(torch.where(valid[..., None, None], z, torch.full_like(z, 1e3)), valid)


def example_step(
    grid: Grid = GRID,
    *,
    batch: int = 3,
    levels: int = LEVELS,
    dim: int = DIM,
    views: int = 2,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
    visible: Tensor | None = None,
) -> Step:
    """Return a step of random features in which every feature is a leaf with a gradient.

    Half of the sites of each clip are visible at all time steps, so that there are pairs and fully visible sites.

    Args:
        grid: token grid of the clips.
        batch: number of clips.
        levels: number of levels.
        dim: channels of a level.
        views: number of masks.
        seed: seed of the features.
        dtype: type of the features.
        visible: raster indices of the visible tokens ``B K``, instead of half of the sites.
    """
    rng = torch.Generator().manual_seed(seed)

    def leaf(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=rng, dtype=torch.float64).to(dtype).requires_grad_()

    step_views = []
    for _ in range(views):
        if visible is None:
            shown = torch.rand(batch, grid.S, generator=rng).argsort(1)[:, : (grid.S + 1) // 2]
            shown = (torch.arange(grid.T)[:, None] * grid.S + shown[:, None, :]).flatten(1).sort(1).values
        else:
            shown = visible
        hidden = torch.ones(batch, grid.N, dtype=torch.bool).scatter(1, shown, False).nonzero()[:, 1].view(batch, -1)
        k, m = shown.shape[1], hidden.shape[1]
        step_views.append(View(shown, hidden, *(leaf(batch, n, levels, dim) for n in (k, m, k))))
    pixels = leaf(batch, 3, grid.T * grid.tubelet, grid.H * grid.patch, grid.W * grid.patch).detach()
    return Step(pixels, grid, leaf(batch, grid.N, levels, dim), tuple(step_views), 0.5)


def of_step(step: Step, change: Callable[[Tensor], Tensor], kind: type[Step] = Step) -> Step:
    """Return a step with every tensor (indices too) changed by ``change``, without caches."""

    def of_view(view: View) -> View:
        reconstructed = None if view.reconstructed is None else change(view.reconstructed)
        indices = change(view.context_index), change(view.target_index)
        return View(*indices, change(view.context), change(view.predicted), reconstructed)

    return kind(change(step.pixels), step.grid, change(step.target), tuple(map(of_view, step.views)), step.progress)


def tensors(step: Step) -> list[Tensor]:
    """Return all tensors of a step."""
    parts = [step.pixels, step.target]
    for view in step.views:
        parts += [view.context_index, view.target_index, view.context, view.predicted]
        parts += [] if view.reconstructed is None else [view.reconstructed]
    return parts


def check(which: str | type[Objective], **settings: Any) -> None:
    """Check that an objective keeps the contract.

    Its value is a finite scalar in float32, in float32 and in bfloat16 under autocast; also if clips have no valid
    pair, a single token or a single time step, and for a batch of one clip. A gradient reaches the student's features
    and every parameter of its head, and never the teacher (see ``target_gradient`` and ``inert``). Values at hidden
    positions of the scattered context don't change it. It doesn't depend on the order of clips, follows ``doubling``,
    doesn't change its inputs, gives the same value again in evaluation mode, and its state can be saved and loaded.

    Args:
        which: a registered name or a class.
        settings: hyperparameters for the check.

    Raises:
        ContractError: for the first broken clause.
        ConfigError: if the objective can't be built with these settings.
    """
    # Imported here, because the package imports this module.
    from auxjepa.objectives import find

    kind = find(which) if isinstance(which, str) else which

    def build() -> Objective:
        torch.manual_seed(0)
        return kind(levels=LEVELS, dim=DIM, **settings)

    with torch.random.fork_rng(devices=[]):
        objective = build().eval()
        step = example_step()
        value = _value(objective, step, "on random features")
        _gradients(objective, step)
        _repeats(objective, step, value)
        _half(objective, step)
        _corners(objective)
        _invariances(objective, step, value)
        _state(objective, build, step, value)


def _fail(objective: Objective, clause: str) -> None:
    raise ContractError(f"{type(objective).__name__}: {clause}")


def _value(objective: Objective, step: Step, where: str) -> float:
    loss = objective(step)
    if not isinstance(loss, Tensor) or loss.shape != () or loss.dtype != torch.float32:
        result = f"{tuple(loss.shape)} of {loss.dtype}" if isinstance(loss, Tensor) else type(loss).__name__
        _fail(objective, f"must return a scalar of float32 {where}, got {result}")
    if not loss.isfinite():
        _fail(objective, f"is {loss.item()} {where}")
    return loss.item()


def _close(a: float, b: float, tolerance: float = 1e-4) -> bool:
    return abs(a - b) <= tolerance * max(abs(a), abs(b)) + 1e-7


def _gradients(objective: Objective, step: Step) -> None:
    loss = objective(step)
    student = [x for view in step.views for x in (view.context, view.predicted, view.reconstructed) if x is not None]
    if not loss.requires_grad:
        _fail(objective, "has no gradient, so nothing would learn from it")
    named = dict(objective.named_parameters())
    leaves = [*student, step.target, *named.values()]
    gradients = torch.autograd.grad(loss, leaves, allow_unused=True)
    count = len(student)
    to_student, to_target, to_head = gradients[:count], gradients[count], gradients[count + 1 :]
    if not any(g is not None and g.any() for g in to_student):
        _fail(objective, "no gradient reaches the student's features")
    if to_target is not None and not objective.target_gradient:
        _fail(objective, "a gradient reaches the teacher (detach the target, or declare target_gradient)")
    for name, gradient in zip(named, to_head, strict=True):
        if name not in objective.inert and (gradient is None or not gradient.any()):
            _fail(objective, f"no gradient reaches its own parameter {name} (declare it in inert if that is intended)")
    if any(g is not None and not g.isfinite().all() for g in gradients):
        _fail(objective, "a gradient isn't finite")


def _repeats(objective: Objective, step: Step, value: float) -> None:
    with torch.no_grad():
        if not _close(_value(objective, replace(step), "under no_grad"), value):
            _fail(objective, "gives another value under no_grad or when called again in evaluation mode")


def _half(objective: Objective, step: Step) -> None:
    half = of_step(step, lambda x: x.detach().bfloat16() if x.is_floating_point() else x)
    with torch.autocast("cpu", torch.bfloat16):
        value = _value(objective, half, "in bfloat16 under autocast")
    full = _value(objective, of_step(half, lambda x: x.float() if x.is_floating_point() else x), "in float32")
    if not _close(value, full, 1e-2):
        _fail(objective, f"must compute in float32 under autocast: {value} in bfloat16, {full} in float32")


def _corners(objective: Objective) -> None:
    apart = torch.cat([torch.arange(3), 2 * GRID.S + torch.arange(3)])
    mixed = torch.stack([apart, torch.tensor([0, 1, 2, GRID.S, GRID.S + 1, GRID.S + 2])])
    for where, step in (
        ("where no clip has a valid pair", example_step(batch=2, visible=apart.repeat(2, 1))),
        ("where one of two clips has no valid pair", example_step(batch=2, visible=mixed)),
        ("with one visible token", example_step(batch=2, visible=torch.zeros(2, 1, dtype=torch.long))),
        ("for a batch of one clip", example_step(batch=1)),
        ("for clips of one time step", example_step(Grid(1, 4, 4, 2, 8))),
        ("for clips of two time steps", example_step(Grid(2, 4, 4, 2, 8))),
    ):
        _value(objective, step, where)
        loss = objective(step)
        if loss.requires_grad:
            leaves = [x for view in step.views for x in (view.context, view.predicted)]
            gradients = torch.autograd.grad(loss, leaves, allow_unused=True)
            if any(g is not None and not g.isfinite().all() for g in gradients):
                _fail(objective, f"a gradient isn't finite {where}")


def _invariances(objective: Objective, step: Step, value: float) -> None:
    before = [x.detach().clone() for x in tensors(step)]
    if not _close(_value(objective, of_step(step, lambda x: x, _Garbage), "with garbage"), value):
        _fail(objective, "reads the scattered context where nothing is visible")
    if not _close(_value(objective, of_step(step, lambda x: x.flip(0)), "with clips in another order"), value):
        _fail(objective, "depends on the order of the clips")
    doubled = _value(objective, of_step(step, lambda x: torch.cat([x, x])), "on a doubled batch")
    expected = {"same": value, "double": 2 * value, "any": doubled}[objective.doubling]
    if not _close(doubled, expected):
        _fail(objective, f"is {doubled} on a doubled batch, {value} before (doubling is {objective.doubling!r})")
    if not all(a.equal(b) for a, b in zip(tensors(step), before, strict=True)):
        _fail(objective, "changes its inputs")


def _state(objective: Objective, build: Callable[[], Objective], step: Step, value: float) -> None:
    for tensor in (*objective.parameters(), *objective.buffers()):
        tensor.data = tensor.data + 1
    moved = _value(objective, step, "with other weights")
    fresh = build().eval()
    fresh.load_state_dict(objective.state_dict(), strict=True)
    if not _close(_value(fresh, step, "after loading its state"), moved):
        _fail(objective, "its state doesn't round-trip: a fresh copy with the loaded state gives another value")
    if any(p.requires_grad for p in objective.parameters()) and moved == value:
        _fail(objective, "its parameters don't change its value")
