"""The parts of a run besides its networks: terms of the loss and optimiser."""

from __future__ import annotations

import torch
from torch import nn

from auxjepa import objectives
from auxjepa.config import ConfigError, RunConfig
from auxjepa.models.jepa import JEPA
from auxjepa.models.vit import SIZES
from auxjepa.objectives import Objective
from auxjepa.seeds import derive_seed
from auxjepa.train.checkpoint import named_parameters
from auxjepa.train.size import check_memory


def check_start(config: RunConfig, clips: int, device: torch.device) -> None:
    """Check that a run has clips to train on and that the device can hold it.

    Args:
        config: configuration of the run.
        clips: number of clips in the pool.
        device: device for training.

    Raises:
        ConfigError: if the pool is empty, position normalisation would make all targets zero, or memory is too small.
    """
    if not clips:
        raise ConfigError("the pool holds no clips to train on")
    check_cuts(config)
    check_memory(config, device)
    check_batch(config, clips)


def check_batch(config: RunConfig, clips: int) -> None:
    """Check that position normalisation doesn't make all targets zero.

    Args:
        config: configuration of the run.
        clips: number of clips in the pool.

    Raises:
        ConfigError: if it would.
    """
    if config.teacher.normalise == "position" and min(config.optim.batch, clips) < 2:
        raise ConfigError("teacher.normalise position subtracts the batch mean: it needs optim.batch of 2 or more")


def check_cuts(config: RunConfig) -> None:
    """Check that clips can be cut into tokens.

    Raises:
        ConfigError: if frames aren't a multiple of the tubelet, or pixels of the patch.
    """
    tubelet, patch = config.model.tubelet, config.model.patch
    for name, data in config.data.sources.items():
        if data.frames > 1 and data.frames % tubelet:
            what = f"clips of {data.frames:,} frames can't be cut into tokens of {tubelet:,} frames"
            raise ConfigError(f"{name}: {what}: data.frames must be a multiple of model.tubelet")
        if data.size % patch:
            what = f"clips of {data.size:,} pixels a side can't be cut into tokens of {patch:,} pixels a side"
            raise ConfigError(f"{name}: {what}: data.size must be a multiple of model.patch")


def registered(config: RunConfig, key: str) -> str:
    """Return the registered name of the objective under a key of ``config.objectives``."""
    return config.objectives[key].name or key


def build_objectives(config: RunConfig) -> nn.ModuleDict:
    """Return every term of a run by its key.

    Each head has a separate random stream, so that an added term doesn't change the initial weights of the others.

    Raises:
        ConfigError: for an unknown objective or hyperparameter, or a key that can't name a module.
    """
    built: dict[str, Objective] = {}
    width = SIZES[config.model.size].dim
    for key, term in config.objectives.items():
        if not key.isidentifier() or hasattr(nn.ModuleDict, key):
            raise ConfigError(f"objectives: {key!r} can't be the key of a term; take another word and set its name")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derive_seed(config.seed, "objective", key))
            built[key] = objectives.build(registered(config, key), levels=config.model.levels, dim=width, **term.args)
    return nn.ModuleDict(built)


def build_optimizer(config: RunConfig, model: JEPA, heads: nn.ModuleDict) -> torch.optim.AdamW:
    """Return AdamW over student, predictor and heads; biases, norms and other 1-D parameters have no weight decay."""
    named = named_parameters(model, heads)
    groups = [
        {"params": [p for _, p in named if p.ndim > 1], "weight_decay": config.optim.weight_decay},
        {"params": [p for _, p in named if p.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    return torch.optim.AdamW(groups, lr=config.optim.lr, betas=config.optim.betas, eps=1e-8, fused=True)
