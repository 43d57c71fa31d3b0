"""Motion-guided masks: blocks are hidden where the clip moves."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from auxjepa.config import ConfigError
from auxjepa.masks.mask import Mask, Request, Size, cover, draw_size, draw_until, truncate, uniform_origins
from auxjepa.masks.multiblock import some_of_both
from auxjepa.tokens import Grid

NORMALISE = ("clip", "batch")
FLOOR = 1e-6


def motion_map(pixels: Float[Tensor, "B 3 F X Y"], grid: Grid) -> Float[Tensor, "B T H W"]:
    """Absolute frame difference (mean over colours, the first one doubled), resized to the token grid.

    Resizing is trilinear, as in the paper: a token takes the mean of the one or two pixels and frames on either side
    of its centre, so that only those pixels are read. The values are those of the clip: how they are normalised is a
    setting of the mask.
    """
    rows, columns = (_centres(n, grid.patch, pixels.device) for n in (grid.H, grid.W))
    x = pixels.detach()[:, :, :, rows.flatten()[:, None], columns.flatten()].float()
    change = (x[:, :, 1:] - x[:, :, :-1]).abs().mean(1)
    # A still image has no difference to double, whatever frames its token stands for.
    still = x.new_zeros(len(x), grid.tubelet, *x.shape[3:])
    change = torch.cat([change[:, :1], change], dim=1) if x.shape[2] > 1 else still
    near = change[:, _centres(grid.T, grid.tubelet, pixels.device).flatten()]
    width = rows.shape[1]
    return F.avg_pool3d(near[:, None], (2 - grid.tubelet % 2, width, width))[:, 0]


def _centres(tokens: int, unit: int, device: torch.device) -> Int[Tensor, "tokens C"]:
    """The one (odd ``unit``) or two pixels nearest to the centre of every token along an axis."""
    inner = torch.tensor([unit // 2] if unit % 2 else [unit // 2 - 1, unit // 2], device=device)
    return torch.arange(tokens, device=device)[:, None] * unit + inner


def normalised(motion: Float[Tensor, "B T H W"], how: str) -> Float[Tensor, "B T H W"]:
    """Motion divided by its maximum (at least 1e-6): of the clip, or as the released code does it.

    ``batch`` takes the clips in groups of as many as there are time steps (the released batch of one rank) and divides
    time step t of every clip by the maximum of clip t of its group. One still image then multiplies a time step of
    all clips of its group by a million. A single clip is divided by its own maximum.

    Raises:
        ConfigError: for another name, or a batch that cannot be grouped so.
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
    """Probability of every place where a block fits, in raster order of its first token: mean motion^strength."""
    score = F.avg_pool3d(motion[:, None], size, stride=1).flatten(1).clamp_min(FLOOR)
    # Relative to the best place, so that a high power doesn't underflow.
    score = (score / score.amax(1, keepdim=True)).pow(strength)
    return score / score.sum(1, keepdim=True)


def guided_origins(
    request: Request, size: Size, chances: Float[Tensor, "clips O"], random_rate: float | int
) -> Int[Tensor, "clips n 3"]:
    """Origins of each clip's blocks: uniform with probability ``random_rate``, else drawn by ``chances``."""
    g, n = request.grid, request.config.blocks
    uniform = uniform_origins(request, size, len(chances))
    place = torch.multinomial(chances, n, replacement=True, generator=request.rng)
    rows, columns = g.H - size[1] + 1, g.W - size[2] + 1
    guided = torch.stack([place // (rows * columns), place // columns % rows, place % columns], dim=-1)
    free = torch.rand(len(chances), n, 1, generator=request.rng) < random_rate
    return torch.where(free, uniform, guided)


def motion_hidden(request: Request, size: Size, strength: float | int, random_rate: float | int, normalise: str):
    """A function that draws the union of guided blocks for the clips it is given."""
    if strength < 0 or not 0 <= random_rate <= 1:
        raise ConfigError(f"strength must be at least 0 and random_rate in 0 … 1, got {strength} and {random_rate}")
    if request.motion is None:
        raise ConfigError("motion-guided masks need a motion map")
    chances = origin_scores(normalised(request.motion, normalise), size, strength)
    return lambda clips: cover(request.grid, size, guided_origins(request, size, chances[clips], random_rate))


def motion_guided(
    request: Request, *, strength: float | int = 2, random_rate: float | int = 0.1, normalise: str = "clip"
) -> Mask:
    """Multi-block masks with origins drawn in proportion to mean motion^strength ("aggressive": 5 and no random)."""
    size = draw_size(request)
    hidden = draw_until(request, motion_hidden(request, size, strength, random_rate, normalise), some_of_both)
    how = request.config.truncation
    return Mask(truncate(~hidden, how, request.rng), truncate(hidden, how, request.rng))
