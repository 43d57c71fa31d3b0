"""Delta matching: the student's change from t to t+1 should equal the teacher's."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from auxjepa.objectives.objective import Objective, joined
from auxjepa.step import Step, View


def delta_loss(
    now: Float[Tensor, "P C"],
    after: Float[Tensor, "P C"],
    target_now: Float[Tensor, "P C"],
    target_after: Float[Tensor, "P C"],
) -> Float[Tensor, ""]:
    """Return the mean absolute difference of the student's and the teacher's change (no gradient to the teacher)."""
    return ((after - now) - (target_after - target_now).detach()).abs().mean()


class Delta(Objective):
    """Distance of temporal differences over pairs of visible tokens. The gradient reaches the student at both times."""

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        pairs = step.pairs(view)
        if not len(pairs.now):
            return None
        return delta_loss(*(joined(x) for x in pairs[:4]))
