"""What happens in a clip of the synthetic world: factors, nuisances, and how they are drawn.

Every clip has every factor, drawn independently and uniformly, so that one set of clips serves all benchmarks.
No frame alone tells a temporal factor:

* the sprite moves on a torus from a uniform start, so its position is uniform at every time, whatever the direction;
* every shape has the same area and every texture the same mean brightness, so with the uniform position the mean image
  is the same in every class, and no linear probe on pixels can do better than a constant;
* the initial angle is uniform;
* temporal order steps around a ring of five depths from a uniform start (see :func:`order_states`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Int

from auxjepa.data.world.sprites import SHAPES, TEXTURES

VERSION = 1
"""Raised whenever the same seed would give other pixels; part of every stream of random numbers."""

Split = Literal["pretrain", "train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("pretrain", "train", "validation", "test")

DIRECTIONS = ("right", "down-right", "down", "down-left", "left", "up-left", "up", "up-right")
PROFILES = ("constant", "accelerating", "decelerating")
SENSES = ("clockwise", "anticlockwise")
_STEPS = ("nearer", "farther")
ORDERS = tuple(f"{a}, {b}, {c}" for a in _STEPS for b in _STEPS for c in _STEPS)
DEPTHS = 5
SLOTS = 4

_CLIP_SHAPES, _CLIP_TEXTURES = tuple(SHAPES)[:5], tuple(TEXTURES)[:4]
_IMAGE_SHAPES, _IMAGE_TEXTURES = tuple(SHAPES)[5:], tuple(TEXTURES)[4:]

CLASSES: dict[str, tuple[str, ...]] = {
    "appearance": tuple(f"{t} {s}" for s in _CLIP_SHAPES for t in _CLIP_TEXTURES),
    "shape": _CLIP_SHAPES,
    "texture": _CLIP_TEXTURES,
    "direction": DIRECTIONS,
    "fine_motion": tuple(f"{d}, {p}, {r}" for d in DIRECTIONS for p in PROFILES for r in SENSES),
    "speed_profile": PROFILES,
    "rotation": SENSES,
    "order": ORDERS,
}
"""Class names of every label column of a clip, in the order of the class numbers."""

IMAGE_CLASSES: dict[str, tuple[str, ...]] = {
    "image_class": tuple(f"{t} {s}" for s in _IMAGE_SHAPES for t in _IMAGE_TEXTURES)
}
"""Class names of the label column of images; no shape or texture is shared with clips."""


@dataclass(frozen=True, eq=False)
class Factors:
    """Factors and nuisances of ``n`` clips, one entry a clip. Lengths are shares of the frame's side, angles radians,
    brightness 0 to 1, positions (row, column).

    ``still`` clips (images) show one moment: no motion, no turn, no flicker, the middle depth. Draw shifted worlds with
    :func:`dataclasses.replace`: every field may be set freely.
    """

    shape: Int[np.ndarray, " n"]  # index into SHAPES
    texture: Int[np.ndarray, " n"]  # index into TEXTURES
    direction: Int[np.ndarray, " n"]
    speed_profile: Int[np.ndarray, " n"]
    rotation: Int[np.ndarray, " n"]
    order: Int[np.ndarray, " n"]
    depth: Int[np.ndarray, " n"]  # first of the four neighbouring depths that the clip visits
    position: Float[np.ndarray, "n 2"]  # centre in the first frame
    size: Float[np.ndarray, " n"]  # radius of the disc of the sprite's area
    angle: Float[np.ndarray, " n"]  # in the first frame
    travel: Float[np.ndarray, " n"]  # way from the first to the last frame
    turn: Float[np.ndarray, " n"]  # angle from the first to the last frame
    polarity: Int[np.ndarray, " n"]  # +1 lighter than the background, -1 darker
    contrast: Float[np.ndarray, " n"]
    flicker: Float[np.ndarray, "n 4"]  # relative deviation of contrast in each quarter of the clip
    tint: Float[np.ndarray, "n 3"]  # relative, sums to 0 over the colours
    background: Float[np.ndarray, "n 3"]  # level in the centre
    gradient: Float[np.ndarray, "n 2"]  # change of level from edge to edge along (row, column)
    ripple: Float[np.ndarray, "n 4"]  # a wave on the background: amplitude, periods along (row, column), phase
    noise: Float[np.ndarray, " n"]  # standard deviation a pixel and frame
    noise_seed: Int[np.ndarray, " n"]
    still: bool = False

    def __len__(self) -> int:
        return len(self.shape)

    def __getitem__(self, index: slice | Int[np.ndarray, " m"]) -> Factors:
        """Some of the clips."""
        return replace(self, **{name: array[index] for name, array in self._arrays().items()})

    def _arrays(self) -> dict[str, np.ndarray]:
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "still"}

    def labels(self) -> dict[str, Int[np.ndarray, " n"]]:
        """Every label column by name, class numbers as in :data:`CLASSES` (clips) or :data:`IMAGE_CLASSES` (images)."""
        if self.still:
            shape, texture = self.shape - len(_CLIP_SHAPES), self.texture - len(_CLIP_TEXTURES)
            return {"image_class": shape * len(_IMAGE_TEXTURES) + texture}
        fine = (self.direction * len(PROFILES) + self.speed_profile) * len(SENSES) + self.rotation
        derived = {"appearance": self.shape * len(_CLIP_TEXTURES) + self.texture, "fine_motion": fine}
        return {name: derived[name] if name in derived else getattr(self, name) for name in CLASSES}

    def nuisances(self) -> dict[str, np.ndarray]:
        """Everything random that is no label, as flat columns (``position_0`` …)."""
        columns: dict[str, np.ndarray] = {}
        for name, array in self._arrays().items():
            if name not in CLASSES and name != "noise_seed":
                parts = (
                    {name: array} if array.ndim == 1 else {f"{name}_{k}": array[:, k] for k in range(array.shape[1])}
                )
                columns |= parts
        return columns


def order_states(order: Int[np.ndarray, " n"], depth: Int[np.ndarray, " n"]) -> Int[np.ndarray, "n 4"]:
    """At which of the five depths (0 far … 4 near) the sprite is in each quarter of the clip.

    Depths lie on a ring: a step nearer than the nearest leads to the farthest. The clip visits four neighbours on the
    ring, ``depth … depth + 3``, each once: two neighbours in the first half, the other two in the second. The three
    bits of ``order`` say of the first step, of the middle one (from half to half) and of the last whether it goes
    nearer (0) or farther (1) around the ring. All eight orders visit the same depths, so the set of them tells
    nothing; ``depth`` is uniform, so the depth at a given time tells nothing either.
    """
    first, middle, last = (order >> 2) & 1, (order >> 1) & 1, order & 1
    early, late = 2 * middle, 2 - 2 * middle
    offsets = np.stack([early + first, early + 1 - first, late + last, late + 1 - last], axis=1)
    return (depth[:, None] + offsets) % DEPTHS


def reverse(factors: Factors) -> Factors:
    """The factors of the same clips played backwards (noise apart): the map that no unordered set of frames can see."""
    heading = heading_of(factors.direction)
    sense = 1 - 2 * factors.rotation
    order = factors.order
    return replace(
        factors,
        direction=(factors.direction + 4) % 8,
        speed_profile=np.array([0, 2, 1])[factors.speed_profile],
        rotation=1 - factors.rotation,
        order=7 - (((order & 1) << 2) | (order & 2) | (order >> 2)),
        flicker=factors.flicker[:, ::-1],
        position=(factors.position + factors.travel[:, None] * heading) % 1.0,
        angle=(factors.angle + sense * factors.turn) % (2 * np.pi),
    )


def heading_of(direction: Int[np.ndarray, " n"]) -> Float[np.ndarray, "n 2"]:
    """Unit vector (row, column) of a direction; rows grow downwards."""
    angle = direction * (np.pi / 4)
    return np.stack([np.sin(angle), np.cos(angle)], axis=1)


_COLUMNS = 32  # random numbers a clip; a multiple of 4, the block of Philox, so that any clip can be reached at once


def _uniform(role: str, split: str, count: int, seed: int, start: int) -> Float[np.ndarray, "count 32"]:
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}; got {split!r}")
    if count < 0 or start < 0 or seed < 0:
        raise ValueError(f"count, start and seed must not be negative; got {count}, {start}, {seed}")
    stream = np.random.SeedSequence([seed, SPLITS.index(split), ("clips", "images").index(role), VERSION])
    bits = np.random.Philox(stream)
    bits.advance(start * _COLUMNS // 4)
    return np.random.Generator(bits).random((count, _COLUMNS))


def _between(u: np.ndarray, low: float, high: float) -> np.ndarray:
    return low + (high - low) * u


def _pick(u: np.ndarray, classes: int) -> np.ndarray:
    return (u * classes).astype(np.int64)


def _tint(u: np.ndarray, strength: float) -> np.ndarray:
    """Random relative RGB offsets of a given strength at most that sum to 0, from two uniform numbers."""
    hue = 2 * np.pi * u[:, :1] + np.array([0, 2, 4]) * (np.pi / 3)
    return strength * np.sqrt(u[:, 1:]) * np.cos(hue)


def _draw(u: np.ndarray, ranges: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    """Factors and nuisances from uniform numbers; each column feeds one quantity, for good."""
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
        "depth": _pick(u[:, 6], DEPTHS),
        "position": u[:, 7:9].copy(),
        "size": _between(u[:, 9], 0.20, 0.24),
        "angle": 2 * np.pi * u[:, 10],
        "travel": _between(u[:, 13], 0.36, 0.46),
        "turn": np.deg2rad(_between(u[:, 14], 110.0, 150.0)),
        "polarity": np.ones(len(u), np.int64),  # column 11 is kept for worlds with dark sprites
        "contrast": _between(u[:, 12], 0.20, 0.25),
        "tint": _tint(u[:, 15:17], 0.12),
        "background": _between(u[:, 17], *ranges["background"])[:, None] * (1 + _tint(u[:, 20:22], 0.03)),
        "gradient": slope[:, None] * np.stack([np.sin(direction), np.cos(direction)], axis=1),
        "ripple": np.stack(ripple, axis=1),
        "flicker": _between(u[:, 28:32], -0.1, 0.1),
        "noise": _between(u[:, 26], 0.01, 0.03),
        "noise_seed": (u[:, 27] * 2**53).astype(np.int64),
    }


def sample(split: str, count: int, seed: int = 0, start: int = 0) -> Factors:
    """Clips ``start … start + count - 1`` of a split. Clip ``i`` depends on (seed, split, i) alone.

    Raises:
        ValueError: for an unknown split or a negative number.
    """
    u = _uniform("clips", split, count, seed, start)
    drawn = _draw(u, {"background": (0.33, 0.43), "gradient": (0.0, 0.1), "ripple": (0.0, 0.0)})
    return Factors(shape=_pick(u[:, 0], len(_CLIP_SHAPES)), texture=_pick(u[:, 1], len(_CLIP_TEXTURES)), **drawn)


def sample_images(split: str, count: int, seed: int = 0, start: int = 0) -> Factors:
    """Still pictures with shapes and textures of their own on varied backgrounds: the role of ImageNet-100.

    Raises:
        ValueError: for an unknown split or a negative number.
    """
    u = _uniform("images", split, count, seed, start)
    drawn = _draw(u, {"background": (0.25, 0.5), "gradient": (0.0, 0.3), "ripple": (0.0, 0.1)})
    return Factors(
        shape=len(_CLIP_SHAPES) + _pick(u[:, 0], len(_IMAGE_SHAPES)),
        texture=len(_CLIP_TEXTURES) + _pick(u[:, 1], len(_IMAGE_TEXTURES)),
        **drawn,
        still=True,
    )
