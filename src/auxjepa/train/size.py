"""What a run takes at least: parameters, bytes of memory, bytes on the disk. Computed, so that nothing is built for it.

All of these are lower bounds. A run that goes beyond what is there by them can't be trained here in any way.
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
"""That features are looked at on, now and then."""
METRICS_LINE = 200
"""Bytes of a line of metrics.jsonl at least."""
WORKER = 50_000_000
"""Bytes that a process which decodes takes at least."""
_KEPT = 16
"""Numbers a token and channel that a block keeps for its backward pass: inputs of its norms, products and GELU."""


def encoder_parameters(model: ModelConfig) -> int:
    """Numbers of an encoder."""
    width = vit.SIZES[model.size]
    embed = (3 * model.tubelet * model.patch**2 + 1) * width.dim
    modality = 2 * width.dim if model.modality_embedding else 0
    return embed + width.depth * _block(width.dim) + 2 * model.levels * width.dim + modality


def predictor_parameters(model: ModelConfig) -> int:
    """Numbers of the predictor."""
    default, dim = predictor.SIZES[model.size], vit.SIZES[model.size].dim
    narrow, depth = model.predictor_dim or default.dim, model.predictor_depth or default.depth
    joined = model.levels * dim
    fuse = (joined + 1) * dim + (dim + 1) * narrow
    return fuse + narrow + depth * _block(narrow) + 2 * narrow + 2 * (narrow + 1) * joined


def _block(dim: int) -> int:
    return 12 * dim**2 + 13 * dim


def network_bytes(config: RunConfig, heads: int = 0) -> int:
    """Bytes of the networks, their gradients and the optimiser's moments, all in float32.

    Args:
        config: of the run.
        heads: numbers of the objectives' own networks.
    """
    encoder = encoder_parameters(config.model)
    trained = encoder + predictor_parameters(config.model) + heads
    return 4 * (4 * trained + (encoder if config.teacher.enabled else 0))


def checkpoint_bytes(config: RunConfig, heads: int = 0) -> int:
    """Bytes of a checkpoint: the networks and the moments."""
    encoder = encoder_parameters(config.model)
    trained = encoder + predictor_parameters(config.model) + heads
    return 4 * (3 * trained + (encoder if config.teacher.enabled else 0))


def run_bytes(config: RunConfig, heads: int = 0) -> int:
    """Bytes that a run leaves on the disk: checkpoints and metrics."""
    steps, policy = config.optim.steps, config.checkpoint
    kept = {"all": -(-steps // policy.every), "best": 2, "last": 1}[policy.keep]
    return kept * checkpoint_bytes(config, heads) + steps * METRICS_LINE


def clip_bytes(data: DataConfig) -> int:
    """Bytes of a clip as it is decoded."""
    return data.frames * data.size**2 * 3


def step_bytes(config: RunConfig, data: DataConfig) -> int:
    """Bytes that a step on clips of ``data`` holds at a time: pixels, targets, and what the predictor keeps."""
    model, batch = config.model, config.optim.batch
    tokens = max(1, data.frames // model.tubelet) * max(1, data.size // model.patch) ** 2
    narrow = predictor.SIZES[model.size]
    width, depth = model.predictor_dim or narrow.dim, model.predictor_depth or narrow.depth
    half = 2 if config.optim.precision == "bf16" else 1
    targets = 4 * tokens * model.levels * vit.SIZES[model.size].dim
    kept = 4 * tokens * width * depth * _KEPT // half
    masks = sum(
        8 * 3 * mask.blocks + mask.blocks * (tokens // max(1, data.frames // model.tubelet)) for mask in config.masks
    )
    return batch * (5 * clip_bytes(data) + targets + kept + masks)


def fits(config: RunConfig, there: int) -> bool:
    """Whether a few clips of a run and its networks fit into so many bytes."""
    few = config.model_copy(update={"optim": config.optim.model_copy(update={"batch": min(2, config.optim.batch)})})
    steps = [step_bytes(few, data) for data in config.data.sources.values()]
    return max(network_bytes(config), *steps) < there


def check_memory(config: RunConfig, device: torch.device | None, heads: int = 0) -> None:
    """Nothing, if the device could hold the run.

    Args:
        config: of the run.
        device: that will hold it; None stands for any machine that is ever built: what 64 bits can address.
        heads: numbers of the objectives' own networks.

    Raises:
        ConfigError: when it couldn't, with what is needed, what is there, and what to lower.
    """
    if device is None:
        there = machine = LARGEST
        here = f"and 64 bits address {readable(there)}"
    else:
        there, machine = memory_of(device), memory_of(torch.device("cpu"))
        here = f"and this {'machine' if device.type == 'cpu' else f'device ({device})'} has {readable(there)}"
    needs = network_bytes(config, heads)
    if needs > there:
        count = encoder_parameters(config.model) + predictor_parameters(config.model) + heads
        lower = "model.size, model.tubelet, model.patch, model.predictor_dim or model.predictor_depth"
        own = f" ({heads:,} of them in objectives)" if heads else ""
        lower = "the hidden_dim of objectives" if network_bytes(config) <= there else lower
        what = f"networks of {count:,} parameters{own} take at least {readable(needs)} of memory"
        raise ConfigError(f"{what} with gradients and moments, {here}: lower {lower}")
    for name, data in config.data.sources.items():
        cut = f"{data.frames:,} x {data.size:,} x {data.size:,}"
        if clip_bytes(data) > min(there, machine):
            what = f"{name}: one clip of {cut} takes {readable(clip_bytes(data))} of memory"
            raise ConfigError(f"{what}, {here}: lower data.frames or data.size")
        needs = step_bytes(config, data)
        if needs > there:
            what = f"a step on {config.optim.batch:,} clips of {cut} takes at least {readable(needs)} of memory"
            lower = "optim.batch, data.frames, data.size, the number of mask blocks, or the model"
            raise ConfigError(f"{what}, {here}: lower {lower}")
    if config.data.workers * WORKER > machine:
        what = f"{config.data.workers:,} worker processes take at least {readable(config.data.workers * WORKER)}"
        raise ConfigError(f"{what} of memory, and this machine has {readable(machine)}: lower data.workers")


def is_memory_error(error: BaseException) -> bool:
    """Whether an exception says that memory doesn't suffice; torch's CPU allocator has no kind of error for it."""
    words = ("can't allocate memory", "not enough memory")
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or any(word in str(error) for word in words)


@contextlib.contextmanager
def memory_error(config: RunConfig, step: int, device: torch.device) -> Iterator[None]:
    """Turns running out of memory into one line.

    Raises:
        TrainingError: that names the step, its clips and what to lower.
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
