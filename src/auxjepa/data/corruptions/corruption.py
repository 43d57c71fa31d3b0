"""What a corruption is: a pure function of one clip, a severity and a stream of random numbers that the clip itself
seeds."""

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
        name: how it is called.
        about: what it does, in a line.
        levels: the strength at severities 1 to 5; ``unit`` says in what.
        apply: (clip, strength, random numbers) to a new clip of the same shape.
        grows: what doesn't fall with the severity: the pixels' ``error``, or the share of ``frames`` that differ.
        reorders: frames change places in time, so that labels of motion and order are no longer true of the clip.
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
        """Whether it means something for images."""
        return self.grows == "error"


def corrupt_with(
    corruption: Corruption, clips: UInt8[np.ndarray, "n F X Y 3"], severity: int, seed: int = 0
) -> UInt8[np.ndarray, "n F X Y 3"]:
    """Copies of clips, corrupted. Severity 0 changes nothing.

    Each clip's random numbers follow from (seed, the kind's name, the clip's own pixels), so that neither its place nor
    its neighbours matter, and are the same at every severity: what a severity does, a higher one does more strongly.

    Raises:
        ValueError: for a severity outside 0 … 5.
    """
    if severity not in (0, *SEVERITIES):
        raise ValueError(f"{corruption.name}: severity must be 0 … {SEVERITIES[-1]}, got {severity}")
    out = clips.copy()
    if severity:
        strength = corruption.levels[severity - 1]
        for place, clip in enumerate(clips):
            out[place] = corruption.apply(clip, strength, stream(clip, corruption.name, seed))
    return out


def stream(clip: Clip, name: str, seed: int) -> np.random.Generator:
    """Random numbers of a clip."""
    told = hashlib.blake2b(np.ascontiguousarray(clip).tobytes(), digest_size=16, person=name.encode()[:16])
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, int.from_bytes(told.digest())])))
