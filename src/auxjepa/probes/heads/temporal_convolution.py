"""Temporal convolution over the mean token of every time step."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from auxjepa.probes.heads.parts import Readout, Summary, spread, start

WIDTH, CONVOLUTION_GROUPS, NORM_GROUPS = 3, 4, 32


class Convolution(nn.Module):
    """``G`` grouped convolutions over three time steps (with zeros beyond the ends), GroupNorm, GELU.

    The convolution has 4 groups and the norm has 32. If the number of channels isn't a multiple of these, the number of
    groups is their greatest common divisor. Each group of a norm has at least two channels.
    """

    def __init__(self, grid: int, dim: int, generator: torch.Generator) -> None:
        super().__init__()
        self.groups = math.gcd(CONVOLUTION_GROUPS, dim)
        self.norms = math.gcd(NORM_GROUPS, max(1, dim // 2))
        inputs = dim // self.groups
        self.weight = start(generator, grid, dim, inputs, WIDTH, fan_in=inputs * WIDTH)
        self.bias = nn.Parameter(torch.zeros(grid, 1, dim))
        self.scale = nn.Parameter(torch.ones(grid, 1, dim))
        self.shift = nn.Parameter(torch.zeros(grid, 1, dim))

    def forward(self, x: Float[Tensor, "G B T D"]) -> Float[Tensor, "G B T D"]:
        grid, batch = x.shape[:2]
        side = x.permute(1, 0, 3, 2).flatten(1, 2)  # B (G D) T
        weight, bias = self.weight.flatten(0, 1), self.bias.flatten()
        out = F.conv1d(side, weight, bias, padding=WIDTH // 2, groups=grid * self.groups)
        normed = F.group_norm(out.unflatten(1, (grid, -1)).flatten(0, 1), self.norms)  # (B G) D T
        out = normed.unflatten(0, (batch, grid)).permute(1, 0, 3, 2)
        return F.gelu(out * self.scale[:, None] + self.shift[:, None])


class TemporalConvolution(nn.Module):
    """``G`` heads: two convolutions over time, a learned token that attends to their output, then an MLP on that token.

    Raises:
        ValueError: if the number of channels isn't a multiple of the number of heads.
    """

    def __init__(
        self, grid: int, dim: int, classes: int, heads: int, dropout: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.grid = grid
        self.convolutions = nn.Sequential(*(Convolution(grid, dim, generator) for _ in range(2)))
        self.summary = Summary(grid, dim, heads, 1, generator)
        self.readout = Readout(grid, dim, classes, dropout, generator)

    def forward(self, steps: Float[Tensor, "B T D"]) -> Float[Tensor, "G B C"]:
        return self.readout(self.summary(self.convolutions(spread(steps, self.grid))))
