"""Multi-block masks."""

from __future__ import annotations

import torch

from auxjepa.config import MaskConfig
from auxjepa.masks import sample
from auxjepa.tokens import Grid


def test_baseline_masks_have_the_published_coverage(grid: Grid) -> None:
    """Raster truncation as released: about 410 and 123 visible tokens, 0.78 and 0.80 of the clip covered."""
    for blocks, scale, visible, covered in ((8, 0.15, 410, 0.78), (2, 0.7, 123, 0.80)):
        config = MaskConfig(blocks=blocks, scale=scale, truncation="raster")
        drawn = [sample(config, grid, batch=8, seed=0, step=s, generator=0) for s in range(300)]
        counts = torch.tensor([[m.context_index.shape[1], m.target_index.shape[1]] for m in drawn]).float()
        assert abs(counts[:, 0].mean().item() - visible) < 0.12 * visible
        assert abs(counts.sum(1).mean().item() / grid.N - covered) < 0.03


def test_random_truncation_keeps_sites_visible_throughout(grid: Grid) -> None:
    """With whole tubes kept, every visible site is visible at all times; raster order leaves few such sites."""
    sites = {}
    for truncation in ("random", "raster"):
        config = MaskConfig.model_validate({"blocks": 8, "truncation": truncation})
        mask = sample(config, grid, batch=8, seed=0, step=0, generator=0)
        per_site = torch.stack([(row % grid.S).bincount(minlength=grid.S) for row in mask.context_index])
        sites[truncation] = ((per_site == grid.T).sum(1), (per_site > 0).sum(1))
    assert sites["random"][0].equal(sites["random"][1])
    assert sites["raster"][0].float().mean() < 0.5 * sites["raster"][1].float().mean()
