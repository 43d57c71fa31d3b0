"""The input of objectives in one training step. Objectives read a :class:`Step` and never access a model.

Shapes follow the legend in :mod:`auxjepa.tokens`. Values that a ``Step`` derives are computed once and cached, so that
several objectives can use them at no cost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from auxjepa.tokens import Grid, occupancy, scatter


@dataclass(frozen=True, eq=False)
class View:
    """One mask of the batch, with the features of the student and the predictor."""

    context_index: Int[Tensor, "B K"]
    target_index: Int[Tensor, "B M"]
    context: Float[Tensor, "B K L D"]
    predicted: Float[Tensor, "B M L D"]
    reconstructed: Float[Tensor, "B K L D"] | None = None


class Dense(NamedTuple):
    """Context tokens on the grid: zero at positions that weren't visible."""

    z: Float[Tensor, "B T H W L D"]
    valid: Bool[Tensor, "B T H W"]


class Pairs(NamedTuple):
    """Features at positions that are visible at t and t+1, flattened over the batch to ``P`` positions."""

    now: Float[Tensor, "P L D"]
    after: Float[Tensor, "P L D"]
    target_now: Float[Tensor, "P L D"]
    target_after: Float[Tensor, "P L D"]
    where: Bool[Tensor, "B T_minus_1 H W"]


@dataclass(frozen=True, eq=False)
class Step:
    """The input of objectives in one training step.

    Args:
        pixels: normalised clips.
        grid: token grid of the clips.
        target: teacher features, layer-normed per level.
        views: one view per mask.
        progress: completed share of training, 0 to 1.
    """

    pixels: Float[Tensor, "B 3 F X Y"]
    grid: Grid
    target: Float[Tensor, "B N L D"]
    views: tuple[View, ...]
    progress: float
    _cache: dict = field(default_factory=dict, init=False, repr=False)

    def _cached(self, key, compute):
        if key not in self._cache:
            self._cache[key] = compute()
        return self._cache[key]

    def _on_grid(self, tokens: Tensor) -> Tensor:
        return tokens.unflatten(1, (self.grid.T, self.grid.H, self.grid.W))

    @cached_property
    def target_grid(self) -> Float[Tensor, "B T H W L D"]:
        """Return the teacher features on the grid."""
        return self._on_grid(self.target)

    def dense(self, view: View) -> Dense:
        """Return the context of a view on the grid, and the positions at which it is defined."""

        def compute() -> Dense:
            z = self._on_grid(scatter(view.context, view.context_index, self.grid.N))
            return Dense(z, self._on_grid(occupancy(view.context_index, self.grid.N)))

        return self._cached(("dense", id(view)), compute)

    def pairs(self, view: View) -> Pairs:
        """Return student and teacher features at the positions that are visible at t and t+1 (``P`` may be 0)."""

        def compute() -> Pairs:
            z, valid = self.dense(view)
            where = valid[:, :-1] & valid[:, 1:]
            h = self.target_grid
            return Pairs(z[:, :-1][where], z[:, 1:][where], h[:, :-1][where], h[:, 1:][where], where)

        return self._cached(("pairs", id(view)), compute)

    @cached_property
    def _frames(self) -> Float[Tensor, "B 3 F X Y"]:
        """Return the clips in float32; an image (one frame) is repeated to fill its tubelet, as in the encoder."""
        x = self.pixels.float()
        return x.expand(-1, -1, self.grid.tubelet, -1, -1) if x.shape[2] == 1 else x

    @cached_property
    def _tiles(self) -> Float[Tensor, "B T H W 3"]:
        g = self.grid
        return F.avg_pool3d(self._frames, (g.tubelet, g.patch, g.patch)).permute(0, 2, 3, 4, 1)

    @cached_property
    def pixel_delta(self) -> Float[Tensor, "B T_minus_1 H W 3"]:
        """Return the mean RGB of each tubelet-patch tile at t+1 minus that at t (normalised units)."""
        return self._tiles[:, 1:] - self._tiles[:, :-1]

    @cached_property
    def motion(self) -> Float[Tensor, "B T H W"]:
        """Return the mean absolute frame difference of each tile over the clip's maximum (0 for a still clip)."""
        x, g = self._frames, self.grid
        if x.shape[2] == 1:  # an image under tubelets of one frame
            return x.new_zeros(len(x), g.T, g.H, g.W)
        change = (x[:, :, 1:] - x[:, :, :-1]).abs().mean(dim=1, keepdim=True)
        change = torch.cat([change[:, :, :1], change], dim=2)
        tiles = F.avg_pool3d(change, (g.tubelet, g.patch, g.patch))[:, 0]
        return tiles / tiles.amax(dim=(1, 2, 3), keepdim=True).clamp_min(1e-6)
