"""Memory counted tensor by tensor, and steps cut off from their networks."""

from __future__ import annotations

import torch

from auxjepa.audit.cost import LiveMemory, cost, leaves
from auxjepa.objectives import build
from auxjepa.objectives.check import example_step

MILLION = 4_000_000  # bytes of a million float32


def test_peak_counts_what_lives_at_once() -> None:
    with LiveMemory() as live:
        a = torch.zeros(1_000_000)
        b = a + 1  # two live
        del a
        c = b.view(1000, 1000)  # a view takes nothing
        c.add_(1)  # nor does a change in place
        del b, c
        d = torch.zeros(500_000)
    assert live.peak == 2 * MILLION and live.held == MILLION / 2
    del d
    assert live.held == 0


def test_peak_sees_the_backward_pass() -> None:
    x = torch.ones(1_000_000, requires_grad=True)
    with LiveMemory() as live:
        torch.autograd.grad((x * x).exp().sum(), x)
    assert 2 * MILLION <= live.peak <= 4 * MILLION


def test_leaves_are_cut_off_and_equal() -> None:
    step = example_step()
    own, found = leaves(step)
    assert len(found) == 3 * len(step.views) + 1 and all(x.is_leaf and x.requires_grad for x in found)
    assert own.target.equal(step.target) and own.views[0].context.equal(step.views[0].context)
    fixed, fewer = leaves(type(step)(step.pixels, step.grid, step.target.detach(), step.views, 0.5))
    assert len(fewer) == len(found) - 1 and not fixed.target.requires_grad


def test_cost_of_a_term() -> None:
    step = example_step(batch=8, levels=2, dim=64)
    cheap, dear = (cost(build(name, levels=2, dim=64), step) for name in ("prediction", "hamiltonian"))
    assert min(cheap.forward_ms, cheap.backward_ms, cheap.memory_mb) > 0
    assert dear.memory_mb > cheap.memory_mb
    dead = build("latent_dynamics", levels=2, dim=64, hard_region={"detach": True})
    assert cost(dead, step).memory_mb > 0
