"""Random tubes (VideoMAE): single sites are hidden at all time steps."""

from __future__ import annotations

import torch

from auxjepa.config import ConfigError
from auxjepa.masks.mask import Mask, Request
from auxjepa.tokens import occupancy


def random_tube(request: Request, *, ratio: float | int = 0.75) -> Mask:
    """Draw masks that hide the share ``ratio`` of the sites of every clip at all time steps.

    The number of sites is rounded; at least one is hidden and one is visible. It is the same in all clips, so that no
    list is cut. The settings of blocks aren't used.

    Raises:
        ConfigError: if ``ratio`` isn't between 0 and 1, or the grid has a single site.
    """
    g = request.grid
    if not 0 < ratio < 1 or g.S < 2:
        raise ConfigError(f"mask random_tube needs a ratio between 0 and 1 and two sites, got {ratio:g} and {g.S}")
    count = min(max(1, round(ratio * g.S)), g.S - 1)
    order = torch.rand(request.batch, g.S, generator=request.rng).argsort(1)
    hidden = occupancy(order[:, :count], g.S).repeat(1, g.T)
    context, target = ((~hidden).nonzero()[:, 1], hidden.nonzero()[:, 1])
    return Mask(context.view(request.batch, -1), target.view(request.batch, -1))
