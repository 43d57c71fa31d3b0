"""Corrupted clips for tests of robustness: ten kinds at five severities, each a pure function of a clip and a seed."""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt8

from auxjepa.config import ConfigError, hint
from auxjepa.data.corruptions.codec import CODEC
from auxjepa.data.corruptions.corruption import SEVERITIES, Corruption, corrupt_with
from auxjepa.data.corruptions.frames import FRAMES
from auxjepa.data.corruptions.pixels import PIXELS

CORRUPTIONS: dict[str, Corruption] = {one.name: one for one in (*PIXELS, *CODEC, *FRAMES)}

__all__ = ["CORRUPTIONS", "SEVERITIES", "Corruption", "corrupt"]


def corrupt(
    clips: UInt8[np.ndarray, "n F X Y 3"], kind: str, severity: int, seed: int = 0
) -> UInt8[np.ndarray, "n F X Y 3"]:
    """Corrupted copies of clips, of the same shape; severity 0 changes nothing. A clip's result depends on its pixels,
    the kind, the severity and the seed alone.

    Raises:
        ConfigError: for an unknown kind, with the nearest known one.
        ValueError: for a severity outside 0 … 5.
    """
    if kind not in CORRUPTIONS:
        raise ConfigError(f"unknown corruption {kind!r}{hint(kind, CORRUPTIONS)}")
    return corrupt_with(CORRUPTIONS[kind], clips, severity, seed)
