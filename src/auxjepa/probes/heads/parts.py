"""Layers that hold ``G`` independent copies: the first axis of each parameter is the grid point.

Parameters are called ``weight``, ``bias``, ``scale``, ``shift`` …, so that weight decay can select them by name.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

UNDECAYED = frozenset({"bias", "up_bias", "scale", "shift"})
"""Names of the parameters of biases and norms. Weight decay doesn't apply to them."""


def start(generator: torch.Generator, grid: int, *shape: int, fan_in: int) -> nn.Parameter:
    """Return a parameter of normal random numbers with variance 1 / ``fan_in``.

    All grid points start with the same numbers, so that they differ only in their hyperparameters.

    Args:
        generator: random numbers.
        grid: number of grid points G.
        shape: shape of one copy.
        fan_in: number of inputs of each output.
    """
    one = torch.randn(1, *shape, generator=generator) * fan_in**-0.5
    return nn.Parameter(one.repeat(grid, *(1,) * len(shape)))


class Affine(nn.Module):
    """``G`` linear layers, with or without a bias."""

    def __init__(
        self, grid: int, inputs: int, outputs: int, generator: torch.Generator, *, shrink: int = 1, bias: bool = True
    ) -> None:
        super().__init__()
        self.weight = start(generator, grid, inputs, outputs, fan_in=shrink * inputs)
        self.bias = nn.Parameter(torch.zeros(grid, 1, outputs)) if bias else None

    def forward(self, x: Float[Tensor, "G *many I"]) -> Float[Tensor, "G *many O"]:
        flat = x.flatten(1, -2)
        out = torch.bmm(flat, self.weight) if self.bias is None else torch.baddbmm(self.bias, flat, self.weight)
        return out.unflatten(1, x.shape[1:-1])


class Norm(nn.Module):
    """``G`` LayerNorms."""

    def __init__(self, grid: int, dim: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(grid, 1, dim))
        self.shift = nn.Parameter(torch.zeros(grid, 1, dim))

    def forward(self, x: Float[Tensor, "G *many D"]) -> Float[Tensor, "G *many D"]:
        flat = F.layer_norm(x, x.shape[-1:]).flatten(1, -2)
        return (flat * self.scale + self.shift).unflatten(1, x.shape[1:-1])


class Dropout(nn.Module):
    """Dropout with a separate random generator. All grid points drop the same numbers.

    It does nothing in evaluation mode.
    """

    def __init__(self, share: float, generator: torch.Generator) -> None:
        super().__init__()
        self.share, self.generator = share, generator

    def forward(self, x: Float[Tensor, "G *many D"]) -> Float[Tensor, "G *many D"]:
        if not self.training or not self.share:
            return x
        mask = torch.rand(x.shape[1:], generator=self.generator) >= self.share
        return x * mask.to(x) / max(1 - self.share, 1e-6)


class Attention(nn.Module):
    """``G`` layers of multi-head self-attention, residual, LayerNorm (post-norm, no MLP).

    Raises:
        ValueError: if the number of channels isn't a multiple of the number of heads.
    """

    def __init__(self, grid: int, dim: int, heads: int, generator: torch.Generator) -> None:
        super().__init__()
        if heads < 1 or dim % heads:
            raise ValueError(f"{dim} channels cannot be shared by {heads} attention heads")
        self.heads = heads
        self.query = Affine(grid, dim, dim, generator)
        self.key = Affine(grid, dim, dim, generator, bias=False)  # a key's bias adds a constant to a query's scores
        self.value = Affine(grid, dim, dim, generator)
        self.out = Affine(grid, dim, dim, generator)
        self.norm = Norm(grid, dim)

    def forward(self, x: Float[Tensor, "G B L D"], *, first: bool = False) -> Float[Tensor, "G B Q D"]:
        """Return the tokens after attention.

        Args:
            x: tokens.
            first: whether only the first token is a query and is returned (Q = 1); this saves the cost of the others.
        """
        asking = x[:, :, :1] if first else x
        q, k, v = (
            part.unflatten(-1, (self.heads, -1)).transpose(2, 3)
            for part in (self.query(asking), self.key(x), self.value(x))
        )
        attended = F.scaled_dot_product_attention(q, k, v).transpose(2, 3).flatten(3)
        return self.norm(asking + self.out(attended))


class Summary(nn.Module):
    """Learned token that attends to the other tokens in one or more layers. The output is its final value."""

    def __init__(self, grid: int, dim: int, heads: int, layers: int, generator: torch.Generator) -> None:
        super().__init__()
        self.token = start(generator, grid, 1, dim, fan_in=dim)
        self.layers = nn.ModuleList(Attention(grid, dim, heads, generator) for _ in range(layers))

    def forward(self, x: Float[Tensor, "G B L D"]) -> Float[Tensor, "G B D"]:
        x = torch.cat([self.token[:, None].expand(-1, x.shape[1], -1, -1), x], dim=2)
        for number, layer in enumerate(self.layers, start=1):
            x = layer(x, first=number == len(self.layers))
        return x[:, :, 0]


class Readout(nn.Module):
    """Classifier of a vector: LayerNorm, linear, GELU, dropout, linear."""

    def __init__(self, grid: int, dim: int, classes: int, dropout: float, generator: torch.Generator) -> None:
        super().__init__()
        self.norm = Norm(grid, dim)
        self.hidden = Affine(grid, dim, dim, generator)
        self.dropout = Dropout(dropout, generator)
        self.classes = Affine(grid, dim, classes, generator, shrink=100)

    def forward(self, x: Float[Tensor, "G B D"]) -> Float[Tensor, "G B C"]:
        return self.classes(self.dropout(F.gelu(self.hidden(self.norm(x)))))


class Router(nn.Module):
    """Weighted mean of tokens. LayerNorm, linear, GELU, dropout, linear give each token a score.

    The weights are the softmax of the scores over all tokens.
    """

    def __init__(self, grid: int, inputs: int, hidden: int, dropout: float, generator: torch.Generator) -> None:
        super().__init__()
        self.norm = Norm(grid, inputs)
        self.hidden = Affine(grid, inputs, hidden, generator)
        self.dropout = Dropout(dropout, generator)
        self.score = Affine(grid, hidden, 1, generator, bias=False)  # one bias for all tokens would change nothing

    def forward(self, seen: Float[Tensor, "B L I"], routed: Float[Tensor, "B L D"]) -> Float[Tensor, "G B D"]:
        # The linear layer includes the norm's scale and shift, so that all grid points share its input.
        normed = F.layer_norm(seen, seen.shape[-1:]).flatten(0, 1)
        assert self.hidden.bias is not None
        bias = torch.baddbmm(self.hidden.bias, self.norm.shift, self.hidden.weight)
        hidden = torch.matmul(normed, self.norm.scale.transpose(1, 2) * self.hidden.weight) + bias
        score = self.score(self.dropout(F.gelu(hidden).unflatten(1, seen.shape[:2])))[..., 0]
        return torch.einsum("gbl,bld->gbd", score.softmax(dim=-1), routed)


def spread(x: Tensor, grid: int) -> Tensor:
    """Return the same tokens for every grid point, ``[G …]``.

    Args:
        x: tokens.
        grid: number of grid points G.
    """
    return x.expand(grid, *x.shape)
