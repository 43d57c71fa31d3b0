"""Action conditioning (AC): from a visible token, tell how the mean colour of its tile changes next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jaxtyping import Float
from torch import Tensor

from auxjepa.config import ConfigError
from auxjepa.objectives.objective import Objective, full, record, two_layer
from auxjepa.objectives.subspaces import Subspaces
from auxjepa.step import Step, View


def action_loss(guessed: Float[Tensor, "P R"], change: Float[Tensor, "P R"]) -> Float[Tensor, ""]:
    """Mean absolute error of the guessed colour change, in normalised pixel units."""
    return (guessed - change).abs().mean()


class Action(Objective):
    """Error of a two-layer head that guesses the change of mean RGB of the token's tile from t to t+1.

    Reading the dynamics channels and together with ``static_appearance`` and ``cross_covariance`` it is the paper's
    factorised action conditioning (FAC). Gradient: the student at t and the head.

    Args:
        hidden_dim: width of the head.
        out_channels: how many of R, G, B are guessed (the first ones).
        channels: what the head reads.
        subspaces: the division meant by ``channels``.

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
        guessed = self.head(self.subspaces.read(pairs.now, self.channels))
        return action_loss(guessed, full(step.pixel_delta)[pairs.where][:, : self.out_channels])
