"""Spectral matching."""

from __future__ import annotations

import math

import pytest
import torch

from auxjepa.objectives import build
from auxjepa.objectives.spectral import spectral_loss


@pytest.mark.parametrize(("frequency", "weight"), [(0, 0.1), (1, 0.1 + 0.9 / 4), (4, 1.0)])
def test_a_pure_wave_lands_in_its_bin(frequency: int, weight: float) -> None:
    time = torch.arange(8)
    wave = torch.cos(2 * math.pi * frequency * time / 8).view(1, 8, 1)
    energy = 8 if frequency in (0, 4) else 4
    loss = spectral_loss(wave, torch.zeros_like(wave))
    assert loss.item() == pytest.approx(weight * energy / 5, rel=1e-5)


def test_needs_four_steps_and_a_site_visible_throughout(make_step) -> None:
    from auxjepa.tokens import Grid

    objective = build("spectral", levels=2, dim=4)
    assert not objective(make_step(Grid(3, 4, 4, 2, 8))).requires_grad
    assert not objective(make_step(batch=2, visible=torch.arange(48).repeat(2, 1))).requires_grad
    assert objective(make_step()).requires_grad
