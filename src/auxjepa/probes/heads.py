"""Classification heads trained side by side: every module holds ``G`` independent heads, one per grid point.

All heads see the same batches, so a grid costs little more than one head, and the choice among them is made on
validation clips alone.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

UNDECAYED = frozenset({"bias", "up_bias", "scale", "shift"})
"""Names of biases and norms, which weight decay leaves alone."""


class Linear(nn.Module):
    """``G`` linear classifiers on the mean token."""

    def __init__(self, grid: int, dim: int, classes: int, generator: torch.Generator) -> None:
        super().__init__()
        # All grid points start alike: they differ by what is being compared, not by luck.
        start = torch.randn(1, dim, classes, generator=generator) * 0.01
        self.weight = nn.Parameter(start.repeat(grid, 1, 1))
        self.bias = nn.Parameter(torch.zeros(grid, 1, classes))

    def forward(self, pooled: Float[Tensor, "B D"]) -> Float[Tensor, "G B C"]:
        return pooled @ self.weight + self.bias


class Attentive(nn.Module):
    """``G`` attentive probes: one learned query attends over all tokens, then a residual MLP and a classifier.

    Multi-head cross-attention with one learned query, whose heads have values as wide as the tokens. With one query, a
    head's score is the product of the token with one vector (key projection times query), and values may be projected
    after pooling: the same function at a fraction of the cost.

    Raises:
        ValueError: when there is no attention head.
    """

    def __init__(self, grid: int, dim: int, classes: int, heads: int, generator: torch.Generator) -> None:
        super().__init__()
        if heads < 1:
            raise ValueError(f"an attentive probe needs at least one attention head, got {heads}")
        self.heads = heads

        def start(*shape: int, fan_in: int) -> nn.Parameter:
            one = torch.randn(1, *shape, generator=generator) * fan_in**-0.5
            return nn.Parameter(one.repeat(grid, *(1,) * len(shape)))

        self.query = start(heads, dim, fan_in=dim)
        self.value = start(heads * dim, dim, fan_in=heads * dim)
        self.scale = nn.Parameter(torch.ones(grid, 1, dim))
        self.shift = nn.Parameter(torch.zeros(grid, 1, dim))
        self.up = start(dim, 4 * dim, fan_in=dim)
        self.up_bias = nn.Parameter(torch.zeros(grid, 1, 4 * dim))
        self.down = start(4 * dim, dim, fan_in=16 * dim)
        self.weight = start(dim, classes, fan_in=100 * dim)
        self.bias = nn.Parameter(torch.zeros(grid, 1, classes))

    def forward(self, tokens: Float[Tensor, "B N D"]) -> Float[Tensor, "G B C"]:
        grid = self.query.shape[0]
        scores = tokens @ self.query.flatten(0, 1).T
        pooled = scores.softmax(dim=1).transpose(1, 2) @ tokens  # B (G heads) D
        pooled = pooled.unflatten(1, (grid, self.heads)).flatten(2).transpose(0, 1)
        x = torch.bmm(pooled, self.value)
        normed = F.layer_norm(x, x.shape[-1:]) * self.scale + self.shift
        x = x + torch.bmm(F.gelu(torch.baddbmm(self.up_bias, normed, self.up)), self.down)
        return torch.baddbmm(self.bias, F.layer_norm(x, x.shape[-1:]), self.weight)
