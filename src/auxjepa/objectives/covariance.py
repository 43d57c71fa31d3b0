"""Covariance (VICReg): the covariance of different channels of a level should be 0."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from auxjepa.objectives.objective import Objective, full
from auxjepa.step import Step, View


def covariance_loss(x: Float[Tensor, "L P D"]) -> Float[Tensor, ""]:
    """Return the sum of squared off-diagonal covariances over D, averaged over levels; P > 1.

    Source: arXiv 2105.04906, eq. 4
    """
    centred = x - x.mean(1, keepdim=True)
    covariance = centred.mT @ centred / (x.shape[1] - 1)
    off_diagonal = covariance.square().sum((1, 2)) - covariance.diagonal(dim1=1, dim2=2).square().sum(1)
    return (off_diagonal / x.shape[2]).mean()


class Covariance(Objective):
    """Covariance of a level's channels over the visible tokens of the batch. The gradient reaches the student."""

    doubling = "any"

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        tokens = full(view.context).flatten(0, 1).transpose(0, 1)
        return None if tokens.shape[1] < 2 else covariance_loss(tokens)
