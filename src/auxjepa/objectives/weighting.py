"""Hard-region weights: positions with a large error have larger weights; the mean weight is 1."""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor

from auxjepa.config import Typed


class HardRegion(Typed):
    """The weighting of positions by their error.

    ``weights = n * softmax(error / temperature)`` over the n positions of the pool, without gradient through the
    weights. ``detach`` reproduces an error of the released code: the weighted term is detached from the graph, so that
    neither student nor head learns from it.
    """

    temperature: Annotated[float, Field(gt=0)] = 1.0
    pool: Literal["batch", "clip"] = Field("batch", description="softmax over all positions, or clip by clip")
    detach: bool = Field(False, description="as released: the weighted term carries no gradient at all")

    @torch.no_grad()
    def weights(self, error: Float[Tensor, " P"], clip: Int[Tensor, " P"], clips: int) -> Float[Tensor, " P"]:
        """Return the weights (mean 1 over the pool) of P positions.

        Args:
            error: error of each position.
            clip: index of each position's clip.
            clips: number of clips.
        """
        score = error / self.temperature
        if self.pool == "batch":
            return score.numel() * score.softmax(0)
        top = score.new_full((clips,), -torch.inf).scatter_reduce(0, clip, score, "amax")
        mass = (score - top[clip]).exp()
        total = score.new_zeros(clips).scatter_add(0, clip, mass)
        count = score.new_zeros(clips).scatter_add(0, clip, torch.ones_like(score))
        return count[clip] * mass / total[clip]
