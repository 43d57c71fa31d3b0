"""Factorisation, first part: appearance channels of a site should not change from one time step to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jaxtyping import Float
from torch import Tensor

from auxjepa.objectives.objective import Objective, record
from auxjepa.objectives.subspaces import Subspaces
from auxjepa.step import Step, View


def static_appearance_loss(now: Float[Tensor, "P A"], after: Float[Tensor, "P A"]) -> Float[Tensor, ""]:
    """Return the mean absolute change of appearance channels over pairs (t, t+1) of visible tokens."""
    return (after - now).abs().mean()


class StaticAppearance(Objective):
    """Mean absolute change of the appearance subspace. The gradient reaches the student at both times.

    Raises:
        ConfigError: if ``subspaces`` has unknown keys, or leaves no dynamics channel.
    """

    def __init__(self, *, levels: int, dim: int, subspaces: Subspaces | Mapping[str, Any] | None = None) -> None:
        super().__init__(levels=levels, dim=dim)
        self.subspaces = record(Subspaces, subspaces)
        self.subspaces.size("appearance", levels, dim)

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        pairs = step.pairs(view)
        if not len(pairs.now):
            return None
        return static_appearance_loss(self.subspaces.appearance(pairs.now), self.subspaces.appearance(pairs.after))
