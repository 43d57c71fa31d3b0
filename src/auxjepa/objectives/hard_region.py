"""Hard-region prediction: hidden tokens with a large error have a larger weight."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from auxjepa.objectives.objective import Objective, full, positive, power
from auxjepa.step import Step, View
from auxjepa.tokens import gather


def hard_region_weights(error: Float[Tensor, "B M"], temperature: float | int) -> Float[Tensor, "B M"]:
    """Return ``M * softmax(error / temperature)`` over each clip's hidden tokens (mean 1), without gradient."""
    return error.shape[1] * (error.detach() / temperature).softmax(1)


def hard_region_loss(
    predicted: Float[Tensor, "B M L D"],
    target: Float[Tensor, "B M L D"],
    temperature: float | int = 1.0,
    exponent: float | int = 1,
) -> Float[Tensor, ""]:
    """Return the prediction error of hidden tokens, weighted by the softmax of the error within the clip."""
    error = power(full(predicted) - full(target), exponent).flatten(2).mean(-1)
    return (hard_region_weights(error, temperature) * error).mean()


class HardRegionPrediction(Objective):
    """Weighted prediction error, added to ``prediction``.

    The gradient reaches predictor and student, but not the weights.

    At temperature 1 the weights of small errors are almost uniform (max/mean 1.02 … 1.4), so the term is close to a
    rescaled prediction loss. Views with fewer than two hidden tokens are ignored.

    Raises:
        ConfigError: if ``temperature`` or ``exponent`` is not above 0.
    """

    target_gradient = True

    def __init__(self, *, levels: int, dim: int, temperature: float | int = 1.0, exponent: float | int = 1) -> None:
        super().__init__(levels=levels, dim=dim)
        positive(temperature=temperature, exponent=exponent)
        self.temperature = temperature
        self.exponent = exponent

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        if view.target_index.shape[1] < 2:
            return None
        target = gather(step.target, view.target_index)
        return hard_region_loss(view.predicted, target, self.temperature, self.exponent)
