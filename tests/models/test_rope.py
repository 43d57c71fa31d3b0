"""Positions: rotations depend on differences only, the tiled form doesn't, interpolation keeps the corners."""

from __future__ import annotations

import math

import pytest
import torch

from auxjepa.models.rope import Rotation, pick, rotate, rotation, scaled_positions, sincos
from auxjepa.tokens import Grid

GRID = Grid(T=4, H=5, W=6, tubelet=2, patch=8)


def logits(form, shift, head_dim=32):
    """Attention logits of fixed queries and keys whose positions are all moved by ``shift``."""
    rng = torch.Generator().manual_seed(1)
    q, k = torch.randn(2, 1, 2, GRID.N, head_dim, generator=rng, dtype=torch.double)
    tables = pick(rotation(GRID.positions().float() + torch.tensor(shift), head_dim, form), None)
    return rotate(q, tables) @ rotate(k, tables).transpose(-1, -2)


def test_interleaved_attention_sees_differences_of_positions_only():
    assert torch.allclose(logits("interleaved", [0.0, 0, 0]), logits("interleaved", [3.0, 7.0, -2.0]), atol=1e-4)


def test_tiled_attention_does_not():
    assert (logits("tiled", [0.0, 0, 0]) - logits("tiled", [3.0, 7.0, -2.0])).abs().max() > 0.1


def test_each_axis_turns_its_own_third_of_the_channels():
    head_dim, third = 20, 6
    tables = rotation(GRID.positions().float(), head_dim)
    positions = GRID.positions()
    for axis in range(3):
        own = slice(axis * third, (axis + 1) * third)
        still = positions[:, axis] == 0
        assert torch.equal(tables.cos[still, own], torch.ones(int(still.sum()), third))
        assert (tables.cos[~still, own] != 1).any(dim=1).all()
    assert torch.equal(tables.cos[:, 18:], torch.ones(GRID.N, 2)) and not tables.sin[:, 18:].any()


def test_a_pair_is_turned_by_position_times_frequency():
    tables = rotation(torch.tensor([[2.0, 0.0, 0.0]]), 24)
    x = torch.zeros(1, 1, 1, 24)
    x[..., 2] = 1.0
    angle = 2.0 * 10_000 ** (-1 / 4)
    turned = rotate(x, pick(tables, None))[0, 0, 0]
    assert turned[2].item() == pytest.approx(math.cos(angle), abs=1e-6)
    assert turned[3].item() == pytest.approx(math.sin(angle), abs=1e-6)


def test_rotation_keeps_lengths_and_type():
    x = torch.randn(2, 2, GRID.N, 24)
    tables = pick(rotation(GRID.positions().float(), 24), None)
    assert torch.allclose(rotate(x, tables).norm(dim=-1), x.norm(dim=-1), atol=1e-5)
    assert rotate(x.bfloat16(), tables).dtype == torch.bfloat16


def test_pick_gives_every_token_the_row_of_its_place():
    tables = rotation(GRID.positions().float(), 24)
    index = torch.tensor([[3, 0], [7, 119]])
    picked = pick(tables, index)
    assert isinstance(picked, Rotation) and picked.cos.shape == (2, 1, 2, 24)
    assert torch.equal(picked.sin[1, 0, 1], tables.sin[119])


def test_interpolated_corners_lie_on_those_of_the_reference_grid():
    positions = scaled_positions(GRID, 16)
    assert positions[:, 0].max() == GRID.T - 1
    assert positions[:, 1].max() == 15 and positions[:, 2].max() == 15
    row = positions[GRID.positions()[:, 1] == 1, 1]
    assert torch.allclose(row, torch.full_like(row, 15 / 4))
    assert torch.equal(scaled_positions(Grid(T=1, H=1, W=1, tubelet=1, patch=1), 16), torch.zeros(1, 3))


def test_sincos_rows_are_distinct_and_bounded():
    table = sincos(GRID.positions().float(), 64)
    assert table.shape == (GRID.N, 64) and table.abs().max() <= 1 and not table[:, 60:].any()
    assert torch.cdist(table, table).add(torch.eye(GRID.N)).min() > 0.1


@pytest.mark.parametrize("head_dim", [4, 25])
def test_heads_that_cannot_be_turned_are_refused(head_dim):
    with pytest.raises(ValueError, match=f"even number of channels a head, at least 6; got {head_dim}"):
        rotation(torch.zeros(1, 3), head_dim)
    with pytest.raises(ValueError, match="at least 6 channels"):
        sincos(torch.zeros(1, 3), 5)
