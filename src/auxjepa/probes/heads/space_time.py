"""Space-time attention: attention along time at every place, then over places."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auxjepa.probes.heads.parts import Attention, Readout, Summary, spread


class SpaceTime(nn.Module):
    """``G`` heads: self-attention along time at every place and the mean over time, then a learned token that attends
    over the places, an MLP on that token.

    Raises:
        ValueError: when the channels can't be shared by the heads.
    """

    def __init__(
        self, grid: int, dim: int, classes: int, heads: int, dropout: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.grid = grid
        self.time = Attention(grid, dim, heads, generator)
        self.space = Summary(grid, dim, heads, 1, generator)
        self.readout = Readout(grid, dim, classes, dropout, generator)

    def forward(self, tokens: Float[Tensor, "B T S D"]) -> Float[Tensor, "G B C"]:
        batch, _, places, _ = tokens.shape
        lines = self.time(spread(tokens.transpose(1, 2).flatten(0, 1), self.grid))  # G (B S) T D
        return self.readout(self.space(lines.mean(dim=2).unflatten(1, (batch, places))))
