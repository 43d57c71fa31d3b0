"""Action conditioning (AC): predict the next change of a tile's mean colour from its visible token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jaxtyping import Float
from torch import Tensor

from auxjepa.config import ConfigError
from auxjepa.objectives.objective import Objective, full, record, two_layer
from auxjepa.objectives.subspaces import Subspaces
from auxjepa.step import Step, View


def action_loss(predicted: Float[Tensor, "P R"], change: Float[Tensor, "P R"]) -> Float[Tensor, ""]:
    """Return the mean absolute error of the predicted colour change, in normalised pixel units."""
    return (predicted - change).abs().mean()


class Action(Objective):
    """Error of a two-layer head that predicts the change of mean RGB of the token's tile from t to t+1.

    On the dynamics channels, and together with ``static_appearance`` and ``cross_covariance``, it is the paper's
    factorised action conditioning (FAC). The gradient reaches the student at t and the head.

    Args:
        hidden_dim: width of the head.
        out_channels: number of predicted colours, the first ones of R, G, B.
        channels: channels that the head reads.
        subspaces: division of the channels.

    Raises:
        ConfigError: for values out of range or unknown keys.
    """

    def __init__(
        self,
        *,
        levels: int,
        dim: int,
        hidden_dim: int = 256,
        out_channels: int = 3,
        channels: str = "all",
        subspaces: Subspaces | Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(levels=levels, dim=dim)
        if out_channels not in (1, 2, 3):
            raise ConfigError(f"out_channels must be 1, 2 or 3 (of R, G, B), got {out_channels}")
        self.out_channels = out_channels
        self.channels: str = channels
        self.subspaces = record(Subspaces, subspaces)
        self.head = two_layer(self.subspaces.size(channels, levels, dim), hidden_dim, out_channels)

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        pairs = step.pairs(view)
        if not len(pairs.now):
            return None
        predicted = self.head(self.subspaces.read(pairs.now, self.channels))
        return action_loss(predicted, full(step.pixel_delta)[pairs.where][:, : self.out_channels])
