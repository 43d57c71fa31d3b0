"""What one training step offers to objectives. Objectives read a :class:`Step` and never see a model.

Shapes follow the legend in :mod:`auxjepa.tokens`. Everything a ``Step`` derives is computed once and cached on it,
however many objectives ask.
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
    """One mask of the batch: what the student saw and what the predictor said."""

    context_index: Int[Tensor, "B K"]
    target_index: Int[Tensor, "B M"]
    context: Float[Tensor, "B K L D"]
    predicted: Float[Tensor, "B M L D"]
    reconstructed: Float[Tensor, "B K L D"] | None = None


class Dense(NamedTuple):
    """Context tokens on the grid: zeros where nothing was visible."""

    z: Float[Tensor, "B T H W L D"]
    valid: Bool[Tensor, "B T H W"]


class Pairs(NamedTuple):
    """Sites visible at t and t+1, flattened over the batch to ``P`` positions."""

    now: Float[Tensor, "P L D"]
    after: Float[Tensor, "P L D"]
    target_now: Float[Tensor, "P L D"]
    target_after: Float[Tensor, "P L D"]
    where: Bool[Tensor, "B T_minus_1 H W"]


@dataclass(frozen=True, eq=False)
class Step:
    """Everything one training step offers to objectives.

    Args:
        pixels: the normalised clip.
        grid: its token grid.
        target: teacher features, layer-normed per level.
        views: one per mask.
        progress: share of training done, 0 to 1.
    """

    pixels: Float[Tensor, "B 3 F X Y"]
    grid: Grid
    target: Float[Tensor, "B N L D"]
    views: tuple[View, ...]
    progress: float
    _cache: dict = field(default_factory=dict, init=False, repr=False)

    def _once(self, key, make):
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]

    def _on_grid(self, tokens: Tensor) -> Tensor:
        return tokens.unflatten(1, (self.grid.T, self.grid.H, self.grid.W))

    @cached_property
    def target_grid(self) -> Float[Tensor, "B T H W L D"]:
        """Teacher features on the grid."""
        return self._on_grid(self.target)

    def dense(self, view: View) -> Dense:
        """The view's context scattered on the grid, and where it is defined."""

        def make() -> Dense:
            z = self._on_grid(scatter(view.context, view.context_index, self.grid.N))
            return Dense(z, self._on_grid(occupancy(view.context_index, self.grid.N)))

        return self._once(("dense", id(view)), make)

    def pairs(self, view: View) -> Pairs:
        """Positions visible at t and t+1: student and teacher features there (``P`` may be 0)."""

        def make() -> Pairs:
            z, valid = self.dense(view)
            where = valid[:, :-1] & valid[:, 1:]
            h = self.target_grid
            return Pairs(z[:, :-1][where], z[:, 1:][where], h[:, :-1][where], h[:, 1:][where], where)

        return self._once(("pairs", id(view)), make)

    @cached_property
    def _frames(self) -> Float[Tensor, "B 3 F X Y"]:
        """The clip in float32; an image (one frame) repeated to the length of its tubelet, as the encoder sees it."""
        x = self.pixels.float()
        return x.expand(-1, -1, self.grid.tubelet, -1, -1) if x.shape[2] == 1 else x

    @cached_property
    def _tiles(self) -> Float[Tensor, "B T H W 3"]:
        g = self.grid
        return F.avg_pool3d(self._frames, (g.tubelet, g.patch, g.patch)).permute(0, 2, 3, 4, 1)

    @cached_property
    def pixel_delta(self) -> Float[Tensor, "B T_minus_1 H W 3"]:
        """Mean RGB of each tubelet-patch tile at t+1 minus t (normalised units)."""
        return self._tiles[:, 1:] - self._tiles[:, :-1]

    @cached_property
    def motion(self) -> Float[Tensor, "B T H W"]:
        """Mean absolute frame difference of each tile, divided by the clip's maximum (0 for a still clip)."""
        x, g = self._frames, self.grid
        if x.shape[2] == 1:  # an image under tubelets of one frame
            return x.new_zeros(len(x), g.T, g.H, g.W)
        change = (x[:, :, 1:] - x[:, :, :-1]).abs().mean(dim=1, keepdim=True)
        change = torch.cat([change[:, :, :1], change], dim=2)
        tiles = F.avg_pool3d(change, (g.tubelet, g.patch, g.patch))[:, 0]
        return tiles / tiles.amax(dim=(1, 2, 3), keepdim=True).clamp_min(1e-6)
