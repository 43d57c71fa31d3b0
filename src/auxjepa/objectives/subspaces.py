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
    """The division of channels into appearance (the first ones) and dynamics (the others).

    ``per_level`` divides the D channels of every level, as the paper describes. ``concatenated`` divides the L*D axis,
    as the released code does: with 4 levels and ratio 0.5 this divides by depth (blocks 3 and 6 against 9 and 12).
    """

    ratio: Annotated[float, Field(gt=0, lt=1)] = Field(0.5, description="share of appearance channels")
    split: Literal["per_level", "concatenated"] = "per_level"

    def appearance_size(self, axis: int) -> int:
        """Return the number of appearance channels on an axis of ``axis`` channels, at least one.

        Raises:
            ConfigError: if there would be no dynamics channel.
        """
        size = max(1, int(self.ratio * axis))
        if size >= axis:
            raise ConfigError(f"{axis} channel(s) cannot be divided into appearance and dynamics")
        return size

    def appearance(self, z: Float[Tensor, "*rest L D"]) -> Float[Tensor, "*rest A"]:
        """Return the appearance channels of all levels, level by level."""
        if self.split == "concatenated":
            return joined(z)[..., : self.appearance_size(z.shape[-1] * z.shape[-2])]
        return joined(z[..., : self.appearance_size(z.shape[-1])])

    def dynamics(self, z: Float[Tensor, "*rest L D"]) -> Float[Tensor, "*rest Y"]:
        """Return the dynamics channels of all levels, level by level."""
        if self.split == "concatenated":
            return joined(z)[..., self.appearance_size(z.shape[-1] * z.shape[-2]) :]
        return joined(z[..., self.appearance_size(z.shape[-1]) :])

    def read(self, z: Float[Tensor, "*rest L D"], channels: str) -> Float[Tensor, "*rest C"]:
        """Return the selected channels of tokens: ``all``, ``appearance`` or ``dynamics``."""
        if channels == "all":
            return joined(z)
        return self.appearance(z) if channels == "appearance" else self.dynamics(z)

    def size(self, channels: str, levels: int, dim: int) -> int:
        """Return the number of channels that ``read`` returns.

        Raises:
            ConfigError: for an unknown part, or if a part would be empty.
        """
        if channels not in CHANNELS:
            raise ConfigError(f"channels must be one of {', '.join(CHANNELS)}, got {channels!r}")
        if channels == "all":
            return levels * dim
        concatenated = self.split == "concatenated"
        appearance = self.appearance_size(levels * dim) if concatenated else levels * self.appearance_size(dim)
        return appearance if channels == "appearance" else levels * dim - appearance
