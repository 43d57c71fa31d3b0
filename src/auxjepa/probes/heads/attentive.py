"""Attentive probes: ours, and the probe of the paper's evaluation scripts."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from auxjepa.probes.heads.parts import Affine, Summary, spread, start


class Attentive(nn.Module):
    """``G`` attentive probes: one learned query attends to all tokens, then a residual MLP and a classifier.

    The cross-attention has several heads with one learned query. Each head's values are as wide as the tokens. With one
    query, the score of a token is its product with one vector (key projection times query). The values are projected
    after pooling. This is the same function at a fraction of the cost.

    Raises:
        ValueError: if there is no attention head.
    """

    def __init__(self, grid: int, dim: int, classes: int, heads: int, generator: torch.Generator) -> None:
        super().__init__()
        if heads < 1:
            raise ValueError(f"an attentive probe needs at least one attention head, got {heads}")
        self.heads = heads
        self.query = start(generator, grid, heads, dim, fan_in=dim)
        self.value = start(generator, grid, heads * dim, dim, fan_in=heads * dim)
        self.scale = nn.Parameter(torch.ones(grid, 1, dim))
        self.shift = nn.Parameter(torch.zeros(grid, 1, dim))
        self.up = start(generator, grid, dim, 4 * dim, fan_in=dim)
        self.up_bias = nn.Parameter(torch.zeros(grid, 1, 4 * dim))
        self.down = start(generator, grid, 4 * dim, dim, fan_in=16 * dim)
        self.weight = start(generator, grid, dim, classes, fan_in=100 * dim)
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


class ReleasedAttentive(nn.Module):
    """``G`` attentive probes as released (docs/paper/protocols.md).

    A learned token is placed before the others. One layer of self-attention, residual and LayerNorm follow. A linear
    classifier reads the learned token.

    Raises:
        ValueError: if the number of channels isn't a multiple of the number of heads.
    """

    def __init__(self, grid: int, dim: int, classes: int, heads: int, generator: torch.Generator) -> None:
        super().__init__()
        self.grid = grid
        self.summary = Summary(grid, dim, heads, 1, generator)
        self.classes = Affine(grid, dim, classes, generator, shrink=100)

    def forward(self, tokens: Float[Tensor, "B N D"]) -> Float[Tensor, "G B C"]:
        return self.classes(self.summary(spread(tokens, self.grid)))
