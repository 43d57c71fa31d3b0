"""Lower bounds on the size of a run, computed without building it: parameters, bytes of memory, bytes on the disk.

A run whose lower bound exceeds the memory or disk of the machine can't be trained on it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from auxjepa.config import LARGEST, ConfigError, DataConfig, ModelConfig, RunConfig
from auxjepa.data.space import readable
from auxjepa.devices import memory_of
from auxjepa.models import predictor, vit
from auxjepa.train.terms import TrainingError

MONITORED_CLIPS = 64
"""Number of clips on which the monitor measures features."""
METRICS_LINE = 200
"""Smallest size of a line of metrics.jsonl, bytes."""
WORKER = 50_000_000
"""Smallest memory of a decoding process, bytes."""
_STORED = 16
"""Numbers per token and channel that a block stores for its backward pass: inputs of norms, products and GELU."""


def encoder_parameters(model: ModelConfig) -> int:
    """Return the number of parameters of an encoder."""
    width = vit.SIZES[model.size]
    embed = (3 * model.tubelet * model.patch**2 + 1) * width.dim
    modality = 2 * width.dim if model.modality_embedding else 0
    return embed + width.depth * _block(width.dim) + 2 * model.levels * width.dim + modality


def predictor_parameters(model: ModelConfig) -> int:
    """Return the number of parameters of the predictor."""
    default, dim = predictor.SIZES[model.size], vit.SIZES[model.size].dim
    narrow, depth = model.predictor_dim or default.dim, model.predictor_depth or default.depth
    joined = model.levels * dim
    fuse = (joined + 1) * dim + (dim + 1) * narrow
    return fuse + narrow + depth * _block(narrow) + 2 * narrow + 2 * (narrow + 1) * joined


def _block(dim: int) -> int:
    return 12 * dim**2 + 13 * dim


def network_bytes(config: RunConfig, heads: int = 0) -> int:
    """Return the bytes of the networks, their gradients and the optimiser's moments, all in float32.

    Args:
        config: configuration of the run.
        heads: number of parameters of all heads.
    """
    encoder = encoder_parameters(config.model)
    trained = encoder + predictor_parameters(config.model) + heads
    return 4 * (4 * trained + (encoder if config.teacher.enabled else 0))


def checkpoint_bytes(config: RunConfig, heads: int = 0) -> int:
    """Return the bytes of a checkpoint: networks and moments."""
    encoder = encoder_parameters(config.model)
    trained = encoder + predictor_parameters(config.model) + heads
    return 4 * (3 * trained + (encoder if config.teacher.enabled else 0))


def run_bytes(config: RunConfig, heads: int = 0) -> int:
    """Return the bytes that a run stores on the disk: checkpoints and metrics."""
    steps, policy = config.optim.steps, config.checkpoint
    count = {"all": -(-steps // policy.every), "best": 2, "last": 1}[policy.keep]
    return count * checkpoint_bytes(config, heads) + steps * METRICS_LINE


def clip_bytes(data: DataConfig) -> int:
    """Return the bytes of a decoded clip."""
    return data.frames * data.size**2 * 3


def step_bytes(config: RunConfig, data: DataConfig) -> int:
    """Return the bytes that a step on clips of ``data`` holds: pixels, targets, and activations of the predictor."""
    model, batch = config.model, config.optim.batch
    tokens = max(1, data.frames // model.tubelet) * max(1, data.size // model.patch) ** 2
    narrow = predictor.SIZES[model.size]
    width, depth = model.predictor_dim or narrow.dim, model.predictor_depth or narrow.depth
    half = 2 if config.optim.precision == "bf16" else 1
    targets = 4 * tokens * model.levels * vit.SIZES[model.size].dim
    stored = 4 * tokens * width * depth * _STORED // half
    masks = sum(
        8 * 3 * mask.blocks + mask.blocks * (tokens // max(1, data.frames // model.tubelet)) for mask in config.masks
    )
    return batch * (5 * clip_bytes(data) + targets + stored + masks)


def fits(config: RunConfig, available: int) -> bool:
    """Check whether the networks of a run and a few clips fit into the available bytes."""
    few = config.model_copy(update={"optim": config.optim.model_copy(update={"batch": min(2, config.optim.batch)})})
    steps = [step_bytes(few, data) for data in config.data.sources.values()]
    return max(network_bytes(config), *steps) < available


def check_memory(config: RunConfig, device: torch.device | None, heads: int = 0) -> None:
    """Check that the device could hold the run.

    Args:
        config: configuration of the run.
        device: device for training; None allows all memory that 64 bits can address.
        heads: number of parameters of all heads.

    Raises:
        ConfigError: if it couldn't; the message has the required and available bytes and the settings to lower.
    """
    if device is None:
        available = machine = LARGEST
        here = f"and 64 bits address {readable(available)}"
    else:
        available, machine = memory_of(device), memory_of(torch.device("cpu"))
        here = f"and this {'machine' if device.type == 'cpu' else f'device ({device})'} has {readable(available)}"
    needs = network_bytes(config, heads)
    if needs > available:
        count = encoder_parameters(config.model) + predictor_parameters(config.model) + heads
        lower = "model.size, model.tubelet, model.patch, model.predictor_dim or model.predictor_depth"
        share = f" ({heads:,} of them in objectives)" if heads else ""
        lower = "the hidden_dim of objectives" if network_bytes(config) <= available else lower
        what = f"networks of {count:,} parameters{share} take at least {readable(needs)} of memory"
        raise ConfigError(f"{what} with gradients and moments, {here}: lower {lower}")
    for name, data in config.data.sources.items():
        cut = f"{data.frames:,} x {data.size:,} x {data.size:,}"
        if clip_bytes(data) > min(available, machine):
            what = f"{name}: one clip of {cut} takes {readable(clip_bytes(data))} of memory"
            raise ConfigError(f"{what}, {here}: lower data.frames or data.size")
        needs = step_bytes(config, data)
        if needs > available:
            what = f"a step on {config.optim.batch:,} clips of {cut} takes at least {readable(needs)} of memory"
            lower = "optim.batch, data.frames, data.size, the number of mask blocks, or the model"
            raise ConfigError(f"{what}, {here}: lower {lower}")
    if config.data.workers * WORKER > machine:
        what = f"{config.data.workers:,} worker processes take at least {readable(config.data.workers * WORKER)}"
        raise ConfigError(f"{what} of memory, and this machine has {readable(machine)}: lower data.workers")


def is_memory_error(error: BaseException) -> bool:
    """Check whether an exception is a lack of memory; torch's CPU allocator has no error class for it."""
    words = ("can't allocate memory", "not enough memory")
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or any(word in str(error) for word in words)


@contextlib.contextmanager
def memory_error(config: RunConfig, step: int, device: torch.device) -> Iterator[None]:
    """Replace a lack of memory in a block by an error of one line.

    Args:
        config: configuration of the run.
        step: current step.
        device: device for training.

    Raises:
        TrainingError: with the step, its clips and the settings to lower.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_memory_error(error):
            raise
        cuts = ", ".join(f"{d.frames} x {d.size} x {d.size}" for d in config.data.sources.values())
        raise TrainingError(
            f"step {step}: the memory of {device} doesn't suffice for {config.optim.batch:,} clips of {cuts}: "
            "lower optim.batch, data.frames, data.size or model.size"
        ) from error
