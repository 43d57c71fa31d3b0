"""Sources of encoders: a run folder, ``run:``, ``hf:``, ``timm:`` and ``python:``."""

from __future__ import annotations

from pathlib import Path

import torch

from auxjepa.config import ConfigError
from auxjepa.devices import open_device
from auxjepa.encoders.foreign.encoder_of_run import EncoderOfRun
from auxjepa.encoders.foreign.foreign_encoder import ForeignEncoder
from auxjepa.encoders.foreign.huggingface import open_huggingface
from auxjepa.encoders.foreign.python_function import open_python
from auxjepa.encoders.foreign.timm_model import open_timm

OPENERS = {"hf": open_huggingface, "timm": open_timm, "python": open_python}
"""Functions that open an encoder from elsewhere, by the prefix of its source."""
RUN = "run"


def is_foreign(source: str) -> bool:
    """Check whether a source names an encoder from elsewhere; every other source is a run.

    Args:
        source: the source.
    """
    kind, separator, _ = source.partition(":")
    return bool(separator) and kind in OPENERS


def path_of_run(source: str) -> Path:
    """Return the path of a run folder or checkpoint, without the prefix ``run:``.

    Args:
        source: the source.
    """
    kind, separator, rest = source.partition(":")
    return Path(rest if separator and kind == RUN and rest else source)


def short_name(source: str) -> str:
    """Return the name of an encoder in tables: prefix and last part of its name or path.

    Args:
        source: the source.
    """
    kind, separator, rest = source.partition(":")
    if not separator or kind not in (*OPENERS, RUN):
        kind, rest = RUN, source
    last = rest if kind in ("python", "timm") else Path(rest).expanduser().name or Path(rest).resolve().name
    return f"{kind}:{last or rest}"


def open_frozen(source: str, device: str | torch.device = "cpu") -> ForeignEncoder | EncoderOfRun:
    """Return a frozen encoder of any source.

    Args:
        source: ``run:DIR`` or a run folder, ``hf:NAME_OR_FOLDER``, ``timm:NAME``, ``python:MODULE:FUNCTION``.
        device: where features are computed.

    Raises:
        ConfigError: if the encoder can't be opened, or the device can't be used.
        CheckpointError: if a run has no readable checkpoint.
    """
    place = open_device(device)
    kind, _, rest = source.partition(":")
    if not is_foreign(source):
        return EncoderOfRun(source, path_of_run(source), place)
    if not rest:
        raise ConfigError(f"{source}: give a name after {kind}:")
    return OPENERS[kind](source, rest, place)
