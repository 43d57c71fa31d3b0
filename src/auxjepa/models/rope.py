"""Positions of tokens: factorised 3-D rotary embedding (V-JEPA 2 / 2.1) and fixed sin-cos tables for tiny models.

Each of the three axes (t, y, x) rotates one third of a head's channels, rounded down to an even number; the remaining
channels aren't rotated. ``interleaved`` rotates each channel pair (2i, 2i+1) by one angle, so that attention depends
only on differences of positions. ``tiled`` is the form that V-JEPA 2 released: the angles are laid out 0..n-1, 0..n-1
but the pairs are (2i, 2i+1), so that the two channels of a pair turn by different angles. Weights that were trained
with one form need the same form at test time.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from auxjepa.tokens import Grid

BASE = 10_000.0


class Rotation(NamedTuple):
    """Cosines and sines for each token and head channel (1 and 0 for channels without rotation).

    The sines of even channels include the minus sign of the rotation.
    """

    cos: Float[Tensor, "*B K C"]
    sin: Float[Tensor, "*B K C"]


def scaled_positions(grid: Grid, interpolate: int | None, device: torch.device | None = None) -> Float[Tensor, "N 3"]:
    """Return (t, y, x) of each token.

    Args:
        grid: token grid.
        interpolate: if set, rows and columns are stretched to the corners of an ``interpolate`` x ``interpolate`` grid.
        device: device of the result.
    """
    positions = grid.positions(device).float()
    if interpolate is not None:
        sides = (1.0, (interpolate - 1) / max(grid.H - 1, 1), (interpolate - 1) / max(grid.W - 1, 1))
        positions = positions * torch.tensor(sides, device=positions.device)
    return positions


def rotation(
    positions: Float[Tensor, "N 3"], head_dim: int, form: Literal["interleaved", "tiled"] = "interleaved"
) -> Rotation:
    """Return the rotation tables of ``head_dim`` channels for tokens at ``positions``.

    Raises:
        ValueError: if a head is too narrow for one pair of channels per axis, or has an odd number of channels.
    """
    pairs = head_dim // 3 // 2
    if pairs < 1 or head_dim % 2:
        raise ValueError(f"rotary positions need an even number of channels a head, at least 6; got {head_dim}")
    frequency = BASE ** (-torch.arange(pairs, dtype=torch.float32, device=positions.device) / pairs)
    angles = positions.float()[:, :, None] * frequency  # N 3 pairs
    angles = angles.repeat_interleave(2, dim=-1) if form == "interleaved" else angles.repeat(1, 1, 2)
    angles = angles.flatten(1)
    unrotated = head_dim - angles.shape[-1]
    angles = torch.cat([angles, angles.new_zeros(len(angles), unrotated)], dim=-1)
    sign = torch.ones(head_dim, device=angles.device)
    sign[::2] = -1
    return Rotation(angles.cos(), angles.sin() * sign)


def pick(tables: Rotation, index: Int[Tensor, "B K"] | None) -> Rotation:
    """Return the tables of the tokens at ``index``, shaped for all heads: ``B 1 K C`` (``1 1 N C`` for all tokens)."""
    if index is None:
        return Rotation(tables.cos[None, None], tables.sin[None, None])
    return Rotation(tables.cos[index][:, None], tables.sin[index][:, None])


def rotate(x: Float[Tensor, "B heads K C"], tables: Rotation) -> Float[Tensor, "B heads K C"]:
    """Rotate channel pairs (2i, 2i+1) of queries or keys: (a, b) becomes (a cos - b sin, b cos + a sin).

    The angles are float32 for any type of ``x``: rounded to bf16, a rotation would not preserve lengths.
    """
    swapped = x.unflatten(-1, (-1, 2)).flip(-1).flatten(-2)
    return torch.addcmul(x * tables.cos, swapped, tables.sin).to(x.dtype)


def sincos(positions: Float[Tensor, "N 3"], dim: int) -> Float[Tensor, "N D"]:
    """Return a fixed embedding: each axis has a third of the channels (sines, then cosines), and the others are zero.

    Raises:
        ValueError: if ``dim`` is below 6.
    """
    pairs = dim // 3 // 2
    if pairs < 1:
        raise ValueError(f"sin-cos positions need at least 6 channels, got {dim}")
    frequency = BASE ** (-torch.arange(pairs, dtype=torch.float32, device=positions.device) / pairs)
    angles = positions.float()[:, :, None] * frequency
    table = torch.cat([angles.sin(), angles.cos()], dim=-1).flatten(1)
    return torch.cat([table, table.new_zeros(len(table), dim - table.shape[-1])], dim=-1)
