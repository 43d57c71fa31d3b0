"""Spatial router: each token gets a weight that depends on the token, over all places and times together."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auxjepa.probes.heads.parts import Readout, Router


class SpatialRouter(nn.Module):
    """``G`` heads: a score for every token, the mean weighted by the softmax of the scores over all tokens, then an
    MLP."""

    def __init__(self, grid: int, dim: int, classes: int, dropout: float, generator: torch.Generator) -> None:
        super().__init__()
        self.router = Router(grid, dim, max(1, dim // 2), dropout, generator)
        self.readout = Readout(grid, dim, classes, dropout, generator)

    def forward(self, tokens: Float[Tensor, "B T S D"]) -> Float[Tensor, "G B C"]:
        flat = tokens.flatten(1, 2)
        return self.readout(self.router(flat, flat))
