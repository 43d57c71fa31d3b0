"""Masked pixel regression."""

from __future__ import annotations

import pytest
import torch

from auxjepa.config import ConfigError
from auxjepa.objectives import build
from auxjepa.objectives.pixel_reconstruction import tiles
from auxjepa.tokens import Grid


def test_tiles_hold_the_pixels_of_their_token_normalised() -> None:
    grid = Grid(2, 3, 2, 2, 4)
    clip = torch.randn(2, 3, 4, 12, 8)
    cut = tiles(clip, grid)
    assert cut.shape == (2, 12, 2 * 4 * 4 * 3)
    for n, (t, y, x) in enumerate(grid.positions().tolist()):
        tile = clip[1, :, 2 * t : 2 * t + 2, 4 * y : 4 * y + 4, 4 * x : 4 * x + 4].permute(1, 2, 3, 0).flatten()
        torch.testing.assert_close(cut[1, n], (tile - tile.mean()) / (tile.var() + 1e-6).sqrt())
    assert tiles(torch.ones(1, 3, 4, 12, 8), grid).abs().max() == 0


def test_gradient_reaches_the_prediction_and_only_hidden_tiles_matter(make_step) -> None:
    step = make_step()
    objective = build("pixel_reconstruction", levels=2, dim=4)
    objective(step).backward()
    assert all(v.predicted.grad is not None and v.context.grad is None for v in step.views)


def test_other_tiles_are_refused(make_step) -> None:
    with pytest.raises(ConfigError, match="set tubelet and patch as in the model"):
        build("pixel_reconstruction", levels=2, dim=4, patch=16)(make_step())
