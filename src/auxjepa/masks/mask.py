"""Functions of all kinds of masks: blocks of tokens, repeated draws, and lists of equal length in a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from auxjepa.config import ConfigError, MaskConfig
from auxjepa.tokens import Grid

ATTEMPTS = 64


class Mask(NamedTuple):
    """Raster indices of visible and hidden tokens in rising order; a token may be in neither list."""

    context_index: Int[Tensor, "B K"]
    target_index: Int[Tensor, "B M"]


class Request(NamedTuple):
    """The input of every kind of mask. All randomness comes from ``rng`` (on the CPU)."""

    config: MaskConfig
    grid: Grid
    batch: int
    rng: torch.Generator
    motion: Tensor | None = None


Size = tuple[int, int, int]


def block_size(config: MaskConfig, grid: Grid, uniform: float) -> Size:
    """Return the size (t, h, w) of a block in tokens.

    Args:
        config: kind of mask and its settings.
        grid: token grid of the clips.
        uniform: number in [0, 1) that selects the aspect h/w in the configured range.
    """
    low, high = config.aspect
    aspect = low + uniform * (high - low)
    duration = max(1, int(grid.T * config.temporal_scale))
    area = int(grid.S * config.scale)
    height, width = (min(side, 2.0 * grid.S) for side in ((area * aspect) ** 0.5, (area / aspect) ** 0.5))
    return duration, min(max(round(height), 1), grid.H), min(max(round(width), 1), grid.W)


def draw_size(request: Request) -> Size:
    """Draw one block size for all clips of this step."""
    return block_size(request.config, request.grid, float(torch.rand((), generator=request.rng)))


def uniform_origins(request: Request, size: Size, clips: int) -> Int[Tensor, "clips n 3"]:
    """Draw the first token (t, y, x) of ``n = config.blocks`` blocks per clip, uniform over all possible places."""
    g = request.grid
    free = torch.tensor([g.T - size[0] + 1, g.H - size[1] + 1, g.W - size[2] + 1])
    u = torch.rand(clips, request.config.blocks, 3, generator=request.rng, dtype=torch.float64)
    return (u * free).long()


def cover(grid: Grid, size: Size, origins: Int[Tensor, "clips n 3"]) -> Bool[Tensor, "clips T H W"]:
    """Return True at tokens inside any of the blocks."""
    inside = []
    for axis, extent in enumerate((grid.T, grid.H, grid.W)):
        offset = torch.arange(extent) - origins[..., axis, None]
        inside.append((offset >= 0) & (offset < size[axis]))
    t, y, x = inside
    sites = y[..., :, None] & x[..., None, :]
    # A site is hidden at t when some block covers both: a product of counts, exact in float32.
    return (t.float().transpose(1, 2) @ sites.flatten(2).float()).gt(0).unflatten(2, sites.shape[-2:])


def draw_until(
    request: Request,
    draw: Callable[[Tensor], Bool[Tensor, "clips T H W"]],
    usable: Callable[[Tensor], Bool[Tensor, " clips"]],
) -> Bool[Tensor, "B T H W"]:
    """Draw the hidden tokens of every clip; repeat the draw of unusable clips until all are usable.

    Args:
        request: the masks to draw.
        draw: function that draws the hidden tokens of the clips with these indices.
        usable: function that checks each clip.

    Raises:
        ConfigError: if a clip is still unusable after 64 draws.
    """
    hidden = draw(torch.arange(request.batch))
    for _ in range(ATTEMPTS):
        missing = (~usable(hidden)).nonzero()[:, 0]
        if not len(missing):
            return hidden
        hidden[missing] = draw(missing)
    c, g = request.config, request.grid
    raise ConfigError(
        f"mask {c.kind}: {c.blocks} block(s) of {c.scale:g} of the frame leave a clip of {g.T}x{g.H}x{g.W} tokens with "
        "nothing visible or nothing hidden; take fewer or smaller blocks"
    )


def truncate(
    member: Bool[Tensor, "B T H W"], how: Literal["random", "raster"], rng: torch.Generator
) -> Int[Tensor, "B K"]:
    """Return the indices of the members of each clip, cut to the smallest number in the batch.

    ``raster`` keeps the first tokens in raster order and so drops the last frames, as in the released code. ``random``
    keeps complete sites (all time steps of a place) in random order. The one site that must be cut keeps neighbouring
    time steps from the start or from the end of the clip, at random. So no frame is preferred, and most pairs of
    neighbouring time steps stay complete.
    """
    clips, steps = member.shape[:2]
    flat = member.flatten(1)
    keep = int(flat.sum(1).min())
    if how == "raster":
        kept = flat & (flat.cumsum(1) <= keep)
        return kept.nonzero()[:, 1].view(clips, keep)
    sites = flat.shape[1] // steps
    order = torch.rand(clips, sites, generator=rng).argsort(1)
    time = torch.arange(steps).expand(clips, steps)
    backward = torch.rand(clips, 1, generator=rng) < 0.5
    time = torch.where(backward, time.flip(1), time)
    ranked = (order[:, :, None] + sites * time[:, None, :]).flatten(1)
    listed = flat.gather(1, ranked)
    kept = torch.zeros_like(flat).scatter(1, ranked, listed & (listed.cumsum(1) <= keep))
    return kept.nonzero()[:, 1].view(clips, keep)
