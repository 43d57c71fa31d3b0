"""Corruptions of time: frames are frozen, lost, put in another order, or shown at a lower rate.

Strengths are shares of a clip's frames, rounded to whole frames. Which frames are hit at one severity are hit at every
higher one.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from auxjepa.data.corruptions.corruption import Clip, Corruption


def freeze(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    """The picture stands still from a random moment on, for a share of the clip, and goes on as if it had not."""
    frames = len(clip)
    most = _count(FREEZE[-1], frames)
    length = min(_count(strength, frames), frames - 1)
    start = 1 + int(rng.integers(0, max(1, frames - most)))
    shown = np.arange(frames)
    shown[start : start + length] = start - 1
    return clip[shown]


def drop(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    """Random frames are black; one at least is left."""
    out = clip.copy()
    out[rng.permutation(len(clip))[: min(_count(strength, len(clip)), len(clip) - 1)]] = 0
    return out


def shuffle(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    """A random share of the frames change places with one another; none of them stays where it was."""
    chosen = rng.permutation(len(clip))[: _count(strength, len(clip))]
    shown = np.arange(len(clip))
    shown[chosen] = np.roll(chosen, 1)
    return clip[shown]


def reverse(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    """A stretch in the middle, at last the whole clip, runs backwards."""
    frames = len(clip)
    length = _count(strength, frames)
    start = (frames - length) // 2
    shown = np.arange(frames)
    shown[start : start + length] = shown[start : start + length][::-1]
    return clip[shown]


def rate(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    """A lower frame rate: a share of the frames is skipped, those that are left are shown for longer. The clip's events
    keep their times."""
    return clip[kept(len(clip), len(clip) - _count(strength, len(clip)))]


def kept(frames: int, left: int) -> Int[np.ndarray, " F"]:
    """Which frame is shown at each time when ``left`` of them (at least one), spread evenly, are left."""
    left = max(1, left)
    first = np.arange(left) * frames // left
    return first[np.searchsorted(first, np.arange(frames), side="right") - 1]


def _count(share: float, frames: int) -> int:
    return int(share * frames + 0.5)


FREEZE = (0.125, 0.25, 0.375, 0.5, 0.625)
FRAMES = (
    Corruption("freeze", "a still picture for a while", "share of the frames", FREEZE, freeze, "frames"),
    Corruption("drop", "random frames black", "share of the frames", (0.125, 0.25, 0.375, 0.5, 0.625), drop, "frames"),
    Corruption(
        "shuffle", "frames change places", "share of the frames", (0.25, 0.4, 0.6, 0.8, 1.0), shuffle, "frames", True
    ),
    Corruption(
        "reverse",
        "a stretch runs backwards",
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
