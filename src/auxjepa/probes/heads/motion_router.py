"""Motion router: each token gets a weight that depends on the token and on its change over time."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auxjepa.probes.heads.parts import Readout, Router


class MotionRouter(nn.Module):
    """``G`` heads: a score for every token, the mean weighted by the softmax of the scores, then an MLP.

    The score of a token depends on the token and on its absolute change since the previous time step. The change is
    zero at the first time step.

    Args:
        x: mean token of every time step ``B T D``, or all tokens ``B T S D``; the softmax is over all of them.
    """

    def __init__(self, grid: int, dim: int, classes: int, dropout: float, generator: torch.Generator) -> None:
        super().__init__()
        self.router = Router(grid, 2 * dim, max(1, dim // 2), dropout, generator)
        self.readout = Readout(grid, dim, classes, dropout, generator)

    def forward(self, x: Float[Tensor, "B T *S D"]) -> Float[Tensor, "G B C"]:
        change = torch.cat([torch.zeros_like(x[:, :1]), x.diff(dim=1).abs()], dim=1)
        seen = torch.cat([x, change], dim=-1)
        return self.readout(self.router(seen.flatten(1, -2), x.flatten(1, -2)))
