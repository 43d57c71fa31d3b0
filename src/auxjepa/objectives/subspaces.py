"""The division of a token's channels into an appearance and a dynamics part."""

from __future__ import annotations

from typing import Annotated, Literal

from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from auxjepa.config import ConfigError, Typed
from auxjepa.objectives.objective import joined

CHANNELS = ("all", "appearance", "dynamics")


class Subspaces(Typed):
    """Which channels are appearance (the first ones) and which are dynamics (the rest).

    ``per_level`` divides every level's D channels, as the paper describes. ``concatenated`` divides the L*D axis, as
    the released code does: with 4 levels and ratio 0.5 that is a split by depth (blocks 3 and 6 against 9 and 12).
    """

    ratio: Annotated[float, Field(gt=0, lt=1)] = Field(0.5, description="share of appearance channels")
    split: Literal["per_level", "concatenated"] = "per_level"

    def appearance_size(self, axis: int) -> int:
        """Appearance channels on an axis of ``axis`` channels: at least one.

        Raises:
            ConfigError: when nothing would be left for dynamics.
        """
        size = max(1, int(self.ratio * axis))
        if size >= axis:
            raise ConfigError(f"{axis} channel(s) cannot be divided into appearance and dynamics")
        return size

    def appearance(self, z: Float[Tensor, "*rest L D"]) -> Float[Tensor, "*rest A"]:
        """Appearance channels of all levels, level by level."""
        if self.split == "concatenated":
            return joined(z)[..., : self.appearance_size(z.shape[-1] * z.shape[-2])]
        return joined(z[..., : self.appearance_size(z.shape[-1])])

    def dynamics(self, z: Float[Tensor, "*rest L D"]) -> Float[Tensor, "*rest Y"]:
        """Dynamics channels of all levels, level by level."""
        if self.split == "concatenated":
            return joined(z)[..., self.appearance_size(z.shape[-1] * z.shape[-2]) :]
        return joined(z[..., self.appearance_size(z.shape[-1]) :])

    def read(self, z: Float[Tensor, "*rest L D"], channels: str) -> Float[Tensor, "*rest C"]:
        """The chosen channels of a token."""
        if channels == "all":
            return joined(z)
        return self.appearance(z) if channels == "appearance" else self.dynamics(z)

    def size(self, channels: str, levels: int, dim: int) -> int:
        """How many channels ``read`` returns.

        Raises:
            ConfigError: for an unknown part, or when a part would be empty.
        """
        if channels not in CHANNELS:
            raise ConfigError(f"channels must be one of {', '.join(CHANNELS)}, got {channels!r}")
        if channels == "all":
            return levels * dim
        concatenated = self.split == "concatenated"
        appearance = self.appearance_size(levels * dim) if concatenated else levels * self.appearance_size(dim)
        return appearance if channels == "appearance" else levels * dim - appearance
