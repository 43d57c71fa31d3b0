"""Labels that are made from clips: which frames of a window a clip shows, and the class that follows from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

import numpy as np
from jaxtyping import Int

SPEEDS = (1, 2, 4)
"""Speeds of ``playback_speed`` by class number."""
SEGMENTS = 4
"""Segments of a clip of ``frame_order``."""
ORDERS = tuple(order for order in permutations(range(SEGMENTS)) if order < order[::-1])
"""Orders of segments of ``frame_order`` by class number; the reversed order is in the same class."""
Frames = Int[np.ndarray, "n F"]
Arrange = Callable[[Int[np.ndarray, " n"], Int[np.ndarray, " n"], int], Frames]
"""Function of class numbers, random bits (0 or 1) and the frames of a clip. It returns the frames of each clip, as
indices of the frames of its window."""


def balanced_classes(hashes: Sequence[str], classes: int) -> Int[np.ndarray, " n"]:
    """Return the class of each clip. The numbers of clips of two classes differ by at most one.

    Args:
        hashes: hash of each clip. Clips in the order of their hashes get the classes in turn.
        classes: number of classes.
    """
    out = np.empty(len(hashes), dtype=np.int64)
    out[np.argsort(hashes, kind="stable")] = np.arange(len(hashes)) % classes
    return out


def forward_or_backward(labels: Int[np.ndarray, " n"], bits: Int[np.ndarray, " n"], frames: int) -> Frames:
    """Return the frames in order for class 0 and in reverse order for class 1.

    Args:
        labels: class of each clip.
        bits: ignored.
        frames: frames of a clip.

    Source: Wei et al. 2018.
    """
    forward = np.arange(frames)
    return np.where(labels[:, None] == 1, forward[::-1], forward)


def at_speed(labels: Int[np.ndarray, " n"], bits: Int[np.ndarray, " n"], frames: int) -> Frames:
    """Return every first, second or fourth frame from the middle of a window of four times the length.

    Args:
        labels: class of each clip, an index into ``SPEEDS``.
        bits: ignored.
        frames: frames of a clip.

    Source: Benaim et al. 2020.
    """
    speed = np.array(SPEEDS, dtype=np.int64)[labels][:, None]
    length = SPEEDS[-1] * frames
    return (length - 1 - speed * (frames - 1)) // 2 + speed * np.arange(frames)


def in_order(labels: Int[np.ndarray, " n"], bits: Int[np.ndarray, " n"], frames: int) -> Frames:
    """Return the frames with four equal segments in the order of the class, or in its reverse where the bit is 1.

    Frames within a segment keep their order.

    Args:
        labels: class of each clip, an index into ``ORDERS``.
        bits: whether the order of segments is reversed.
        frames: frames of a clip, divisible by ``SEGMENTS``.

    Source: Lee et al. 2017; Xu et al. 2019.
    """
    order = np.array(ORDERS, dtype=np.int64)[labels]
    order = np.where(bits[:, None] == 1, order[:, ::-1], order)
    length = frames // SEGMENTS
    return (order[:, :, None] * length + np.arange(length)).reshape(len(labels), frames)


def unchanged(labels: Int[np.ndarray, " n"], bits: Int[np.ndarray, " n"], frames: int) -> Frames:
    """Return the frames in order.

    Args:
        labels: ignored, but for their number.
        bits: ignored.
        frames: frames of a clip.
    """
    return np.tile(np.arange(frames), (len(labels), 1))
