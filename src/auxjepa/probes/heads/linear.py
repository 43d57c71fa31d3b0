"""Linear classifiers of the mean token."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Linear(nn.Module):
    """``G`` linear classifiers of the mean token."""

    def __init__(self, grid: int, dim: int, classes: int, generator: torch.Generator) -> None:
        super().__init__()
        # All grid points have the same initial weights, so that they differ only in their hyperparameters.
        start = torch.randn(1, dim, classes, generator=generator) * 0.01
        self.weight = nn.Parameter(start.repeat(grid, 1, 1))
        self.bias = nn.Parameter(torch.zeros(grid, 1, classes))

    def forward(self, pooled: Float[Tensor, "B D"]) -> Float[Tensor, "G B C"]:
        return pooled @ self.weight + self.bias
