"""Token geometry: raster order, gather and its inverse."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from auxjepa.tokens import Grid, gather, occupancy, scatter


def test_raster_order_is_time_then_rows_then_columns():
    grid = Grid(T=2, H=3, W=4, tubelet=2, patch=8)
    positions = grid.positions()
    assert (grid.S, grid.N) == (12, 24)
    n = (positions * torch.tensor([12, 4, 1])).sum(dim=1)
    assert n.tolist() == list(range(24))


def test_a_clip_is_cut_without_rest():
    assert Grid.of_clip(8, 32, 48, 2, 8) == Grid(T=4, H=4, W=6, tubelet=2, patch=8)
    with pytest.raises(ValueError, match="7 frames cannot be cut into tokens of 2"):
        Grid.of_clip(7, 32, 32, 2, 8)
    with pytest.raises(ValueError, match=r"Grid\.H must be at least 1"):
        Grid(T=1, H=0, W=1, tubelet=1, patch=1)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 4), st.integers(1, 12), st.integers(0, 2**31), st.sampled_from([(), (3,), (2, 3)]))
def test_scatter_undoes_gather(clips, n, seed, rest):
    rng = torch.Generator().manual_seed(seed)
    tokens = torch.randn(clips, n, *rest, generator=rng)
    keep = int(torch.randint(1, n + 1, (), generator=rng))
    index = torch.stack([torch.randperm(n, generator=rng)[:keep] for _ in range(clips)])
    picked = gather(tokens, index)
    for clip in range(clips):
        assert torch.equal(picked[clip], tokens[clip][index[clip]])
    back, there = scatter(picked, index, n), occupancy(index, n)
    assert there.sum(dim=1).tolist() == [keep] * clips
    assert torch.equal(back[there], tokens[there])
    assert not back[~there].any()


def test_gradients_pass_through_both_ways():
    tokens = torch.randn(2, 5, 3, dtype=torch.double, requires_grad=True)
    index = torch.tensor([[4, 1], [0, 2]])
    assert torch.autograd.gradcheck(lambda x: gather(x, index), tokens)
    values = torch.randn(2, 2, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: scatter(x, index, 5), values)
