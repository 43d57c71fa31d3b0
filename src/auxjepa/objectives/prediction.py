"""The base term of JEPA: predict the teacher's features of hidden tokens."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from auxjepa.objectives.objective import Objective, full, positive, power
from auxjepa.step import Step, View
from auxjepa.tokens import gather


def prediction_loss(
    predicted: Float[Tensor, "B M L D"], target: Float[Tensor, "B M L D"], exponent: float | int = 1
) -> Float[Tensor, ""]:
    """Return the mean of ``|predicted - target|^e / e`` over hidden tokens and channels.

    Source: V-JEPA, arXiv 2404.08471, eq. 1
    """
    return power(full(predicted) - full(target), exponent).mean()


class Prediction(Objective):
    """Distance between predicted and teacher features at hidden tokens. The gradient reaches predictor and student.

    Raises:
        ConfigError: if ``exponent`` is not above 0.
    """

    target_gradient = True

    def __init__(self, *, levels: int, dim: int, exponent: float | int = 1) -> None:
        super().__init__(levels=levels, dim=dim)
        positive(exponent=exponent)
        self.exponent = exponent

    def term(self, step: Step, view: View) -> Float[Tensor, ""]:
        return prediction_loss(view.predicted, gather(step.target, view.target_index), self.exponent)
