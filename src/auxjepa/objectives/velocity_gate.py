"""Velocity gate: the student's features shouldn't change at sites where the teacher's change little."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from auxjepa.config import ConfigError
from auxjepa.objectives.objective import Objective, joined
from auxjepa.step import Step, View


@torch.no_grad()
def slow_sites(target: Float[Tensor, "B T H W C"], quantile: float | int) -> Bool[Tensor, "B T_minus_1 H W"]:
    """Return True at sites where the teacher's speed from t to t+1 is at most the quantile of its frame."""
    speed = torch.linalg.vector_norm(target[:, 1:] - target[:, :-1], dim=-1)
    limit = torch.quantile(speed.flatten(2), float(quantile), dim=2)
    return speed <= limit[:, :, None, None]


def velocity_gate_loss(
    now: Float[Tensor, "P C"], after: Float[Tensor, "P C"], slow: Bool[Tensor, " P"]
) -> Float[Tensor, ""]:
    """Return the mean absolute change; fast pairs count as 0 in the mean, as in the released code."""
    return (slow[:, None] * (after - now).abs()).mean()


class VelocityGate(Objective):
    """Mean absolute change of the student at the slow sites of each frame.

    The gradient reaches the student at both times.

    Raises:
        ConfigError: if ``quantile`` is outside 0 … 1.
    """

    def __init__(self, *, levels: int, dim: int, quantile: float | int = 0.5) -> None:
        super().__init__(levels=levels, dim=dim)
        if not 0 <= quantile <= 1:
            raise ConfigError(f"quantile must be between 0 and 1, got {quantile}")
        self.quantile = quantile

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        pairs = step.pairs(view)
        if not len(pairs.now):
            return None
        slow = slow_sites(joined(step.target_grid), self.quantile)
        return velocity_gate_loss(joined(pairs.now), joined(pairs.after), slow[pairs.where])
