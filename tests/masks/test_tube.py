"""Random tubes."""

from __future__ import annotations

import pytest
import torch

from auxjepa.config import MaskConfig
from auxjepa.masks import sample
from auxjepa.tokens import Grid


@pytest.mark.parametrize("ratio", [0.25, 0.75, 0.9])
def test_the_ratio_of_sites_is_hidden_at_all_times(ratio: float, grid: Grid) -> None:
    config = MaskConfig(kind="random_tube", args={"ratio": ratio})
    context, target = sample(config, grid, batch=4, seed=0, step=0, generator=0)
    assert target.shape[1] == round(ratio * grid.S) * grid.T
    assert torch.cat([context, target], 1).sort(1).values.equal(torch.arange(grid.N).expand(4, -1))
    per_site = torch.stack([(row % grid.S).bincount(minlength=grid.S) for row in target])
    assert set(per_site.flatten().tolist()) == {0, grid.T}
    assert not target[0].equal(target[1])
