"""Multi-block masks (V-JEPA): the union of a few blocks is hidden, and all other tokens are visible."""

from __future__ import annotations

from jaxtyping import Bool
from torch import Tensor

from auxjepa.masks.mask import Mask, Request, cover, draw_size, draw_until, truncate, uniform_origins


def has_both(hidden: Bool[Tensor, "clips T H W"]) -> Bool[Tensor, " clips"]:
    """Check for each clip whether it has hidden and visible tokens."""
    flat = hidden.flatten(1)
    return flat.any(1) & ~flat.all(1)


def multiblock(request: Request) -> Mask:
    """Draw masks that hide ``blocks`` blocks of one size at uniform places; the other tokens are the context."""
    size = draw_size(request)
    hidden = draw_until(
        request, lambda clips: cover(request.grid, size, uniform_origins(request, size, len(clips))), has_both
    )
    how = request.config.truncation
    return Mask(truncate(~hidden, how, request.rng), truncate(hidden, how, request.rng))
