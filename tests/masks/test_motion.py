"""Motion maps, their normalisation and the places of guided blocks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from auxjepa.config import ConfigError, MaskConfig
from auxjepa.masks import motion_map, sample
from auxjepa.masks.motion import normalised, origin_scores
from auxjepa.tokens import Grid

SMALL = Grid(4, 4, 4, 2, 4)


@pytest.mark.parametrize("case", ["case0", "case2", "case3"])
def test_maps_and_chances_are_the_released_ones(case: str, shared: Path) -> None:
    data = load_file(shared / "golden" / "motion.safetensors")
    motion = motion_map(data[f"{case}/clips"], SMALL)
    torch.testing.assert_close(normalised(motion, "batch"), data[f"{case}/motion_map"], rtol=1e-5, atol=1e-6)
    if f"{case}/motion_map_per_clip" in data:
        torch.testing.assert_close(normalised(motion, "clip"), data[f"{case}/motion_map_per_clip"])
    compared = 0
    for key, expected in data.items():
        found = re.fullmatch(rf"{case}/probs(_per_clip)?/strength(\d)/t(\d)h(\d)w(\d)", key)
        if found:
            how = "clip" if found[1] else "batch"
            size = (int(found[3]), int(found[4]), int(found[5]))
            chances = origin_scores(normalised(motion, how), size, int(found[2]))
            torch.testing.assert_close(chances, expected, rtol=1e-5, atol=1e-6)
            compared += 1
    assert compared >= 6


@pytest.mark.parametrize(("tubelet", "patch"), [(2, 4), (1, 3), (3, 5), (2, 16)])
def test_map_equals_a_trilinear_resize(tubelet: int, patch: int) -> None:
    grid = Grid(3, 2, 4, tubelet, patch)
    x = torch.randn(2, 3, 3 * tubelet, 2 * patch, 4 * patch)
    change = (x[:, :, 1:] - x[:, :, :-1]).abs().mean(1, keepdim=True)
    change = torch.cat([change[:, :, :1], change], 2)
    expected = F.interpolate(change, size=(3, 2, 4), mode="trilinear", align_corners=False)[:, 0]
    torch.testing.assert_close(motion_map(x, grid), expected)


@pytest.mark.parametrize("tubelet", [1, 2, 3, 4])
def test_a_still_image_has_no_motion(tubelet: int) -> None:
    still = motion_map(torch.randn(2, 3, 1, 8, 8), Grid(1, 2, 2, tubelet, 4))
    assert still.shape == (2, 1, 2, 2) and still.abs().sum() == 0


def test_per_clip_normalisation_keeps_clips_apart_and_batch_mixes_them() -> None:
    motion = torch.rand(4, 4, 3, 3) + 0.1
    louder = motion.clone()
    louder[1] *= 100
    assert normalised(louder, "clip")[0].equal(normalised(motion, "clip")[0])
    assert not normalised(louder, "batch")[0].equal(normalised(motion, "batch")[0])
    assert normalised(motion, "clip").amax((1, 2, 3)).allclose(torch.ones(4))
    twice = torch.cat([motion, motion])
    assert normalised(twice, "batch")[4:].equal(normalised(motion, "batch"))
    with pytest.raises(ConfigError, match="multiple of 4"):
        normalised(motion[:3], "batch")


def test_blocks_go_where_motion_is(grid: Grid, moving: Tensor) -> None:
    def hidden_share(**args: float) -> float:
        config = MaskConfig(kind="motion_guided", blocks=2, scale=0.08, args=args)
        corner = total = 0
        for step in range(40):
            target = sample(config, grid, batch=8, seed=0, step=step, generator=0, motion=moving).target_index
            site = target % grid.S
            corner += int(((site // grid.W < 4) & (site % grid.W < 4)).sum())
            total += target.numel()
        return corner / total

    gentle, default, aggressive = (
        hidden_share(strength=0, random_rate=0),
        hidden_share(),
        hidden_share(strength=5, random_rate=0),
    )
    assert gentle < 0.15 < 0.3 < default < aggressive
    assert abs(hidden_share(strength=5, random_rate=1) - gentle) < 0.05


def test_strong_powers_do_not_underflow() -> None:
    motion = torch.full((1, 2, 4, 4), 1e-3)
    motion[0, :, 0, 0] = 1
    chances = origin_scores(motion, (2, 1, 1), 40)
    assert chances.isfinite().all() and chances[0, 0] > 0.99
