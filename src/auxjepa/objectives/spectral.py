"""Spectral matching: the temporal spectrum of a site's features should equal the teacher's."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.config import ConfigError
from auxjepa.objectives.objective import Objective, joined
from auxjepa.step import Step, View


def spectral_loss(
    z: Float[Tensor, "P T C"], target: Float[Tensor, "P T C"], low: float | int = 0.1, high: float | int = 1.0
) -> Float[Tensor, ""]:
    """Return the mean modulus of the difference of temporal spectra.

    The transform is the unnormalised real FFT; it is linear, so one transform of the difference is enough.

    Args:
        z: features of the student.
        target: features of the teacher.
        low: weight of the constant bin.
        high: weight of the fastest bin; weights between are linear.
    """
    bins = torch.fft.rfft(z - target.detach(), dim=1)
    weight = torch.linspace(low, high, bins.shape[1], device=z.device, dtype=z.dtype)
    return (weight[:, None] * bins.abs()).mean()


class Spectral(Objective):
    """Spectral distance over sites that are visible at all time steps. The gradient reaches the student.

    It is undefined for fewer than 4 time steps and if no site is visible at all time steps.

    Raises:
        ConfigError: if a bin weight is negative.
    """

    def __init__(self, *, levels: int, dim: int, low: float | int = 0.1, high: float | int = 1.0) -> None:
        super().__init__(levels=levels, dim=dim)
        if min(low, high) < 0:
            raise ConfigError(f"low and high must not be negative, got {low} and {high}")
        self.low = low
        self.high = high

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        z, valid = step.dense(view)
        throughout = valid.all(dim=1)
        if step.grid.T < 4 or not throughout.any():
            return None
        ours, theirs = (x.movedim(1, 3)[throughout] for x in (z, step.target_grid))
        return spectral_loss(joined(ours), joined(theirs), self.low, self.high)
