"""Kinematic smoothness: features of a site should change little, or at a steady pace, over time."""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from auxjepa.config import ConfigError
from auxjepa.objectives.objective import Objective, average, joined, positive
from auxjepa.step import Step, View

CHOICES = {
    "kind": ("l1", "huber", "acceleration"),
    "on": ("student", "target"),
    "split": ("per_level", "concatenated", None),
}


def kinematic_loss(
    difference: Float[Tensor, "*any C"], kind: str = "l1", huber_delta: float | int = 0.1
) -> Float[Tensor, ""]:
    """Return the mean size of differences.

    Args:
        difference: first differences for ``l1`` and ``huber``, second ones for ``acceleration``.
        kind: ``l1``, ``huber`` or ``acceleration``.
        huber_delta: difference from which Huber is linear.
    """
    if kind == "huber":
        return F.huber_loss(difference, difference.new_zeros(()).expand_as(difference), delta=float(huber_delta))
    return difference.abs().mean()


class Kinematic(Objective):
    """Size of temporal differences of features.

    Args:
        kind: ``l1`` or ``huber`` of z_{t+1} - z_t, or ``acceleration``: absolute second difference (``l1`` for clips
            of two time steps).
        on: ``student`` features at visible tokens, or ``target`` features at all tokens as in the released code, which
            trains nothing unless the teacher is off.
        channel_share: share of the channels that count, the first ones.
        huber_delta: difference from which Huber is linear.
        split: count channels level by level (``per_level``) or on the joined axis (``concatenated``); None is
            ``per_level`` for the student and ``concatenated`` (as in the released code) for the target.

    The gradient reaches the student at all these time steps, or the target.

    Raises:
        ConfigError: for values out of range.
    """

    def __init__(
        self,
        *,
        levels: int,
        dim: int,
        kind: str = "l1",
        on: str = "student",
        channel_share: float | int = 1.0,
        huber_delta: float | int = 0.1,
        split: str | None = None,
    ) -> None:
        super().__init__(levels=levels, dim=dim)
        for name, value in (("kind", kind), ("on", on), ("split", split)):
            if value not in CHOICES[name]:
                raise ConfigError(f"{name} must be one of {', '.join(filter(None, CHOICES[name]))}, got {value!r}")
        positive(channel_share=channel_share, huber_delta=huber_delta)
        if channel_share > 1:
            raise ConfigError(f"channel_share must be at most 1, got {channel_share}")
        self.kind = kind
        self.on = on
        self.channel_share = channel_share
        self.huber_delta = huber_delta
        self.split = split or ("per_level" if on == "student" else "concatenated")
        self.target_gradient = on == "target"

    def loss(self, step: Step) -> Float[Tensor, ""]:
        if self.on == "student":
            return super().loss(step)
        if step.grid.T < 2:
            return average((), step)
        h = self._share(step.target_grid)
        if self.kind == "acceleration" and step.grid.T > 2:
            return kinematic_loss(h[:, 2:] - 2 * h[:, 1:-1] + h[:, :-2])
        return kinematic_loss(h[:, 1:] - h[:, :-1], self.kind, self.huber_delta)

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        if self.kind == "acceleration" and step.grid.T > 2:
            z, valid = step.dense(view)
            where = valid[:, 2:] & valid[:, 1:-1] & valid[:, :-2]
            if not where.any():
                return None
            first, second, third = (self._share(x[where]) for x in (z[:, :-2], z[:, 1:-1], z[:, 2:]))
            return kinematic_loss(third - 2 * second + first)
        pairs = step.pairs(view)
        if not len(pairs.now):
            return None
        return kinematic_loss(self._share(pairs.after) - self._share(pairs.now), self.kind, self.huber_delta)

    def _share(self, x: Float[Tensor, "*any L D"]) -> Float[Tensor, "*any C"]:
        """Return the first channels with the share ``channel_share``, at least one."""
        if self.split == "per_level":
            return joined(x[..., : max(1, int(self.channel_share * x.shape[-1]))])
        x = joined(x)
        return x[..., : max(1, int(self.channel_share * x.shape[-1]))]
