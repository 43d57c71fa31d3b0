"""Positions of tokens: factorised 3-D rotary embedding (V-JEPA 2 / 2.1) and fixed sin-cos tables for tiny models.

Each of the three axes (t, y, x) turns its own third of a head's channels, rounded down to an even number; what is left
over isn't turned. ``interleaved`` turns the channel pairs (2i, 2i+1) by one angle each, which is a rotation: attention
depends on differences of positions only. ``tiled`` is what V-JEPA 2 released: the angles are laid out 0..n-1, 0..n-1
while the pairs stay (2i, 2i+1), so that the two channels of a pair turn by different angles. Weights trained one way
need the same way at test time, hence the option.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from auxjepa.tokens import Grid

BASE = 10_000.0


class Rotation(NamedTuple):
    """Cosines and sines for each token and head channel (1 and 0 where nothing turns); the sines of even channels
    carry the minus sign of the rotation."""

    cos: Float[Tensor, "*B K C"]
    sin: Float[Tensor, "*B K C"]


def scaled_positions(grid: Grid, interpolate: int | None, device: torch.device | None = None) -> Float[Tensor, "N 3"]:
    """(t, y, x) of each token; with ``interpolate`` rows and columns are stretched so that the corners of the grid lie
    where those of an ``interpolate`` x ``interpolate`` grid would."""
    positions = grid.positions(device).float()
    if interpolate is not None:
        sides = (1.0, (interpolate - 1) / max(grid.H - 1, 1), (interpolate - 1) / max(grid.W - 1, 1))
        positions = positions * torch.tensor(sides, device=positions.device)
    return positions


def rotation(
    positions: Float[Tensor, "N 3"], head_dim: int, form: Literal["interleaved", "tiled"] = "interleaved"
) -> Rotation:
    """Rotation tables of ``head_dim`` channels for tokens at ``positions``.

    Raises:
        ValueError: when a head is too narrow to hold one pair of channels per axis, or its channels aren't even.
    """
    pairs = head_dim // 3 // 2
    if pairs < 1 or head_dim % 2:
        raise ValueError(f"rotary positions need an even number of channels a head, at least 6; got {head_dim}")
    frequency = BASE ** (-torch.arange(pairs, dtype=torch.float32, device=positions.device) / pairs)
    angles = positions.float()[:, :, None] * frequency  # N 3 pairs
    angles = angles.repeat_interleave(2, dim=-1) if form == "interleaved" else angles.repeat(1, 1, 2)
    angles = angles.flatten(1)
    rest = head_dim - angles.shape[-1]
    angles = torch.cat([angles, angles.new_zeros(len(angles), rest)], dim=-1)
    sign = torch.ones(head_dim, device=angles.device)
    sign[::2] = -1
    return Rotation(angles.cos(), angles.sin() * sign)


def pick(tables: Rotation, index: Int[Tensor, "B K"] | None) -> Rotation:
    """Tables of the tokens at ``index``, ready to broadcast over heads: ``B 1 K C`` (``1 1 N C`` for all tokens)."""
    if index is None:
        return Rotation(tables.cos[None, None], tables.sin[None, None])
    return Rotation(tables.cos[index][:, None], tables.sin[index][:, None])


def rotate(x: Float[Tensor, "B heads K C"], tables: Rotation) -> Float[Tensor, "B heads K C"]:
    """Turn channel pairs (2i, 2i+1) of queries or keys: (a, b) becomes (a cos - b sin, b cos + a sin).

    The angles stay in float32 whatever ``x`` is: rounded to bf16, a turn would no longer preserve lengths.
    """
    swapped = x.unflatten(-1, (-1, 2)).flip(-1).flatten(-2)
    return torch.addcmul(x * tables.cos, swapped, tables.sin).to(x.dtype)


def sincos(positions: Float[Tensor, "N 3"], dim: int) -> Float[Tensor, "N D"]:
    """Fixed embedding: each axis gets a third of the channels (sines, then cosines), the rest is zero.

    Raises:
        ValueError: when ``dim`` is below 6.
    """
    pairs = dim // 3 // 2
    if pairs < 1:
        raise ValueError(f"sin-cos positions need at least 6 channels, got {dim}")
    frequency = BASE ** (-torch.arange(pairs, dtype=torch.float32, device=positions.device) / pairs)
    angles = positions.float()[:, :, None] * frequency
    table = torch.cat([angles.sin(), angles.cos()], dim=-1).flatten(1)
    return torch.cat([table, table.new_zeros(len(table), dim - table.shape[-1])], dim=-1)
