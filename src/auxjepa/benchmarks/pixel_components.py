"""Principal components of whole clips, for controls that read pixels without an encoder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

MOST_BYTES = 1 << 30
"""Largest number of bytes of the pixels of all clips in float32. Larger clips are reduced first."""
CLIPS_AT_ONCE = 32


def principal_components(
    clips: Sequence[Any], most: int
) -> tuple[list[Float[Tensor, "n C"]], dict[str, float | int | str]]:
    """Return coordinates of each split's clips along the principal directions of training clips, in ascending order.

    If the pixels of all clips need more than ``MOST_BYTES``, each clip is first reduced to means of square blocks.

    Args:
        clips: clips of each split as uint8 ``[n F X Y 3]``, the training clips first.
        most: largest number of components.

    Returns:
        The coordinates of each split, and the side of a block in pixels if clips are reduced.
    """
    block = block_side(sum(math.prod(part.shape) for part in clips), clips[0].shape)
    flat = [_flat(part, block) for part in clips]
    mean = flat[0].mean(dim=0)
    train = flat[0] - mean
    values, vectors = torch.linalg.eigh((train @ train.T).double())
    keep = max(1, min(most, len(train) - 1))
    directions = train.T @ (vectors[:, -keep:] / values[-keep:].clamp_min(1e-12).sqrt()).float()
    return [(part - mean) @ directions for part in flat], {"block": block} if block > 1 else {}


def block_side(values: int, shape: Sequence[int]) -> int:
    """Return the side of the blocks of pixels whose mean is used, so that all pixels need at most ``MOST_BYTES``.

    Args:
        values: number of values of all clips.
        shape: shape of the clips ``[n F X Y 3]``.
    """
    block = 1
    while 4 * values / block**2 > MOST_BYTES and 2 * (block + 1) <= min(shape[2], shape[3]):
        block += 1
    return block


def _flat(clips: Any, block: int) -> Float[Tensor, "n P"]:
    """Return the pixels of each clip, 0 to 1."""
    parts = []
    for start in range(0, len(clips), CLIPS_AT_ONCE):
        part = np.asarray(clips[start : start + CLIPS_AT_ONCE])
        pixels = torch.from_numpy(part.reshape(len(part), -1).astype(np.float32) / 255)
        if block > 1:
            frames = pixels.reshape(-1, *part.shape[2:]).permute(0, 3, 1, 2)
            pixels = F.avg_pool2d(frames, block).reshape(len(part), -1)
        parts.append(pixels)
    return torch.cat(parts)
