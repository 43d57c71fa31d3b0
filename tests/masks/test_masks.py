"""What every kind of mask promises, and the door through which they are drawn."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from auxjepa.config import ConfigError, MaskConfig
from auxjepa.masks import MASKS, draw, motion_map, needs_motion, sample
from auxjepa.tokens import Grid


@pytest.mark.parametrize("truncation", ["random", "raster"])
@pytest.mark.parametrize("kind", MASKS)
def test_indices_are_rising_disjoint_and_not_empty(kind: str, truncation: str, grid: Grid, moving: Tensor) -> None:
    config = MaskConfig.model_validate({"kind": kind, "blocks": 8, "truncation": truncation})
    for step in range(10):
        context, target = sample(config, grid, batch=8, seed=1, step=step, generator=0, motion=moving)
        for index in (context, target):
            assert index.shape[0] == 8 and index.shape[1] > 0
            assert (index.diff(dim=1) > 0).all() and index.min() >= 0 and index.max() < grid.N
        both = torch.cat([context, target], dim=1).sort(1).values
        assert (both.diff(dim=1) > 0).all()


@pytest.mark.parametrize("kind", MASKS)
def test_masks_depend_on_seed_step_and_generator_alone(kind: str, grid: Grid, moving: Tensor) -> None:
    config = MaskConfig(kind=kind, blocks=4)

    def drawn(seed: int, step: int, generator: int) -> Tensor:
        return sample(config, grid, batch=8, seed=seed, step=step, generator=generator, motion=moving).context_index

    first = drawn(0, 5, 0)
    torch.rand(100)
    drawn(0, 6, 1)
    assert drawn(0, 5, 0).equal(first)
    state = torch.get_rng_state()
    drawn(3, 3, 3)
    assert torch.get_rng_state().equal(state), "drawing masks must leave the global generator alone"
    others = [[drawn(seed, step, g) for seed in (0, 1)] for step in (5, 6) for g in (0, 1)]
    distinct = {tuple(x.flatten().tolist()) for pair in others for x in pair}
    assert len(distinct) >= (2 if kind == "causal" else 8)


@given(st.integers(1, 5), st.integers(2, 6), st.integers(2, 6), st.integers(1, 5), st.integers(0, 2**31), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_grid_gives_a_mask_or_a_clear_error(
    steps: int, rows: int, columns: int, blocks: int, seed: int, raster: bool
) -> None:
    grid = Grid(steps, rows, columns, 2, 4)
    how = "raster" if raster else "random"
    motion = torch.rand(3, steps, rows, columns)
    for kind in MASKS:
        config = MaskConfig(kind=kind, blocks=blocks, scale=0.4, truncation=how)
        try:
            context, target = sample(config, grid, batch=3, seed=seed, step=0, generator=0, motion=motion)
        except ConfigError as error:
            assert kind in str(error) and "\n" not in str(error)
            continue
        assert context.shape[1] > 0 and target.shape[1] > 0
        assert context.shape[1] + target.shape[1] <= grid.N


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"kind": "multiblok"}, "did you mean 'multiblock'"),
        ({"kind": "motion_guided", "args": {"strenght": 2}}, "did you mean 'strength'"),
        ({"kind": "multiblock", "args": {"ratio": 2}}, "takes none"),
        ({"kind": "multiblock", "scale": 1.0, "blocks": 1, "aspect": (1, 1)}, "fewer or smaller blocks"),
        ({"kind": "motion_guided", "args": {"strength": -1}}, "strength must be at least 0"),
        ({"kind": "motion_guided", "args": {"normalise": "frame"}}, "clip, batch"),
        ({"kind": "random_tube", "args": {"ratio": 1.5}}, "between 0 and 1"),
        ({"kind": "future_predictive", "args": {"past": 0.01}}, "nothing visible"),
        ({"kind": "causal", "args": {"shortest": 0.9, "longest": 0.2}}, "no cut"),
    ],
)
def test_impossible_masks_are_one_line(config: dict, words: str, grid: Grid, moving: Tensor) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        sample(MaskConfig(**config), grid, batch=8, seed=0, step=0, generator=0, motion=moving)
    assert "\n" not in str(caught.value)


def test_a_missing_or_wrong_motion_map_is_refused(grid: Grid, moving: Tensor) -> None:
    config = MaskConfig(kind="motion_guided")
    assert needs_motion(config) and not needs_motion(MaskConfig())
    with pytest.raises(ConfigError, match="motion_map"):
        sample(config, grid, batch=8, seed=0, step=0, generator=0)
    with pytest.raises(ConfigError, match="B T H W"):
        sample(config, grid, batch=4, seed=0, step=0, generator=0, motion=moving)


def test_a_run_draws_what_its_generators_would_draw_alone() -> None:
    grid = Grid.of_clip(8, 32, 32, 2, 8)
    pixels = torch.randn(3, 3, 8, 32, 32, generator=torch.Generator().manual_seed(0))
    configs = [MaskConfig(), MaskConfig(kind="motion_guided"), MaskConfig(kind="motion_future")]
    together = draw(configs, pixels, grid, seed=1, step=2)
    motion = motion_map(pixels, grid)
    for place, (config, mask) in enumerate(zip(configs, together, strict=True)):
        own = motion if needs_motion(config) else None
        alone = sample(config, grid, batch=3, seed=1, step=2, generator=place, motion=own)
        assert all(a.equal(b) for a, b in zip(mask, alone, strict=True))
