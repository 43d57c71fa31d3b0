"""Masks: which tokens of a clip the student sees and which it must predict.

``sample`` is the one door, and ``draw`` goes through it for all of a run's generators: the masks of a training step
depend on (seed, step, generator) alone, whatever happened before, so that runs with the same seed share them and a
resumed run goes on with the same ones.
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
    """A way of drawing masks; ``needs_motion`` says whether it reads a motion map."""

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
    """Whether ``sample`` must be given a motion map for this configuration."""
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
    """The masks of one step: context_index ``B K`` and target_index ``B M``, raster indices in rising order.

    Args:
        config: the kind of mask and its settings.
        grid: token grid of the clips.
        batch: B.
        seed: of the run.
        step: training step.
        generator: place of ``config`` among the run's masks.
        motion: ``B T H W``, for kinds that follow motion (see ``motion_map``).
        device: where the indices are wanted.

    Raises:
        ConfigError: for an unknown kind or setting, or when no block size leaves both something visible and something
            hidden in every clip.
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
    """The masks of one step for all of a run's generators, on the device of the clips; motion is read off these.

    Args:
        pixels: normalised clips, ``B 3 F X Y``.
        seed, step: as for ``sample``.

    Raises:
        ConfigError: as ``sample`` does.
    """
    motion = motion_map(pixels, grid) if any(needs_motion(one) for one in configs) else None
    return [
        sample(
            one,
            grid,
            batch=len(pixels),
            seed=seed,
            step=step,
            generator=place,
            motion=motion if needs_motion(one) else None,
            device=pixels.device,
        )
        for place, one in enumerate(configs)
    ]


def _kind(config: MaskConfig) -> Kind:
    if config.kind not in MASKS:
        raise ConfigError(f"no mask is called {config.kind!r}{hint(config.kind, list(MASKS))}")
    return MASKS[config.kind]
