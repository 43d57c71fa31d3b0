"""Motion-guided masks: hidden blocks are at moving places of the clip."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from auxjepa.config import ConfigError
from auxjepa.masks.mask import Mask, Request, Size, cover, draw_size, draw_until, truncate, uniform_origins
from auxjepa.masks.multiblock import has_both
from auxjepa.tokens import Grid

NORMALISE = ("clip", "batch")
FLOOR = 1e-6


def motion_map(pixels: Float[Tensor, "B 3 F X Y"], grid: Grid) -> Float[Tensor, "B T H W"]:
    """Return the absolute frame difference (mean over colours, the first one doubled), resized to the token grid.

    Resizing is trilinear, as in the paper: the value of a token is the mean of the one or two pixels and frames at its
    centre, so that only those pixels are read. The map isn't normalised, because that is a setting of the mask.
    """
    rows, columns = (_centres(n, grid.patch, pixels.device) for n in (grid.H, grid.W))
    x = pixels.detach()[:, :, :, rows.flatten()[:, None], columns.flatten()].float()
    change = (x[:, :, 1:] - x[:, :, :-1]).abs().mean(1)
    # A still image has no frame difference, although its token covers several frames.
    still = x.new_zeros(len(x), grid.tubelet, *x.shape[3:])
    change = torch.cat([change[:, :1], change], dim=1) if x.shape[2] > 1 else still
    near = change[:, _centres(grid.T, grid.tubelet, pixels.device).flatten()]
    width = rows.shape[1]
    return F.avg_pool3d(near[:, None], (2 - grid.tubelet % 2, width, width))[:, 0]


def _centres(tokens: int, unit: int, device: torch.device) -> Int[Tensor, "tokens C"]:
    """Return the one (odd ``unit``) or two pixels at the centre of every token along an axis."""
    inner = torch.tensor([unit // 2] if unit % 2 else [unit // 2 - 1, unit // 2], device=device)
    return torch.arange(tokens, device=device)[:, None] * unit + inner


def normalised(motion: Float[Tensor, "B T H W"], how: str) -> Float[Tensor, "B T H W"]:
    """Return motion divided by a maximum (at least 1e-6): that of the clip, or as in the released code.

    ``batch`` follows the released code: clips form groups with one clip per time step (the released batch of one rank),
    and time step t of every clip is divided by the maximum of clip t of its group. One still image then multiplies a
    time step of all clips of its group by a million. A single clip is divided by its own maximum.

    Args:
        motion: motion map.
        how: ``clip`` or ``batch``.

    Raises:
        ConfigError: for another name, or a batch that can't be divided into such groups.
    """
    if how not in NORMALISE:
        raise ConfigError(f"normalise must be one of {', '.join(NORMALISE)}, got {how!r}")
    top = motion.amax(dim=(1, 2, 3)).clamp_min(FLOOR)
    clips, steps = motion.shape[:2]
    if how == "clip" or clips == 1:
        return motion / top[:, None, None, None]
    if clips % steps:
        raise ConfigError(f"normalise=batch needs a multiple of {steps} clips (one per time step), got {clips}")
    return (motion.unflatten(0, (-1, steps)) / top.view(-1, 1, steps, 1, 1)).flatten(0, 1)


def origin_scores(motion: Float[Tensor, "B T H W"], size: Size, strength: float | int) -> Float[Tensor, "B O"]:
    """Return the probability of every place where a block fits: its mean motion to the power ``strength``.

    Places are in raster order of the block's first token.
    """
    score = F.avg_pool3d(motion[:, None], size, stride=1).flatten(1).clamp_min(FLOOR)
    # Relative to the best place, so that a high power doesn't underflow.
    score = (score / score.amax(1, keepdim=True)).pow(strength)
    return score / score.sum(1, keepdim=True)


def guided_origins(
    request: Request, size: Size, chances: Float[Tensor, "clips O"], random_rate: float | int
) -> Int[Tensor, "clips n 3"]:
    """Draw the origins of each clip's blocks: uniform with probability ``random_rate``, else from ``chances``."""
    g, n = request.grid, request.config.blocks
    uniform = uniform_origins(request, size, len(chances))
    place = torch.multinomial(chances, n, replacement=True, generator=request.rng)
    rows, columns = g.H - size[1] + 1, g.W - size[2] + 1
    guided = torch.stack([place // (rows * columns), place // columns % rows, place % columns], dim=-1)
    free = torch.rand(len(chances), n, 1, generator=request.rng) < random_rate
    return torch.where(free, uniform, guided)


def motion_hidden(request: Request, size: Size, strength: float | int, random_rate: float | int, normalise: str):
    """Return a function that draws the union of guided blocks of the clips with these indices."""
    if strength < 0 or not 0 <= random_rate <= 1:
        raise ConfigError(f"strength must be at least 0 and random_rate in 0 … 1, got {strength} and {random_rate}")
    if request.motion is None:
        raise ConfigError("motion-guided masks need a motion map")
    chances = origin_scores(normalised(request.motion, normalise), size, strength)
    return lambda clips: cover(request.grid, size, guided_origins(request, size, chances[clips], random_rate))


def motion_guided(
    request: Request, *, strength: float | int = 2, random_rate: float | int = 0.1, normalise: str = "clip"
) -> Mask:
    """Draw multi-block masks at moving places.

    Args:
        request: the masks to draw.
        strength: power of the mean motion in the probability of a place (5 in the paper's "aggressive" masks).
        random_rate: share of blocks at uniform places.
        normalise: ``clip`` or ``batch``, see :func:`normalised`.
    """
    size = draw_size(request)
    hidden = draw_until(request, motion_hidden(request, size, strength, random_rate, normalise), has_both)
    how = request.config.truncation
    return Mask(truncate(~hidden, how, request.rng), truncate(hidden, how, request.rng))
