"""Temporal attention (TAP): a learned token attends to the mean token of every time step."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auxjepa.probes.heads.parts import Readout, Summary, spread


class TemporalAttention(nn.Module):
    """``G`` heads: two layers of self-attention on a learned token and the time steps, then an MLP on the learned
    token.

    Raises:
        ValueError: if the number of channels isn't a multiple of the number of heads.
    """

    def __init__(
        self, grid: int, dim: int, classes: int, heads: int, dropout: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.grid = grid
        self.summary = Summary(grid, dim, heads, 2, generator)
        self.readout = Readout(grid, dim, classes, dropout, generator)

    def forward(self, steps: Float[Tensor, "B T D"]) -> Float[Tensor, "G B C"]:
        return self.readout(self.summary(spread(steps, self.grid)))
