"""All checks of a run that are possible before clips are decoded or a folder is created.

A run that is refused here writes nothing. Sizes are computed before networks are built, so that impossible sizes are
refused immediately.
"""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import torch

from auxjepa import masks, objectives
from auxjepa.config import ConfigError, DataConfig, ModelConfig, RunConfig, hint
from auxjepa.data.loading.augment import Augment
from auxjepa.data.loading.mixture import Mixture, Part
from auxjepa.data.open import check_source
from auxjepa.data.space import require
from auxjepa.limits import usable_memory
from auxjepa.models.jepa import build_encoder, build_predictor
from auxjepa.models.rope import rotation, sincos
from auxjepa.models.vit import SIZES
from auxjepa.objectives import Objective, ObjectiveError, evaluate
from auxjepa.objectives.check import example_step
from auxjepa.objectives.plugin_source import stamp_plugins
from auxjepa.seeds import generator
from auxjepa.step import Step
from auxjepa.tokens import Grid
from auxjepa.train.balance import aggregator
from auxjepa.train.setup import build_objectives, check_batch, check_cuts, registered
from auxjepa.train.size import check_memory, fits, run_bytes
from auxjepa.train.terms import TrainingError

FEW = 2
"""Number of clips for trying masks and terms."""
MOST_STEPS, MOST_SIDE = 4, 4
"""Time steps, and tokens per side, of the clips for trying terms."""
LOGGED = ("loss", "lr", "momentum", "grad_norm", "waiting", "step")
"""Metrics of every step in addition to those of its terms and of the monitor."""


def check_run(config: RunConfig, device: torch.device | None, folder: Path | None = None) -> None:
    """Check that a run can be built, that its masks can be drawn, and that its terms can be computed.

    Args:
        config: configuration of the run.
        device: device for training; None if the run isn't trained on this machine.
        folder: folder for its checkpoints; None skips the check of the disk.

    Raises:
        ConfigError: for settings that don't fit together, unknown names, or too little memory.
        CacheError: for too little disk space.
        TrainingError: if an objective fails on random features.
    """
    stamp_plugins(config)
    check_cuts(config)
    check_batch(config, config.optim.batch)
    check_memory(config, device)
    check_sources(config)
    _check_extras(config)
    Augment(config.data.crop_area, config.data.crop_aspect, config.data.flip)
    if device is None and not fits(config, usable_memory()):
        return  # a run that is too large for this machine can't be tried on it
    with torch.random.fork_rng(devices=[]):
        _check_networks(config.model)
        heads = _head_numbers(config)
    check_memory(config, device, heads)
    if folder is not None:
        _check_disk(config, folder, heads)
    terms = build_objectives(config)
    for data in {data.frames: data for data in config.data.sources.values()}.values():
        check_masks(config, data)
        step = _random_step(config, data)
        for key, objective in terms.items():
            assert isinstance(objective, Objective)
            try:
                evaluate(key, objective, step)
            except ObjectiveError as error:
                raise TrainingError(f"step 0 (tried before training): {error}") from error


def check_sources(config: RunConfig) -> None:
    """Check that a run's data sets exist and can be mixed.

    Raises:
        ConfigError: when there is no such data set, or when their clips have several sizes.
    """
    parts = config.data.sources
    for name, part in parts.items():
        try:
            check_source(part)
        except ConfigError as error:
            raise ConfigError(f"{name}: {error}" if len(parts) > 1 else str(error)) from None
    sizes = {name: part.size for name, part in parts.items()}
    if len(set(sizes.values())) > 1:
        raise ConfigError(f"the parts of a mixture must have clips of one size, got {sizes}")
    weights = {name: part.weight for name, part in config.data.mixture.items()}
    Mixture([Part(name, 1, weights.get(name, 1.0), part.frames) for name, part in parts.items()], 0)


def _check_extras(config: RunConfig) -> None:
    """Check that optional packages are installed, and that the metric of the best checkpoint is logged."""
    if config.optim.balance != "sum":
        aggregator(config.optim.balance)
    if config.log.tensorboard and importlib.util.find_spec("tensorboard") is None:
        raise ConfigError("--log.tensorboard needs the extra: pip install 'auxjepa[tensorboard]'")
    if config.checkpoint.keep == "best":
        roles = ("student", "teacher") if config.teacher.enabled else ("student",)
        names = [f"{kind}/{key}" for kind in ("terms", "weighted") for key in config.objectives]
        names += [f"{kind}/{role}" for kind in ("std", "rank") for role in roles]
        metric = config.checkpoint.metric
        if metric not in (*LOGGED, *names):
            raise ConfigError(f"checkpoint.metric {metric!r} is never logged{hint(metric, [*LOGGED, *names])}")


def _check_networks(config: ModelConfig) -> None:
    """Check that encoder and predictor can be built; no memory is allocated for them."""
    try:
        with torch.device("meta"):
            trunks = build_encoder(config).trunk, build_predictor(config).trunk
        for trunk in trunks:
            origin = torch.zeros(1, 3)
            if trunk.position == "rope":
                rotation(origin, trunk.width.head_dim, trunk.rope)
            else:
                sincos(origin, trunk.width.dim)
    except (ValueError, RuntimeError) as error:
        raise ConfigError(f"model: {' '.join(str(error).split())}") from error


def _head_numbers(config: RunConfig) -> int:
    """Return the number of parameters of all heads, without those of plug-ins that can't be built without memory."""
    total, width = 0, SIZES[config.model.size].dim
    for key, term in config.objectives.items():
        name = registered(config, key)
        objectives.find(name)
        try:
            with torch.device("meta"):
                built = objectives.build(name, levels=config.model.levels, dim=width, **term.args)
        except ConfigError:
            if name in objectives.OBJECTIVES:
                raise
            continue
        total += sum(p.numel() for p in built.parameters())
    return total


def _check_disk(config: RunConfig, folder: Path, heads: int) -> None:
    steps, every = config.optim.steps, config.checkpoint.every
    what = f"{steps:,} steps with a checkpoint every {every:,} (checkpoint.keep {config.checkpoint.keep})"
    remedy = "lower optim.steps, raise checkpoint.every, or take another disk"
    require(folder, what, run_bytes(config, heads), remedy=remedy)


def check_masks(config: RunConfig, data: DataConfig) -> None:
    """Check that masks can be drawn, with a few clips of random motion.

    Raises:
        ConfigError: if there is no such mask, or it leaves nothing visible or nothing hidden.
    """
    grid, few = _grid(config, data), min(FEW, config.optim.batch)
    # A mask may need groups with one clip per time step, so the remainder of the batch size is kept.
    batch, rng = few + (config.optim.batch - few) % grid.T, generator("checks")
    for place, mask in enumerate(config.masks):
        motion = torch.rand(batch, grid.T, grid.H, grid.W, generator=rng) if masks.needs_motion(mask) else None
        masks.sample(mask, grid, batch=batch, seed=config.seed, step=0, generator=place, motion=motion)


def _random_step(config: RunConfig, data: DataConfig) -> Step:
    """Return a step of random features with the run's width and levels, on a small grid."""
    full, model = _grid(config, data), config.model
    grid = Grid(min(full.T, MOST_STEPS), min(full.H, MOST_SIDE), min(full.W, MOST_SIDE), model.tubelet, model.patch)
    batch, width = min(FEW, config.optim.batch), SIZES[model.size].dim
    step = example_step(grid, batch=batch, levels=model.levels, dim=width, views=len(config.masks))
    target = step.target.detach() if config.teacher.enabled else step.target
    return replace(step, target=target, pixels=step.pixels[:, :, :1] if data.frames == 1 else step.pixels)


def _grid(config: RunConfig, data: DataConfig) -> Grid:
    frames = config.model.tubelet if data.frames == 1 else data.frames
    return Grid.of_clip(frames, data.size, data.size, config.model.tubelet, config.model.patch)
