"""Dense base term: predict the teacher's features of visible tokens, with less weight far from hidden tokens."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from auxjepa.config import ConfigError
from auxjepa.objectives.objective import Objective, full, positive, power
from auxjepa.step import Step, View
from auxjepa.tokens import gather, occupancy


def squared_distance(seeds: Bool[Tensor, "B T H W"]) -> Float[Tensor, "B T H W"]:
    """Return the squared distance (in tokens) of every token to the nearest seed of its clip; inf without seeds.

    The minimum is computed exactly, one axis after the other, so the cost is N*(T+H+W) per clip and no matrix of all
    pairs of tokens is needed.
    """
    distance = torch.zeros(seeds.shape, device=seeds.device).masked_fill(~seeds, torch.inf)
    for axis in (1, 2, 3):
        place = torch.arange(seeds.shape[axis], device=seeds.device, dtype=distance.dtype)
        apart = (place[:, None] - place[None, :]).square()
        distance = (distance.movedim(axis, -1).unsqueeze(-2) + apart).amin(-1).movedim(-1, axis)
    return distance


def context_loss(
    reconstructed: Float[Tensor, "B K L D"],
    target: Float[Tensor, "B K L D"],
    weight: Float[Tensor, "B K"] | None = None,
    exponent: float | int = 1,
) -> Float[Tensor, ""]:
    """Return the mean of ``weight * |reconstructed - target|^e / e`` over visible tokens and channels."""
    error = power(full(reconstructed) - full(target), exponent).flatten(2).mean(-1)
    return (error if weight is None else weight.to(error.dtype) * error).mean()


class Context(Objective):
    """Distance between the predictor's output and the teacher at visible tokens (V-JEPA 2.1's context loss).

    The gradient reaches predictor and student.

    Args:
        exponent: exponent of the error.
        distance_weighted: weight a token with 1/sqrt(d), where d is its distance in tokens to the nearest hidden token.

    Raises:
        ConfigError: if ``exponent`` is not above 0, or a view has no predictor output at visible tokens.
    """

    target_gradient = True

    def __init__(self, *, levels: int, dim: int, exponent: float | int = 1, distance_weighted: bool = True) -> None:
        super().__init__(levels=levels, dim=dim)
        positive(exponent=exponent)
        self.exponent = exponent
        self.distance_weighted = distance_weighted

    def term(self, step: Step, view: View) -> Float[Tensor, ""]:
        if view.reconstructed is None:
            raise ConfigError("context needs the predictor's output at visible tokens (View.reconstructed), got None")
        target = gather(step.target, view.context_index)
        return context_loss(view.reconstructed, target, self._weight(step, view), self.exponent)

    @torch.no_grad()
    def _weight(self, step: Step, view: View) -> Float[Tensor, "B K"] | None:
        if not self.distance_weighted:
            return None
        g = step.grid
        hidden = occupancy(view.target_index, g.N).unflatten(1, (g.T, g.H, g.W))
        # A token that is both visible and hidden would be at distance 0; it counts as a neighbour.
        squared = gather(squared_distance(hidden).flatten(1), view.context_index).clamp_min(1)
        return squared.pow(-0.25)
