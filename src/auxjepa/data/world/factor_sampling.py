"""Draw the factors and nuisances of clips of the synthetic world from a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float

from auxjepa.data.world.factors import (
    CLIP_SHAPES,
    CLIP_TEXTURES,
    DIRECTIONS,
    IMAGE_SHAPES,
    IMAGE_TEXTURES,
    LEVELS,
    ORDERS,
    PROFILES,
    ROLES,
    SENSES,
    SPLITS,
    VERSION,
    Factors,
    Role,
)

# Random numbers for each clip: a multiple of 4, the block size of Philox, so that the generator can skip to any clip.
_COLUMNS = 36
BACKGROUND: Mapping[str, tuple[float, float]] = {
    "background": (0.23, 0.33),
    "gradient": (0.0, 0.1),
    "ripple": (0.0, 0.0),
}
"""Lowest and highest value of each property of the background of clips and pictures."""
TILT = np.pi / 10
"""Largest angle between a sprite in ``pictures`` and its upright position, in radians."""


def _uniform(role: Role, split: str, count: int, seed: int, start: int) -> Float[np.ndarray, "count 36"]:
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}; got {split!r}")
    if count < 0 or start < 0 or seed < 0:
        raise ValueError(f"count, start and seed must not be negative; got {count}, {start}, {seed}")
    stream = np.random.SeedSequence([seed, SPLITS.index(split), ROLES.index(role), VERSION])
    bits = np.random.Philox(stream)
    bits.advance(start * _COLUMNS // 4)
    return np.random.Generator(bits).random((count, _COLUMNS))


def _between(u: np.ndarray, low: float, high: float) -> np.ndarray:
    return low + (high - low) * u


def _pick(u: np.ndarray, classes: int) -> np.ndarray:
    return (u * classes).astype(np.int64)


def _tint(u: np.ndarray, strength: float) -> np.ndarray:
    """Return random relative RGB offsets that sum to 0.

    Args:
        u: uniform numbers ``[n, 2]``.
        strength: largest offset.
    """
    hue = 2 * np.pi * u[:, :1] + np.array([0, 2, 4]) * (np.pi / 3)
    return strength * np.sqrt(u[:, 1:]) * np.cos(hue)


def _draw(u: np.ndarray, ranges: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    """Return factors and nuisances from uniform numbers. The column of each quantity never changes.

    Args:
        u: uniform numbers ``[n, 36]``.
        ranges: lowest and highest value by quantity.
    """
    direction = 2 * np.pi * u[:, 19]
    slope = _between(u[:, 18], *ranges["gradient"])
    periods, wave = _between(u[:, 23], 0.5, 2.0), 2 * np.pi * u[:, 24]
    ripple = [
        _between(u[:, 22], *ranges["ripple"]),
        periods * np.sin(wave),
        periods * np.cos(wave),
        2 * np.pi * u[:, 25],
    ]
    return {
        "direction": _pick(u[:, 2], len(DIRECTIONS)),
        "speed_profile": _pick(u[:, 3], len(PROFILES)),
        "rotation": _pick(u[:, 4], len(SENSES)),
        "order": _pick(u[:, 5], len(ORDERS)),
        "phase": _pick(u[:, 32:34], LEVELS),
        "position": u[:, 7:9].copy(),
        "size": _between(u[:, 9], *ranges["size"]),
        "angle": 2 * np.pi * u[:, 10],
        "travel": _between(u[:, 13], 0.36, 0.46),
        "turn": np.deg2rad(_between(u[:, 14], 110.0, 150.0)),
        "polarity": np.ones(len(u), np.int64),
        "contrast": _between(u[:, 12], 0.28, 0.35),
        "tint": _tint(u[:, 15:17], 0.12),
        "background": _between(u[:, 17], *ranges["background"])[:, None] * (1 + _tint(u[:, 20:22], 0.03)),
        "gradient": slope[:, None] * np.stack([np.sin(direction), np.cos(direction)], axis=1),
        "ripple": np.stack(ripple, axis=1),
        "noise": _between(u[:, 26], 0.01, 0.03),
        "noise_seed": (u[:, 27] * 2**53).astype(np.int64),
    }


def sample(split: str, count: int, seed: int = 0, start: int = 0, role: Role = "mixture") -> Factors:
    """Return the factors of the clips ``start … start + count - 1`` of a split.

    Clip ``i`` depends only on (seed, role, split, i).

    Args:
        split: one of ``SPLITS``.
        count: number of clips.
        seed: seed of the world.
        start: number of the first clip.
        role: ``motion``, ``order``, ``mixture`` (clips with even numbers move, the others don't) or ``images`` (still
            pictures with separate shapes and textures on varied backgrounds), or ``pictures`` (upright images on the
            backgrounds of clips).

    Raises:
        ValueError: if the split or role is unknown, or a number is negative.
    """
    if role not in ROLES:
        raise ValueError(f"role must be one of {', '.join(ROLES)}; got {role!r}")
    u = _uniform(role, split, count, seed, start)
    if role == "images":
        return _images(u, {"background": (0.2, 0.4), "gradient": (0.0, 0.2), "ripple": (0.0, 0.05)})
    if role == "pictures":
        return replace(_images(u, BACKGROUND), angle=_between(u[:, 10], -TILT, TILT))
    drawn = _draw(u, {"size": (0.22, 0.25), **BACKGROUND})
    even = (start + np.arange(count)) % 2 == 0
    return Factors(
        shape=_pick(u[:, 0], len(CLIP_SHAPES)),
        texture=_pick(u[:, 1], len(CLIP_TEXTURES)),
        **drawn,
        moving={"motion": even | True, "order": even & False, "mixture": even}[role],
    )


def _images(u: Float[np.ndarray, "count 36"], background: Mapping[str, tuple[float, float]]) -> Factors:
    # The object fills much of the picture, as in ImageNet.
    drawn = _draw(u, {"size": (0.32, 0.38), **background})
    return Factors(
        shape=len(CLIP_SHAPES) + _pick(u[:, 0], len(IMAGE_SHAPES)),
        texture=len(CLIP_TEXTURES) + _pick(u[:, 1], len(IMAGE_TEXTURES)),
        **drawn,
        moving=np.zeros(len(u), bool),
        still=True,
    )
