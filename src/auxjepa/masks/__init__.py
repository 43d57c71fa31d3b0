"""Masks: the tokens of a clip that the student sees, and those that it must predict.

All masks are drawn by ``sample``; ``draw`` calls it for all mask generators of a run. The masks of a training step
depend only on (seed, step, generator), so that runs with the same seed share them and a resumed run draws the same
masks. How features at masked positions are predicted belongs to :mod:`auxjepa.models`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from auxjepa.config import ConfigError, MaskConfig, hint
from auxjepa.masks.future import causal, future_predictive, motion_future
from auxjepa.masks.mask import Mask, Request
from auxjepa.masks.motion import motion_guided, motion_map
from auxjepa.masks.multiblock import multiblock
from auxjepa.masks.tube import random_tube
from auxjepa.seeds import derive_mask_seed
from auxjepa.settings import validated
from auxjepa.tokens import Grid


class Kind(NamedTuple):
    """One kind of mask.

    Args:
        draw: function that draws the masks.
        needs_motion: whether it needs a motion map.
    """

    draw: Callable[..., Mask]
    needs_motion: bool = False


MASKS: dict[str, Kind] = {
    "multiblock": Kind(multiblock),
    "motion_guided": Kind(motion_guided, needs_motion=True),
    "future_predictive": Kind(future_predictive),
    "motion_future": Kind(motion_future, needs_motion=True),
    "random_tube": Kind(random_tube),
    "causal": Kind(causal),
}

__all__ = ["MASKS", "Kind", "Mask", "draw", "motion_map", "needs_motion", "sample"]


def needs_motion(config: MaskConfig) -> bool:
    """Check whether ``sample`` needs a motion map for this configuration."""
    return _kind(config).needs_motion


def sample(
    config: MaskConfig,
    grid: Grid,
    *,
    batch: int,
    seed: int,
    step: int,
    generator: int,
    motion: Tensor | None = None,
    device: torch.device | str = "cpu",
) -> Mask:
    """Return the masks of one step: context_index ``B K`` and target_index ``B M``, raster indices in rising order.

    Args:
        config: kind of mask and its settings.
        grid: token grid of the clips.
        batch: number of clips B.
        seed: seed of the run.
        step: training step.
        generator: index of ``config`` among the masks of the run.
        motion: motion map ``B T H W``, for kinds that follow motion (see ``motion_map``).
        device: device of the returned indices.

    Raises:
        ConfigError: for an unknown kind or setting, or if no draw leaves visible and hidden tokens in every clip.
    """
    kind = _kind(config)
    settings = validated(kind.draw, config.args, title=f"mask {config.kind}", omit=("request",), noun="setting")
    if kind.needs_motion and motion is None:
        raise ConfigError(f"mask {config.kind} follows motion: pass motion=motion_map(pixels, grid)")
    if motion is not None:
        motion = motion.detach().float().cpu()
        if motion.shape != (batch, grid.T, grid.H, grid.W):
            raise ConfigError(f"motion must be {(batch, grid.T, grid.H, grid.W)} (B T H W), got {tuple(motion.shape)}")
    rng = torch.Generator().manual_seed(derive_mask_seed(seed, step, generator))
    drawn = kind.draw(Request(config, grid, batch, rng, motion), **settings)
    return Mask(drawn.context_index.to(device), drawn.target_index.to(device))


def draw(configs: Sequence[MaskConfig], pixels: Tensor, grid: Grid, *, seed: int, step: int) -> list[Mask]:
    """Return the masks of one step for all mask generators of a run, on the device of the clips.

    Args:
        configs: masks of the run.
        pixels: normalised clips, ``B 3 F X Y``; motion is measured on them.
        grid: token grid of the clips.
        seed: seed of the run.
        step: training step.

    Raises:
        ConfigError: as in ``sample``.
    """
    motion = motion_map(pixels, grid) if any(needs_motion(config) for config in configs) else None
    return [
        sample(
            config,
            grid,
            batch=len(pixels),
            seed=seed,
            step=step,
            generator=place,
            motion=motion if needs_motion(config) else None,
            device=pixels.device,
        )
        for place, config in enumerate(configs)
    ]


def _kind(config: MaskConfig) -> Kind:
    if config.kind not in MASKS:
        raise ConfigError(f"no mask is called {config.kind!r}{hint(config.kind, list(MASKS))}")
    return MASKS[config.kind]
