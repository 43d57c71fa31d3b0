"""Future-predictive, motion + future and causal masks."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from auxjepa.config import MaskConfig
from auxjepa.masks import sample
from auxjepa.tokens import Grid


@pytest.mark.parametrize("kind", ["future_predictive", "motion_future"])
@pytest.mark.parametrize("past", [0.5, 0.25])
def test_only_the_past_is_visible_and_all_the_rest_is_predicted(
    kind: str, past: float, grid: Grid, moving: Tensor
) -> None:
    config = MaskConfig(kind=kind, blocks=4, args={"past": past})
    context, target = sample(config, grid, batch=8, seed=0, step=0, generator=0, motion=moving)
    assert context.max() < grid.T * past * grid.S
    assert torch.cat([context, target], 1).sort(1).values.equal(torch.arange(grid.N).expand(8, -1))


def test_motion_future_hides_what_moves(grid: Grid, moving: Tensor) -> None:
    def visible_corner(kind: str) -> int:
        config = MaskConfig(kind=kind, blocks=2, scale=0.08)
        drawn = (sample(config, grid, batch=8, seed=0, step=s, generator=0, motion=moving) for s in range(20))
        sites = torch.cat([m.context_index.flatten() % grid.S for m in drawn])
        return int(((sites // grid.W < 4) & (sites % grid.W < 4)).sum())

    assert visible_corner("motion_future") < 0.5 * visible_corner("future_predictive")


def test_causal_cuts_every_clip_at_one_time(grid: Grid) -> None:
    config = MaskConfig(kind="causal")
    cuts = set()
    for step in range(60):
        context, target = sample(config, grid, batch=3, seed=0, step=step, generator=0)
        cut, rest = divmod(context.shape[1], grid.S)
        assert rest == 0 and context[0].equal(torch.arange(cut * grid.S)) and target[0, 0] == cut * grid.S
        assert context.shape[1] + target.shape[1] == grid.N
        cuts.add(cut)
    assert cuts == {2, 3, 4, 5, 6}
