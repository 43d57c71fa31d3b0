"""``timm:NAME``: image encoders of timm, which read the frames of a clip one by one."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from auxjepa.config import ConfigError
from auxjepa.encoders.foreign.encoder_record import EncoderRecord, InputFormat, TokenLayout
from auxjepa.encoders.foreign.foreign_encoder import ForeignEncoder
from auxjepa.plugins import reason
from auxjepa.train.checkpoint import digest


def open_timm(source: str, name: str, device: torch.device) -> ForeignEncoder:
    """Return an image encoder of timm with its published weights.

    timm looks for weights in the local cache of the Hub first, and follows ``HF_HUB_OFFLINE``.

    Args:
        source: the source with its prefix.
        name: name of the model in timm.
        device: device of the network.

    Raises:
        ConfigError: if timm can't be imported, or the model can't be opened or read.
    """
    try:
        import timm  # pyright: ignore[reportMissingImports]
        import timm.data  # pyright: ignore[reportMissingImports]
    except Exception as error:  # timm fails in many ways if torchvision doesn't fit torch
        missing = isinstance(error, ModuleNotFoundError) and error.name == "timm"
        why = "" if missing else f" (it can't be imported here: {reason(error)})"
        raise ConfigError(f"{source}: encoders of timm need timm: pip install 'auxjepa[timm]'{why}") from error
    try:
        network = timm.create_model(name, pretrained=True, num_classes=0)
        settings = timm.data.resolve_model_data_config(network)
    except Exception as error:
        raise ConfigError(f"{source}: timm can't open it: {reason(error)[:300]}") from error
    network = network.eval().requires_grad_(False)
    form = _input_format(source, settings)
    leading = int(getattr(network, "num_prefix_tokens", 0))

    def read(pixels: Tensor, level: int) -> Tensor:
        return _as_tokens(network.forward_features(pixels), leading)

    with torch.no_grad():
        example = network.forward_features(torch.zeros(1, 3, form.size, form.size))
    layout = _layout(source, example, leading)
    state = network.state_dict()
    record = EncoderRecord(
        source=source,
        network=name,
        parameters=sum(one.numel() for one in network.parameters()),
        dim=_as_tokens(example, leading).shape[-1],
        levels=1,
        weights=digest(state),
        input=form,
        tokens=layout,
        pretraining=_pretraining(network),
        versions={"timm": str(getattr(timm, "__version__", ""))},
    )
    network.to(device)
    return ForeignEncoder(record, read, device)


def _input_format(source: str, settings: Any) -> InputFormat:
    channels, rows, columns = settings["input_size"]
    if channels != 3 or rows != columns:
        shape = f"{channels} x {rows} x {columns}"
        raise ConfigError(f"{source}: it reads {shape}, and clips here are square with 3 colours")
    return InputFormat(frames=0, size=rows, mean=tuple(settings["mean"]), std=tuple(settings["std"]))


def _layout(source: str, example: Tensor, leading: int) -> TokenLayout:
    """Return the layout of the tokens of one picture: a map of features has rows and columns, tokens are a square."""
    if example.ndim == 4:
        return TokenLayout(steps=0, rows=example.shape[2], columns=example.shape[3])
    if example.ndim != 3:
        raise ConfigError(f"{source}: forward_features returns {list(example.shape)}, not tokens or a map of features")
    count = example.shape[1] - leading
    side = round(max(count, 0) ** 0.5)
    if count < 1 or side * side != count:
        raise ConfigError(f"{source}: {count} tokens of a square picture are no square")
    return TokenLayout(steps=0, rows=side, columns=side)


def _as_tokens(features: Tensor, leading: int) -> Tensor:
    """Return features as tokens ``[B N D]`` in raster order, without class token and registers.

    Args:
        features: tokens ``[B N D]``, or a map of features ``[B D H W]``.
        leading: tokens before those of patches.
    """
    return features.flatten(2).transpose(1, 2) if features.ndim == 4 else features[:, leading:]


def _pretraining(network: nn.Module) -> str:
    """Return what timm's configuration says about the data of the pretraining: the last part of the tag, if any."""
    settings: Any = getattr(network, "pretrained_cfg", None) or {}
    tag = settings.get("tag") if isinstance(settings, dict) else None
    return str(tag) if isinstance(tag, str) and tag.isprintable() else ""
