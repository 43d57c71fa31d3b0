"""Velocity gate."""

from __future__ import annotations

import torch

from auxjepa.objectives.velocity_gate import slow_sites, velocity_gate_loss


def test_half_of_every_frame_is_slow() -> None:
    slow = slow_sites(torch.randn(3, 5, 4, 4, 6), 0.5)
    assert slow.shape == (3, 4, 4, 4)
    assert slow.flatten(2).sum(2).eq(8).all()
    assert slow_sites(torch.randn(3, 5, 4, 4, 6), 1).all()


def test_the_fast_site_is_gated_off_but_counted() -> None:
    target = torch.zeros(1, 2, 1, 2, 1)
    target[0, 1, 0, 0] = 5
    slow = slow_sites(target, 0.5)
    assert slow.flatten().tolist() == [False, True]
    loss = velocity_gate_loss(torch.zeros(2, 1), torch.tensor([[10.0], [4.0]]), slow.flatten())
    assert loss.item() == 2
