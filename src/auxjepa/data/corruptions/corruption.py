"""The record of a corruption, and how a corruption is applied to clips.

A corruption is a function of one clip, a strength and random numbers. The clip's pixels seed the random numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import UInt8

SEVERITIES = (1, 2, 3, 4, 5)
Clip = UInt8[np.ndarray, "F X Y 3"]


@dataclass(frozen=True)
class Corruption:
    """One kind of corruption at five severities.

    Args:
        name: name of the corruption.
        about: its effect, in one line.
        unit: unit of the strength.
        levels: strength at the severities 1 to 5.
        apply: function from (clip, strength, random numbers) to a new clip of the same shape.
        grows: quantity that never decreases with the severity: the ``error`` of the pixels, or the share of ``frames``
            that differ.
        reorders: whether frames change their order, so that labels of motion and order are no longer true.
    """

    name: str
    about: str
    unit: str
    levels: tuple[float, float, float, float, float]
    apply: Callable[[Clip, float, np.random.Generator], Clip]
    grows: Literal["error", "frames"] = "error"
    reorders: bool = False

    @property
    def stills(self) -> bool:
        """Return whether the corruption changes images."""
        return self.grows == "error"


def corrupt_with(
    corruption: Corruption, clips: UInt8[np.ndarray, "n F X Y 3"], severity: int, seed: int = 0
) -> UInt8[np.ndarray, "n F X Y 3"]:
    """Return corrupted copies of clips.

    The random numbers of a clip follow from (seed, name of the corruption, pixels of the clip). They don't depend on
    other clips. They are the same at every severity, so a higher severity has the same effect with more strength.

    Args:
        corruption: the corruption.
        clips: RGB pixels, uint8 ``[n, F, X, Y, 3]``.
        severity: 1 to 5; 0 changes nothing.
        seed: seed of the random numbers.

    Raises:
        ValueError: if the severity is outside 0 … 5.
    """
    if severity not in (0, *SEVERITIES):
        raise ValueError(f"{corruption.name}: severity must be 0 … {SEVERITIES[-1]}, got {severity}")
    out = clips.copy()
    if severity:
        strength = corruption.levels[severity - 1]
        for index, clip in enumerate(clips):
            out[index] = corruption.apply(clip, strength, seed_generator(clip, corruption.name, seed))
    return out


def seed_generator(clip: Clip, name: str, seed: int) -> np.random.Generator:
    """Return the random numbers of a clip.

    Args:
        clip: RGB pixels of one clip.
        name: name of the corruption.
        seed: seed of all clips.
    """
    digest = hashlib.blake2b(np.ascontiguousarray(clip).tobytes(), digest_size=16, person=name.encode()[:16]).digest()
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, int.from_bytes(digest)])))
