"""Spatial router: tokens weighted by a score of themselves, over all places and times at once."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auxjepa.probes.heads.parts import Readout, Router


class SpatialRouter(nn.Module):
    """``G`` heads: a score for every token, the mean weighted by their softmax over all tokens, an MLP on it."""

    def __init__(self, grid: int, dim: int, classes: int, dropout: float, generator: torch.Generator) -> None:
        super().__init__()
        self.router = Router(grid, dim, max(1, dim // 2), dropout, generator)
        self.readout = Readout(grid, dim, classes, dropout, generator)

    def forward(self, tokens: Float[Tensor, "B T S D"]) -> Float[Tensor, "G B C"]:
        flat = tokens.flatten(1, 2)
        return self.readout(self.router(flat, flat))
