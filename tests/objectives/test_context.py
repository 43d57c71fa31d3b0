"""Context loss and its distance transform."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from auxjepa.config import ConfigError
from auxjepa.objectives import build
from auxjepa.objectives.context import context_loss, squared_distance
from auxjepa.tokens import Grid


@given(st.integers(1, 5), st.integers(1, 6), st.integers(1, 6), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_distance_equals_brute_force(steps: int, rows: int, columns: int, seed: int) -> None:
    grid = Grid(steps, rows, columns, 2, 4)
    seeds = torch.rand(2, grid.N, generator=torch.Generator().manual_seed(seed)) < 0.2
    seeds[:, seed % grid.N] = True
    place = grid.positions().float()
    apart = (place[:, None] - place[None]).square().sum(-1)
    expected = torch.stack([apart[:, row].amin(1) for row in seeds])
    assert squared_distance(seeds.view(2, steps, rows, columns)).flatten(1).equal(expected)


def test_weight_by_hand(make_step) -> None:
    """One row of four tokens, the last one hidden: distances 3, 2, 1, so weights 1/sqrt of them."""
    grid = Grid(1, 1, 4, 2, 4)
    step = make_step(grid, batch=1, visible=torch.tensor([[0, 1, 2]]), views=1)
    view = replace(step.views[0], reconstructed=torch.zeros(1, 3, 2, 4))
    step = replace(step, views=(view,), target=torch.ones(1, 4, 2, 4))
    expected = (3**-0.5 + 2**-0.5 + 1) / 3
    assert build("context", levels=2, dim=4)(step).item() == pytest.approx(expected)
    assert build("context", levels=2, dim=4, distance_weighted=False)(step).item() == 1


def test_a_dead_context_term_is_refused(make_step) -> None:
    step = make_step()
    blind = replace(step, views=tuple(replace(v, reconstructed=None) for v in step.views))
    with pytest.raises(ConfigError, match=r"View\.reconstructed"):
        build("context", levels=2, dim=4)(blind)


def test_exponent() -> None:
    assert context_loss(torch.full((1, 1, 1, 1), 3.0), torch.zeros(1, 1, 1, 1), exponent=2).item() == 4.5
