"""``python:module:function``: an encoder that a function of the user returns.

The function takes no argument and returns an object: a torch module or another callable, with these attributes:

- ``frames``: frames of a clip; 0 if it reads pictures, and frames are encoded one by one.
- ``size``: pixel rows and columns.
- ``mean`` and ``std``: three numbers each, for pixels of 0 … 1.
- ``dim``: channels of a token.
- ``time_steps`` (optional, 1): time steps of the tokens of a clip.
- ``levels`` (optional, 1): levels that can be read. With more than one, the object is called with ``level=``.
- ``version`` (a text): required if the object has no ``state_dict``; change it when the features change.
- ``pretraining`` (optional): the data of its pretraining, a text.

It is called with normalised clips, float32 ``[B, 3, F, X, Y]`` (pictures: ``[B, 3, X, Y]``), and returns tokens
``[B, N, dim]`` in raster order with time first. Features ``[B, dim]`` are one token.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from auxjepa.config import ConfigError
from auxjepa.encoders.foreign.encoder_record import EncoderRecord, InputFormat, TokenLayout
from auxjepa.encoders.foreign.foreign_encoder import ForeignEncoder, Network
from auxjepa.plugins import interrupted_by_user, reason
from auxjepa.train.checkpoint import digest

REQUIRED = ("frames", "size", "mean", "std", "dim")


def open_python(source: str, name: str, device: torch.device) -> ForeignEncoder:
    """Return the encoder that a function returns.

    Args:
        source: the source with its prefix.
        name: ``module:function``. Modules are also looked for in the current folder.
        device: device of the network.

    Raises:
        ConfigError: if the function can't be called, or its object breaks the contract.
    """
    module_name, _, function_name = name.partition(":")
    if not module_name or not function_name:
        raise ConfigError(f"{source}: give python:MODULE:FUNCTION, for example python:my_encoders:small")
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        network = getattr(importlib.import_module(module_name), function_name)()
    except BaseException as error:
        if interrupted_by_user(error):
            raise
        raise ConfigError(f"{source}: can't be called: {reason(error)[:300]}") from error
    return wrap_object(source, network, device)


def wrap_object(source: str, network: Any, device: torch.device) -> ForeignEncoder:
    """Return an object of the user as an encoder.

    Args:
        source: name of the encoder.
        network: the object, see the module.
        device: device of the network.

    Raises:
        ConfigError: if the object breaks the contract.
    """
    fields: Any = network  # type checkers treat a callable as a function without attributes
    if not callable(network):
        raise ConfigError(f"{source}: must return a torch module or a callable, got {type(network).__name__}")
    if missing := [name for name in REQUIRED if not hasattr(network, name)]:
        needed = ", ".join(REQUIRED)
        raise ConfigError(f"{source}: {type(network).__name__} has no {', '.join(missing)}; it needs {needed}")
    levels, steps = getattr(network, "levels", 1), getattr(network, "time_steps", 1)
    for name, value, least in (
        ("frames", fields.frames, 0),
        ("size", fields.size, 1),
        ("dim", fields.dim, 1),
        ("levels", levels, 1),
        ("time_steps", steps, 1),
    ):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ConfigError(f"{source}: {name} must be a whole number of {least} or more, got {value!r}")
    mean, std = _triple(source, "mean", network), _triple(source, "std", network)
    if min(std) <= 0:
        raise ConfigError(f"{source}: std must be above 0, got {fields.std!r}")
    form = InputFormat(frames=fields.frames, size=fields.size, mean=mean, std=std)
    weights = _weights(source, network)
    if isinstance(network, nn.Module):
        network = network.eval().requires_grad_(False).to(device)
    tokens_of = _reader(source, network, form, levels)
    layout = _layout(source, tokens_of, form, steps if form.frames else 0, device)
    parameters = network.parameters() if isinstance(network, nn.Module) else ()
    record = EncoderRecord(
        source=source,
        network=f"{type(network).__module__}.{type(network).__qualname__} {_source_digest(network)}",
        parameters=sum(one.numel() for one in parameters),
        dim=fields.dim,
        levels=levels,
        weights=weights,
        input=form,
        tokens=layout,
        pretraining=str(getattr(network, "pretraining", "")),
    )
    return ForeignEncoder(record, tokens_of, device)


def _triple(source: str, name: str, network: Any) -> Any:
    value = getattr(network, name)
    try:
        numbers = tuple(float(one) for one in value)
    except (TypeError, ValueError):
        numbers = ()
    if len(numbers) != 3 or not all(torch.tensor(numbers).isfinite()):
        raise ConfigError(f"{source}: {name} must be three numbers, got {value!r}")
    return numbers


def _weights(source: str, network: Any) -> str:
    """Return the digest of the weights, or of the version of an object without weights."""
    if callable(getattr(network, "state_dict", None)):
        return digest({name: one for name, one in network.state_dict().items() if isinstance(one, Tensor)})
    version = getattr(network, "version", None)
    if not isinstance(version, str) or not version:
        raise ConfigError(f"{source}: has no state_dict, so it needs a text `version` that changes with its features")
    return hashlib.sha256(version.encode()).hexdigest()[:16]


def _source_digest(network: Any) -> str:
    """Return a digest of the file that defines an object's class or function; '' if there is none."""
    try:
        path = inspect.getsourcefile(network if inspect.isroutine(network) else type(network))
        return "" if path is None else hashlib.sha256(Path(path).read_bytes()).hexdigest()[:8]
    except (OSError, TypeError):
        return ""


def _reader(source: str, network: Any, form: InputFormat, levels: int) -> Network:
    def read(pixels: Tensor, level: int) -> Tensor:
        clips = pixels.transpose(1, 2).contiguous() if form.frames else pixels
        try:
            tokens = network(clips) if levels == 1 else network(clips, level=level)
        except Exception as error:
            raise ConfigError(f"{source}: failed on {list(clips.shape)}: {reason(error)[:300]}") from error
        if not isinstance(tokens, Tensor) or tokens.ndim not in (2, 3):
            shape = list(tokens.shape) if isinstance(tokens, Tensor) else type(tokens).__name__
            raise ConfigError(f"{source}: must return tokens [B, N, dim] or features [B, dim], got {shape}")
        return tokens[:, None] if tokens.ndim == 2 else tokens

    return read


def _layout(source: str, read: Network, form: InputFormat, steps: int, device: torch.device) -> TokenLayout:
    """Return the layout of the tokens, from those of one black clip; tokens that are no square are one row."""
    shape = (1, form.frames, 3, form.size, form.size) if form.frames else (1, 3, form.size, form.size)
    with torch.no_grad():
        count = read(torch.zeros(shape, device=device), -1).shape[1]
    sites, left = divmod(count, steps or 1)
    if left or not sites:
        raise ConfigError(f"{source}: {count} tokens can't be divided into {steps} time steps")
    side = round(sites**0.5)
    rows = side if side * side == sites else 1
    return TokenLayout(steps=steps, rows=rows, columns=sites // rows)
