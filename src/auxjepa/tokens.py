"""Token geometry: the position of tokens in a clip, and functions that select tokens of a grid and put them back.

Shape legend of the package: ``B`` clips, ``F X Y`` frames, pixel rows, pixel columns, ``T H W`` token grid,
``N = T*H*W`` tokens in raster order (t, y, x), ``K`` context (visible) tokens, ``M`` target (hidden) tokens,
``L`` levels, ``D`` channels.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


@dataclass(frozen=True)
class Grid:
    """The token grid of a clip.

    Args:
        T: tokens along time.
        H: tokens along rows.
        W: tokens along columns.
        tubelet: frames per token.
        patch: pixel rows (and columns) per token.

    Raises:
        ValueError: if a size is not positive.
    """

    T: int
    H: int
    W: int
    tubelet: int
    patch: int

    def __post_init__(self) -> None:
        for name in ("T", "H", "W", "tubelet", "patch"):
            if getattr(self, name) < 1:
                raise ValueError(f"Grid.{name} must be at least 1, got {getattr(self, name)}")

    @classmethod
    def of_clip(cls, frames: int, rows: int, columns: int, tubelet: int, patch: int) -> Grid:
        """Return the grid of a clip of ``frames`` x ``rows`` x ``columns`` pixels.

        Args:
            frames: frames of the clip.
            rows: pixel rows.
            columns: pixel columns.
            tubelet: frames per token.
            patch: pixel rows (and columns) per token.

        Raises:
            ValueError: if a size is not a multiple of the tubelet or patch.
        """
        for value, unit, what in ((frames, tubelet, "frames"), (rows, patch, "rows"), (columns, patch, "columns")):
            if value % unit:
                raise ValueError(f"a clip of {value} {what} cannot be cut into tokens of {unit}")
        return cls(frames // tubelet, rows // patch, columns // patch, tubelet, patch)

    @property
    def S(self) -> int:
        """Number of sites (tokens of one time step)."""
        return self.H * self.W

    @property
    def N(self) -> int:
        """Number of tokens of the clip."""
        return self.T * self.S

    def positions(self, device: torch.device | str | None = None) -> Int[Tensor, "N 3"]:
        """Return (t, y, x) of every token in raster order."""
        axes = (torch.arange(size, device=device) for size in (self.T, self.H, self.W))
        return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).reshape(self.N, 3)


def gather(tokens: Float[Tensor, "B N *rest"], index: Int[Tensor, "B K"]) -> Float[Tensor, "B K *rest"]:
    """Return the tokens of each clip at ``index`` (raster indices)."""
    # One flat index of complete rows is several times faster than torch.gather with an index per channel.
    return tokens.flatten(0, 1).index_select(0, _flat(index, tokens.shape[1])).unflatten(0, index.shape)


def scatter(values: Float[Tensor, "B K *rest"], index: Int[Tensor, "B K"], n: int) -> Float[Tensor, "B {n} *rest"]:
    """Return a grid of ``n`` tokens with ``values`` at ``index`` and zeros elsewhere; the inverse of :func:`gather`."""
    clips, shape = values.shape[0], values.shape[2:]
    rows = values.new_zeros(clips * n, *shape).index_copy(0, _flat(index, n), values.flatten(0, 1))
    return rows.unflatten(0, (clips, n))


def _flat(index: Int[Tensor, "B K"], n: int) -> Int[Tensor, " BK"]:
    """Return the rows of the tokens of ``index`` in a table of ``B*n`` rows."""
    return (index + n * torch.arange(len(index), device=index.device)[:, None]).flatten()


def occupancy(index: Int[Tensor, "B K"], n: int) -> Bool[Tensor, "B {n}"]:
    """Return True at the tokens that ``index`` lists."""
    mask = torch.zeros(index.shape[0], n, dtype=torch.bool, device=index.device)
    return mask.scatter(1, index, True)
