"""Latent dynamics: predict the next change of the teacher's feature at a site from its visible token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.objectives.objective import Objective, joined, record, two_layer
from auxjepa.objectives.subspaces import Subspaces
from auxjepa.objectives.weighting import HardRegion
from auxjepa.step import Pairs, Step, View


def latent_dynamics_error(
    predicted: Float[Tensor, "P C"], target_now: Float[Tensor, "P C"], target_after: Float[Tensor, "P C"]
) -> Float[Tensor, " P"]:
    """Return the mean absolute error per pair of a predicted change and the teacher's (no gradient to the teacher)."""
    return (predicted - (target_after - target_now).detach()).abs().mean(-1)


class LatentDynamics(Objective):
    """Error of a two-layer head that predicts the teacher's change from t to t+1 from the student's token at t.

    Args:
        hidden_dim: width of the head.
        channels: channels that the head reads; the predicted change is always that of all channels.
        subspaces: division of the channels.
        hard_region: weighting of pairs by their error; None for equal weights.

    The gradient reaches the student at t (not at t+1) and the head.

    Raises:
        ConfigError: for values out of range or unknown keys.
    """

    def __init__(
        self,
        *,
        levels: int,
        dim: int,
        hidden_dim: int = 256,
        channels: str = "all",
        subspaces: Subspaces | Mapping[str, Any] | None = None,
        hard_region: HardRegion | Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(levels=levels, dim=dim)
        self.channels: str = channels
        self.subspaces = record(Subspaces, subspaces)
        self.hard_region = None if hard_region is None else record(HardRegion, hard_region)
        self.head = two_layer(self.subspaces.size(channels, levels, dim), hidden_dim, levels * dim)

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        pairs = step.pairs(view)
        if not len(pairs.now):
            return None
        if self.hard_region is not None and self.hard_region.detach:
            with torch.no_grad():
                return self._loss(pairs)
        return self._loss(pairs)

    def _loss(self, pairs: Pairs) -> Float[Tensor, ""]:
        predicted = self.head(self.subspaces.read(pairs.now, self.channels))
        error = latent_dynamics_error(predicted, joined(pairs.target_now), joined(pairs.target_after))
        if self.hard_region is None:
            return error.mean()
        clip = pairs.where.nonzero()[:, 0]
        return (self.hard_region.weights(error, clip, len(pairs.where)) * error).mean()
