"""The ten kinds of corruption by name, and the function that corrupts clips."""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt8

from auxjepa.config import ConfigError, hint
from auxjepa.data.corruptions.codec import CODEC
from auxjepa.data.corruptions.corruption import Corruption, corrupt_with
from auxjepa.data.corruptions.frames import FRAMES
from auxjepa.data.corruptions.pixels import PIXELS

CORRUPTIONS: dict[str, Corruption] = {corruption.name: corruption for corruption in (*PIXELS, *CODEC, *FRAMES)}


def corrupt(
    clips: UInt8[np.ndarray, "n F X Y 3"], kind: str, severity: int, seed: int = 0
) -> UInt8[np.ndarray, "n F X Y 3"]:
    """Return corrupted copies of clips. A copy depends only on the clip's pixels, the kind, the severity and the seed.

    Args:
        clips: RGB pixels, uint8 ``[n, F, X, Y, 3]``.
        kind: a name of ``CORRUPTIONS``.
        severity: 1 to 5; 0 changes nothing.
        seed: seed of the random numbers.

    Raises:
        ConfigError: if the kind is unknown; the message suggests the nearest kind.
        ValueError: if the severity is outside 0 … 5.
    """
    if kind not in CORRUPTIONS:
        raise ConfigError(f"unknown corruption {kind!r}{hint(kind, CORRUPTIONS)}")
    return corrupt_with(CORRUPTIONS[kind], clips, severity, seed)
