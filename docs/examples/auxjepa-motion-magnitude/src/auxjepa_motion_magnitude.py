"""Motion magnitude: predict from a visible token how strongly its tile of the clip moves."""

from __future__ import annotations

from torch import Tensor

from auxjepa.objectives import Objective
from auxjepa.objectives.objective import joined, two_layer
from auxjepa.step import Step, View
from auxjepa.tokens import gather


def motion_magnitude_loss(predicted: Tensor, motion: Tensor) -> Tensor:
    """Return the mean absolute error over visible tokens (both arguments ``B K``)."""
    return (predicted - motion).abs().mean()


class MotionMagnitude(Objective):
    """Error of a two-layer head that predicts the motion of a token's tile (0: still, 1: the strongest of the clip).

    The gradient reaches the student at visible tokens and the head.
    """

    def __init__(self, *, levels: int, dim: int, hidden_dim: int = 256) -> None:
        super().__init__(levels=levels, dim=dim)
        self.head = two_layer(levels * dim, hidden_dim, 1)

    def term(self, step: Step, view: View) -> Tensor | None:
        predicted = self.head(joined(view.context)).squeeze(-1)
        return motion_magnitude_loss(predicted, gather(step.motion.flatten(1), view.context_index))
