"""Masked pixel regression (MAE): predict the pixels of a hidden tile from the predictor's output at its token."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.config import ConfigError
from auxjepa.objectives.objective import Objective, full, joined, positive, two_layer
from auxjepa.step import Step, View
from auxjepa.tokens import Grid, gather


@torch.no_grad()
def tiles(pixels: Float[Tensor, "B 3 F X Y"], grid: Grid, eps: float = 1e-6) -> Float[Tensor, "B N Q"]:
    """Return the pixels of every token (Q = tubelet * patch * patch * 3), each tile scaled to mean 0 and variance 1."""
    g = grid
    x = full(pixels).unflatten(4, (g.W, g.patch)).unflatten(3, (g.H, g.patch)).unflatten(2, (g.T, g.tubelet))
    x = x.permute(0, 2, 4, 6, 3, 5, 7, 1).reshape(len(pixels), g.N, -1)
    return (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True) + eps).sqrt()


class PixelReconstruction(Objective):
    """Mean squared error of a two-layer head on predicted features against normalised pixels of hidden tiles.

    It is the reconstructive reference for prediction in feature space. The gradient reaches predictor, student and
    head.

    Args:
        tubelet: frames of a token.
        patch: pixel rows and columns of a token.
        hidden_dim: width of the head.

    Raises:
        ConfigError: for values out of range, or if a step's tiles have another size.

    Source: arXiv 2111.06377, with normalised targets
    """

    def __init__(self, *, levels: int, dim: int, tubelet: int = 2, patch: int = 8, hidden_dim: int = 256) -> None:
        super().__init__(levels=levels, dim=dim)
        positive(tubelet=tubelet, patch=patch)
        self.tubelet = tubelet
        self.patch = patch
        self.head = two_layer(levels * dim, hidden_dim, tubelet * patch * patch * 3)

    def term(self, step: Step, view: View) -> Float[Tensor, ""]:
        grid = step.grid
        if (grid.tubelet, grid.patch) != (self.tubelet, self.patch):
            raise ConfigError(
                f"pixel_reconstruction was built for tiles of {self.tubelet} frames and {self.patch} pixels a side, "
                f"the clip has {grid.tubelet} and {grid.patch}; set tubelet and patch as in the model"
            )
        pixels = gather(tiles(step.pixels, grid), view.target_index)
        return (self.head(joined(view.predicted)) - pixels).square().mean()
