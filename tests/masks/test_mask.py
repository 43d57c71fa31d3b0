"""Blocks, and cutting lists to one length."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from auxjepa.config import MaskConfig
from auxjepa.masks.mask import Request, block_size, cover, truncate, uniform_origins
from auxjepa.tokens import Grid


@pytest.mark.parametrize(("listed", "scale"), [("short 0.15", 0.15), ("long 0.7", 0.7)])
def test_block_sizes_are_the_released_ones(listed: str, scale: float, shared: Path, grid: Grid) -> None:
    """From the released generator: seeded with the step, the third number drawn is the aspect's."""
    golden = json.loads((shared / "golden" / "cases.json").read_text())["block_sizes_seed0_11_thw_224px_16frames"]
    config = MaskConfig(scale=scale)
    for step, expected in enumerate(golden[listed]):
        uniform = torch.rand(3, generator=torch.Generator().manual_seed(step))[2].item()
        assert list(block_size(config, grid, uniform)) == expected


def test_cover_is_the_union_of_blocks(grid: Grid) -> None:
    torch.manual_seed(0)
    size, n = (3, 4, 5), 4
    origins = torch.stack([torch.randint(0, e - s + 1, (2, n)) for e, s in zip((8, 14, 14), size, strict=True)], -1)
    expected = torch.zeros(2, 8, 14, 14, dtype=torch.bool)
    for clip in range(2):
        for t, y, x in origins[clip].tolist():
            expected[clip, t : t + 3, y : y + 4, x : x + 5] = True
    assert cover(grid, size, origins).equal(expected)


def test_origins_are_uniform_over_the_places_that_fit() -> None:
    grid = Grid(2, 3, 4, 2, 4)
    request = Request(MaskConfig(blocks=6000), grid, 1, torch.Generator().manual_seed(0))
    origins = uniform_origins(request, (1, 2, 2), 1)[0]
    places, counts = origins.unique(dim=0, return_counts=True)
    assert len(places) == 2 * 2 * 3
    assert (counts - 500).abs().max() < 5 * 500**0.5


def test_random_truncation_drops_whole_tubes_of_full_length_masks() -> None:
    torch.manual_seed(0)
    sites = torch.rand(16, 1, 5, 5) < 0.5
    member = sites.expand(16, 6, 5, 5).clone()
    kept = truncate(member, "random", torch.Generator().manual_seed(0))
    assert kept.shape[1] == int(member.flatten(1).sum(1).min())
    for clip in range(16):
        assert member[clip].flatten()[kept[clip]].all()
        times = (kept[clip] % 25).bincount(minlength=25)
        assert set(times.tolist()) <= {0, 6}


def test_random_truncation_prefers_no_time_step_and_raster_drops_the_last() -> None:
    torch.manual_seed(0)
    member = torch.rand(4000, 4, 3, 3) < 0.6
    member[:, 0, 0, 0] = True
    counts = {}
    for how in ("random", "raster"):
        kept = truncate(member, how, torch.Generator().manual_seed(0))  # pyright: ignore[reportArgumentType]
        counts[how] = (kept // 9).flatten().bincount(minlength=4) / member.sum((0, 2, 3))
    assert counts["random"].max() / counts["random"].min() < 1.15
    assert counts["raster"][0] > 3 * counts["raster"][3]


def test_a_cut_site_keeps_neighbouring_times() -> None:
    member = torch.ones(200, 5, 1, 2, dtype=torch.bool)
    member[0, :2, 0, 1] = False
    kept = truncate(member, "random", torch.Generator().manual_seed(0))
    assert kept.shape[1] == 8
    cut_early = cut_late = 0
    for row in kept[1:].tolist():
        for site in (0, 1):
            times = [i // 2 for i in row if i % 2 == site]
            assert times == list(range(times[0], times[0] + len(times)))
            cut_early += times[0] > 0
            cut_late += times[-1] < 4
    assert cut_early > 50 and cut_late > 50
