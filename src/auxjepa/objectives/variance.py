"""Variance (VICReg): every channel should keep a standard deviation of at least gamma."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from auxjepa.objectives.objective import Objective, joined, positive
from auxjepa.step import Step, View


def variance_loss(x: Float[Tensor, "P C"], gamma: float | int = 1.0, eps: float | int = 1e-4) -> Float[Tensor, ""]:
    """Return the mean over channels of ``max(0, gamma - sqrt(var + eps))``; P > 1.

    Source: arXiv 2105.04906, eq. 1
    """
    return (gamma - (x.var(0) + eps).sqrt()).relu().mean()


class Variance(Objective):
    """Hinge on the standard deviation of channels over the visible tokens of the batch.

    The gradient reaches the student.

    Raises:
        ConfigError: if ``gamma`` or ``eps`` is not above 0.
    """

    doubling = "any"

    def __init__(self, *, levels: int, dim: int, gamma: float | int = 1.0, eps: float | int = 1e-4) -> None:
        super().__init__(levels=levels, dim=dim)
        positive(gamma=gamma, eps=eps)
        self.gamma = gamma
        self.eps = eps

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        tokens = joined(view.context).flatten(0, 1)
        return None if len(tokens) < 2 else variance_loss(tokens, self.gamma, self.eps)
