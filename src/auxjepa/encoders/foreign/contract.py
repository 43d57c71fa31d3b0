"""The contract of encoders from elsewhere, as a function that tests one."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from auxjepa.encoders.foreign.foreign_encoder import FeaturesError, ForeignEncoder
from auxjepa.encoders.foreign.python_function import wrap_object
from auxjepa.encoders.foreign.source import open_frozen
from auxjepa.probes.frozen import FrozenEncoder

CLIPS, FRAMES = 3, 4
"""Clips of the check, and their frames if the encoder reads any number."""
TOLERANCE = 1e-3
"""Largest difference of a feature between two batches, relative to the largest feature."""


class EncoderContractError(AssertionError):
    """An encoder that breaks its contract; the message names the clause and the observed value."""


def check(which: Any, device: str = "cpu") -> None:
    """Check that an encoder keeps the contract.

    Its tokens have the shape ``[B, N, dim]`` and are finite at every level. They are the same when they are computed
    again, and don't depend on the other clips of a batch. Clips that differ have different tokens. The encoder doesn't
    change its input, and its features have no gradient.

    Args:
        which: a source as on the command line, an object as :mod:`auxjepa.encoders.foreign.python_function` describes
            it, or an open encoder.
        device: where features are computed.

    Raises:
        EncoderContractError: for the first broken clause.
        ConfigError: if the encoder can't be opened or read.
    """
    if isinstance(which, str):
        encoder: FrozenEncoder = open_frozen(which, device)
    elif isinstance(which, FrozenEncoder):
        encoder = which
    else:
        encoder = wrap_object(type(which).__name__, which, torch.device(device))
    frames = _frames(encoder)
    side = encoder.size or 32
    clips = np.random.default_rng(0).integers(0, 256, (CLIPS, frames, side, side, 3), dtype=np.uint8)
    before = clips.copy()
    for level in (-1, *range(encoder.levels)):
        _check_level(encoder, clips, level)
    if not np.array_equal(clips, before):
        raise EncoderContractError("it changes its input")


def _frames(encoder: FrozenEncoder) -> int:
    return encoder.record.input.frames or FRAMES if isinstance(encoder, ForeignEncoder) else FRAMES * 2


def _check_level(encoder: FrozenEncoder, clips: np.ndarray, level: int) -> None:
    where = f"at level {level}"
    try:
        tokens = encoder.encode(clips, level)
    except FeaturesError:
        raise EncoderContractError(f"its tokens aren't finite {where}") from None
    if tokens.requires_grad:
        raise EncoderContractError(f"its tokens have a gradient {where}, so it isn't frozen")
    if not torch.equal(tokens, encoder.encode(clips, level)):
        raise EncoderContractError(f"it returns other tokens for the same clips {where}; is it in evaluation mode?")
    alone = torch.cat([encoder.encode(clips[i : i + 1], level) for i in range(len(clips))])
    if _difference(tokens, alone) > TOLERANCE:
        raise EncoderContractError(
            f"tokens of a clip depend on the other clips of its batch {where}: they differ by "
            f"{_difference(tokens, alone):.2g} of the largest"
        )
    if _difference(tokens[:1], tokens[1:2]) == 0:
        raise EncoderContractError(f"two different clips have the same tokens {where}")


def _difference(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max() / a.abs().max().clamp_min(1e-12))
