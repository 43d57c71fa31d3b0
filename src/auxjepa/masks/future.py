"""Future-predictive masks: only tokens of the first part of the clip are visible, and all others are predicted."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Bool
from torch import Tensor

from auxjepa.config import ConfigError
from auxjepa.masks.mask import Mask, Request, cover, draw_size, draw_until, truncate, uniform_origins
from auxjepa.masks.motion import motion_hidden
from auxjepa.tokens import occupancy


def first_steps(request: Request, past: float | int) -> int:
    """Return the number of time steps in the visible part.

    Args:
        request: the masks to draw.
        past: share of the clip that is visible.

    Raises:
        ConfigError: if nothing would be visible or nothing would be predicted.
    """
    steps = int(request.grid.T * past) if 0 < past < 1 else 0
    if not 1 <= steps < request.grid.T:
        raise ConfigError(
            f"mask {request.config.kind}: past={past:g} of {request.grid.T} time step(s) leaves nothing visible or "
            "nothing to predict"
        )
    return steps


def with_future_hidden(request: Request, draw: Callable[[Tensor], Bool[Tensor, "clips T H W"]], past: int) -> Mask:
    """Hide the tokens that ``draw`` hides and all tokens from time step ``past``; predict all hidden tokens."""

    def visible_somewhere(hidden: Bool[Tensor, "clips T H W"]) -> Bool[Tensor, " clips"]:
        return (~hidden[:, :past]).flatten(1).any(1)

    hidden = draw_until(request, draw, visible_somewhere)
    hidden[:, past:] = True
    context = truncate(~hidden, request.config.truncation, request.rng)
    hidden_tokens = ~occupancy(context, request.grid.N)
    return Mask(context, hidden_tokens.nonzero()[:, 1].view(request.batch, -1))


def future_predictive(request: Request, *, past: float | int = 0.5) -> Mask:
    """Draw multi-block masks on the first ``past`` of the clip; all tokens outside the context are predicted."""
    steps = first_steps(request, past)
    size = draw_size(request)
    return with_future_hidden(
        request, lambda clips: cover(request.grid, size, uniform_origins(request, size, len(clips))), steps
    )


def motion_future(
    request: Request,
    *,
    past: float | int = 0.5,
    strength: float | int = 2,
    random_rate: float | int = 0.1,
    normalise: str = "clip",
) -> Mask:
    """Draw future-predictive masks with blocks at moving places."""
    steps = first_steps(request, past)
    size = draw_size(request)
    return with_future_hidden(request, motion_hidden(request, size, strength, random_rate, normalise), steps)


def causal(request: Request, *, shortest: float | int = 0.25, longest: float | int = 0.75) -> Mask:
    """Show all tokens before a time step and predict all others; the time step is drawn once per training step.

    It is uniform over the time steps between the shares ``shortest`` and ``longest`` of the clip.
    """
    steps = request.grid.T
    inside = 0 <= shortest <= longest <= 1
    low, high = (max(1, int(steps * shortest)), min(steps - 1, int(steps * longest))) if inside else (0, 0)
    if not 1 <= low <= high < steps:
        raise ConfigError(
            f"mask causal: no cut of {steps} time step(s) is between {shortest:g} and {longest:g} of the clip"
        )
    cut = int(torch.randint(low, high + 1, (), generator=request.rng)) * request.grid.S
    tokens = torch.arange(request.grid.N).repeat(request.batch, 1)
    return Mask(tokens[:, :cut], tokens[:, cut:])
