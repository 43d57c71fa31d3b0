"""Space-time attention: attention over time at every place, then attention over places."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auxjepa.probes.heads.parts import Attention, Readout, Summary, spread


class SpaceTime(nn.Module):
    """``G`` heads: self-attention over time at every place, the mean over time, then attention over places.

    A learned token attends to the places. An MLP classifies that token.

    Raises:
        ValueError: if the number of channels isn't a multiple of the number of heads.
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
