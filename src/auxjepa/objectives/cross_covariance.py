"""Factorisation, second part: the covariance of appearance and dynamics channels over tokens should be 0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jaxtyping import Float
from torch import Tensor

from auxjepa.objectives.objective import Objective, record
from auxjepa.objectives.subspaces import Subspaces
from auxjepa.step import Step, View


def cross_covariance_loss(appearance: Float[Tensor, "P A"], dynamics: Float[Tensor, "P Y"]) -> Float[Tensor, ""]:
    """Return the mean squared entry of the cross-covariance matrix of two sets of channels over P tokens (P > 1)."""
    x = appearance - appearance.mean(0)
    y = dynamics - dynamics.mean(0)
    return (x.T @ y / (len(x) - 1)).square().mean()


class CrossCovariance(Objective):
    """Mean squared cross-covariance of the two subspaces over all visible tokens. The gradient reaches the student.

    It is undefined for clips of one time step, as in the released code, and for a single token.

    Raises:
        ConfigError: if ``subspaces`` has unknown keys, or leaves no dynamics channel.
    """

    doubling = "any"

    def __init__(self, *, levels: int, dim: int, subspaces: Subspaces | Mapping[str, Any] | None = None) -> None:
        super().__init__(levels=levels, dim=dim)
        self.subspaces = record(Subspaces, subspaces)
        self.subspaces.size("appearance", levels, dim)

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        tokens = view.context.flatten(0, 1)
        if len(tokens) < 2 or step.grid.T < 2:
            return None
        return cross_covariance_loss(self.subspaces.appearance(tokens), self.subspaces.dynamics(tokens))
