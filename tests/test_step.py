"""What a step derives for objectives, checked against loops written out by hand."""

from __future__ import annotations

import pytest
import torch

from auxjepa.step import Step, View
from auxjepa.tokens import Grid

GRID = Grid(T=3, H=2, W=2, tubelet=2, patch=4)


@pytest.fixture
def step() -> Step:
    rng = torch.Generator().manual_seed(0)
    index = torch.stack([torch.randperm(GRID.N, generator=rng) for _ in range(2)])
    view = View(
        context_index=index[:, :7],
        target_index=index[:, 7:],
        context=torch.randn(2, 7, 1, 3, generator=rng),
        predicted=torch.randn(2, 5, 1, 3, generator=rng),
    )
    pixels = torch.randn(2, 3, 6, 8, 8, generator=rng)
    return Step(pixels=pixels, grid=GRID, target=torch.randn(2, 12, 1, 3, generator=rng), views=(view,), progress=0.5)


def test_dense_puts_every_context_token_at_its_place(step):
    (view,) = step.views
    z, valid = step.dense(view)
    seen = {(b, n): k for b in range(2) for k, n in enumerate(view.context_index[b].tolist())}
    for b in range(2):
        for n, (t, y, x) in enumerate(GRID.positions().tolist()):
            assert bool(valid[b, t, y, x]) == ((b, n) in seen)
            expected = view.context[b, seen[b, n]] if (b, n) in seen else torch.zeros(1, 3)
            assert torch.equal(z[b, t, y, x], expected)


def test_pairs_are_the_sites_visible_twice_in_a_row(step):
    (view,) = step.views
    z, valid = step.dense(view)
    pairs = step.pairs(view)
    expected = [
        (z[b, t, y, x], z[b, t + 1, y, x], step.target_grid[b, t, y, x], step.target_grid[b, t + 1, y, x])
        for b in range(2)
        for t in range(GRID.T - 1)
        for y in range(GRID.H)
        for x in range(GRID.W)
        if valid[b, t, y, x] and valid[b, t + 1, y, x]
    ]
    assert expected and len(expected) == int(pairs.where.sum())
    for place, part in enumerate(pairs[:4]):
        assert torch.equal(part, torch.stack([one[place] for one in expected]))


def test_derived_quantities_are_made_once(step):
    (view,) = step.views
    assert step.dense(view).z is step.dense(view).z
    assert step.pairs(view).now is step.pairs(view).now
    assert step.motion is step.motion


def test_pixel_delta_is_the_change_of_a_tiles_mean_colour(step):
    tile = step.pixels[1, :, 2:4, 4:8, 0:4].mean(dim=(1, 2, 3)) - step.pixels[1, :, 0:2, 4:8, 0:4].mean(dim=(1, 2, 3))
    assert step.pixel_delta.shape == (2, 2, 2, 2, 3)
    assert torch.allclose(step.pixel_delta[1, 0, 1, 0], tile, atol=1e-6)


def test_motion_is_one_where_most_moves_and_zero_in_a_still_clip(step):
    assert torch.allclose(step.motion.amax(dim=(1, 2, 3)), torch.ones(2))
    still = Step(
        pixels=step.pixels[:, :, :1].expand(-1, -1, 6, -1, -1), grid=GRID, target=step.target, views=(), progress=0.0
    )
    assert not still.motion.any() and not still.pixel_delta.any()


@pytest.mark.parametrize("tubelet", [1, 2])
def test_an_image_has_tiles_and_no_motion(tubelet):
    grid = Grid(T=1, H=2, W=2, tubelet=tubelet, patch=4)
    image = Step(pixels=torch.randn(2, 3, 1, 8, 8), grid=grid, target=torch.randn(2, 4, 1, 3), views=(), progress=0.0)
    assert image.pixel_delta.shape == (2, 0, 2, 2, 3)
    assert image.motion.shape == (2, 1, 2, 2) and not image.motion.any()
