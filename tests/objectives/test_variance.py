"""Variance."""

from __future__ import annotations

import pytest
import torch

from auxjepa.objectives.variance import variance_loss


def test_spread_channels_cost_nothing_and_collapsed_ones_gamma() -> None:
    spread = torch.tensor([[-2.0], [2.0]])
    collapsed = torch.zeros(2, 1)
    assert variance_loss(spread).item() == 0
    assert variance_loss(collapsed).item() == pytest.approx(1 - 0.01)
    assert variance_loss(torch.cat([spread, collapsed], 1)).item() == pytest.approx(0.495)


def test_a_collapsed_channel_has_a_finite_gradient() -> None:
    x = torch.zeros(4, 2, requires_grad=True)
    variance_loss(x).backward()
    assert x.grad is not None and x.grad.isfinite().all()
