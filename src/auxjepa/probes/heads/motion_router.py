"""Motion router: tokens weighted by a score of themselves and of how they have changed."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auxjepa.probes.heads.parts import Readout, Router


class MotionRouter(nn.Module):
    """``G`` heads: each token's score is read from it and from the absolute change since the time step before (none at
    the first); the mean weighted by the softmax of the scores, an MLP on it.

    Args:
        x: ``B T D``, the mean token of every time step, or ``B T S D``, all tokens: the softmax goes over all of them.
    """

    def __init__(self, grid: int, dim: int, classes: int, dropout: float, generator: torch.Generator) -> None:
        super().__init__()
        self.router = Router(grid, 2 * dim, max(1, dim // 2), dropout, generator)
        self.readout = Readout(grid, dim, classes, dropout, generator)

    def forward(self, x: Float[Tensor, "B T *S D"]) -> Float[Tensor, "G B C"]:
        change = torch.cat([torch.zeros_like(x[:, :1]), x.diff(dim=1).abs()], dim=1)
        seen = torch.cat([x, change], dim=-1)
        return self.readout(self.router(seen.flatten(1, -2), x.flatten(1, -2)))
