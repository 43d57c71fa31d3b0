"""Corruptions of time: frames are frozen, lost, reordered, or shown at a lower rate.

Strengths are shares of a clip's frames, rounded to a number of frames. A frame that changes at one severity also
changes at every higher severity.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from auxjepa.data.corruptions.corruption import Clip, Corruption


def freeze(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    """Repeat one frame from a random time on for a share of the clip; later frames stay unchanged."""
    frames = len(clip)
    most = _count(FREEZE[-1], frames)
    length = min(_count(strength, frames), frames - 1)
    start = 1 + int(rng.integers(0, max(1, frames - most)))
    sources = np.arange(frames)
    sources[start : start + length] = start - 1
    return clip[sources]


def drop(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    """Make random frames black, except for at least one."""
    out = clip.copy()
    out[rng.permutation(len(clip))[: min(_count(strength, len(clip)), len(clip) - 1)]] = 0
    return out


def shuffle(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    """Exchange the positions of a random share of the frames; each of them gets another position."""
    selected = rng.permutation(len(clip))[: _count(strength, len(clip))]
    sources = np.arange(len(clip))
    sources[selected] = np.roll(selected, 1)
    return clip[sources]


def reverse(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    """Reverse a part in the middle of the clip; at the highest severity, the complete clip."""
    frames = len(clip)
    length = _count(strength, frames)
    start = (frames - length) // 2
    sources = np.arange(frames)
    sources[start : start + length] = sources[start : start + length][::-1]
    return clip[sources]


def rate(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    """Lower the frame rate: skip a share of the frames and show the others for longer.

    The events of the clip keep their times.
    """
    return clip[hold_frames(len(clip), len(clip) - _count(strength, len(clip)))]


def hold_frames(frames: int, remaining: int) -> Int[np.ndarray, " F"]:
    """Return the number of the frame that is shown at each time at a lower frame rate, int ``[F]``.

    Args:
        frames: frames of the clip.
        remaining: frames that are not skipped, at equal distances; at least one frame stays.
    """
    remaining = max(1, remaining)
    first = np.arange(remaining) * frames // remaining
    return first[np.searchsorted(first, np.arange(frames), side="right") - 1]


def _count(share: float, frames: int) -> int:
    return int(share * frames + 0.5)


FREEZE = (0.125, 0.25, 0.375, 0.5, 0.625)
FRAMES = (
    Corruption("freeze", "one frame is repeated", "share of the frames", FREEZE, freeze, "frames"),
    Corruption("drop", "random frames black", "share of the frames", (0.125, 0.25, 0.375, 0.5, 0.625), drop, "frames"),
    Corruption(
        "shuffle", "frames change positions", "share of the frames", (0.25, 0.4, 0.6, 0.8, 1.0), shuffle, "frames", True
    ),
    Corruption(
        "reverse",
        "a part runs backwards",
        "share of the frames",
        (0.25, 0.5, 0.6, 0.8, 1.0),
        reverse,
        "frames",
        True,
    ),
    Corruption(
        "rate", "a lower frame rate", "share of the frames skipped", (0.125, 0.25, 0.375, 0.5, 0.625), rate, "frames"
    ),
)
