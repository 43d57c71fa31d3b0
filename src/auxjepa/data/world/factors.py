"""What happens in a clip of the synthetic world: factors, nuisances, and how they are drawn.

Motion and temporal order have clips of their own, as in the study's data sets: in ``motion`` clips a sprite travels and
turns (the role of UCF-101 and Diving-48), in ``order`` clips it rests and things happen to it one after the other (the
role of Something-Something V2), ``images`` are still (the role of ImageNet-100). A ``mixture`` takes turns between
motion and order. Within a role, factors are independent and uniform. No frame alone tells a temporal factor:

* the sprite moves on a torus from a uniform start, so its position is uniform at every time, whatever the direction;
* every shape has the same area and every texture the same mean brightness, so with the uniform position the mean image
  is the same in every class, and no linear probe on pixels can do better than a constant;
* the initial angle is uniform;
* what happens in an order clip steps around rings from a uniform start (see :func:`order_looks`); all orders show
  the same set of frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float, Int

from auxjepa.data.world.sprites import SHAPES, TEXTURES

VERSION = 2
"""Raised whenever the same seed would give other pixels; part of every stream of random numbers."""

Split = Literal["pretrain", "train", "validation", "test"]
Role = Literal["mixture", "motion", "order", "images"]
SPLITS: tuple[Split, ...] = ("pretrain", "train", "validation", "test")
ROLES: tuple[Role, ...] = ("mixture", "motion", "order", "images")

DIRECTIONS = ("right", "down-right", "down", "down-left", "left", "up-left", "up", "up-right")
PROFILES = ("constant", "accelerating", "decelerating")
SENSES = ("clockwise", "anticlockwise")
ORDERS = tuple(f"{a}, {b}, {c}" for a in ("warms", "cools") for b in ("grows", "shrinks") for c in ("warms", "cools"))
LEVELS = 4
QUARTERS = 4

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

MOTION_LABELS = ("direction", "fine_motion", "speed_profile", "rotation")
"""Labels that order clips don't have, as motion clips don't have ``order``: -1 there."""

IMAGE_CLASSES: dict[str, tuple[str, ...]] = {
    "image_class": tuple(f"{t} {s}" for s in _IMAGE_SHAPES for t in _IMAGE_TEXTURES)
}
"""Class names of the label column of images; no shape or texture is shared with clips."""


@dataclass(frozen=True, eq=False)
class Factors:
    """Factors and nuisances of ``n`` clips, one entry a clip. Lengths are shares of the frame's side, angles radians,
    brightness 0 to 1, positions (row, column).

    ``still`` clips (images) show one moment: no motion, no turn, no event. Draw shifted worlds with
    :func:`dataclasses.replace`: every field may be set freely.
    """

    shape: Int[np.ndarray, " n"]  # index into SHAPES
    texture: Int[np.ndarray, " n"]  # index into TEXTURES
    direction: Int[np.ndarray, " n"]
    speed_profile: Int[np.ndarray, " n"]
    rotation: Int[np.ndarray, " n"]
    order: Int[np.ndarray, " n"]
    moving: Bool[np.ndarray, " n"]  # a motion clip; else an order clip, whose factors of motion don't show
    phase: Int[np.ndarray, "n 2"]  # lower of the two levels of size and of light that an order clip shows
    position: Float[np.ndarray, "n 2"]  # centre in the first frame
    size: Float[np.ndarray, " n"]  # radius of the disc of the sprite's area
    angle: Float[np.ndarray, " n"]  # in the first frame
    travel: Float[np.ndarray, " n"]  # way from the first to the last frame
    turn: Float[np.ndarray, " n"]  # angle from the first to the last frame
    polarity: Int[np.ndarray, " n"]  # +1 lighter than the background, -1 darker
    contrast: Float[np.ndarray, " n"]
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
        columns = {name: derived[name] if name in derived else getattr(self, name) for name in CLASSES}
        for name in MOTION_LABELS:
            columns[name] = np.where(self.moving, columns[name], -1)
        columns["order"] = np.where(self.moving, -1, columns["order"])
        return {name: column for name, column in columns.items() if (column >= 0).any()}

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


def order_looks(order: Int[np.ndarray, " n"], phase: Int[np.ndarray, "n 2"]) -> Int[np.ndarray, "n 4 2"]:
    """Level (0 to 3) of size and of light in each quarter of the clip: one thing happens, then another, then a third.

    The light warms or cools within the first half, the sprite grows or shrinks between the halves, the light warms or
    cools within the second: a bit of ``order`` for each, first event first, 0 for warms and grows. Levels lie on rings:
    a step up from 3 leads to 0. A clip shows two neighbours on each ring, ``phase`` and ``phase + 1``, and all four
    pairs of them once. So every order shows the same set of looks, and as ``phase`` is uniform, every order shows each
    of the 16 looks equally often in each quarter: neither one frame nor a set of frames tells anything at all.
    """
    first, middle, last = order >> 2 & 1, order >> 1 & 1, order & 1
    size = np.stack([middle, middle, 1 - middle, 1 - middle], axis=1)
    light = np.stack([first, 1 - first, last, 1 - last], axis=1)
    return (phase[:, None] + np.stack([size, light], axis=2)) % LEVELS


def reverse(factors: Factors) -> Factors:
    """The factors of the same clips played backwards (noise apart): the map that no unordered set of frames can see."""
    heading = heading_of(factors.direction)
    sense, order = 1 - 2 * factors.rotation, factors.order
    moved = np.where(factors.moving, factors.travel, 0.0)
    turned = np.where(factors.moving, factors.turn, 0.0)
    return replace(
        factors,
        direction=(factors.direction + 4) % 8,
        speed_profile=np.array([0, 2, 1])[factors.speed_profile],
        rotation=1 - factors.rotation,
        order=7 - ((order & 1) << 2 | order & 2 | order >> 2),
        position=(factors.position + moved[:, None] * heading) % 1.0,
        angle=(factors.angle + sense * turned) % (2 * np.pi),
    )


def heading_of(direction: Int[np.ndarray, " n"]) -> Float[np.ndarray, "n 2"]:
    """Unit vector (row, column) of a direction; rows grow downwards."""
    angle = direction * (np.pi / 4)
    return np.stack([np.sin(angle), np.cos(angle)], axis=1)


_COLUMNS = 36  # random numbers a clip; a multiple of 4, the block of Philox, so that any clip can be reached at once


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
    """Clips ``start … start + count - 1`` of a split. Clip ``i`` depends on (seed, role, split, i) alone.

    Args:
        role: ``motion``, ``order``, ``mixture`` (even clips move, odd ones don't) or ``images``: still pictures with
            shapes and textures of their own on varied backgrounds.

    Raises:
        ValueError: for an unknown split or role, or a negative number.
    """
    if role not in ROLES:
        raise ValueError(f"role must be one of {', '.join(ROLES)}; got {role!r}")
    u = _uniform(role, split, count, seed, start)
    if role == "images":
        return _images(u)
    ranges = {"size": (0.22, 0.25), "background": (0.23, 0.33), "gradient": (0.0, 0.1), "ripple": (0.0, 0.0)}
    drawn = _draw(u, ranges)
    even = (start + np.arange(count)) % 2 == 0
    return Factors(
        shape=_pick(u[:, 0], len(_CLIP_SHAPES)),
        texture=_pick(u[:, 1], len(_CLIP_TEXTURES)),
        **drawn,
        moving={"motion": even | True, "order": even & False, "mixture": even}[role],
    )


def _images(u: Float[np.ndarray, "count 36"]) -> Factors:
    # As in ImageNet, the object fills much of the picture.
    ranges = {"size": (0.32, 0.38), "background": (0.2, 0.4), "gradient": (0.0, 0.2), "ripple": (0.0, 0.05)}
    drawn = _draw(u, ranges)
    return Factors(
        shape=len(_CLIP_SHAPES) + _pick(u[:, 0], len(_IMAGE_SHAPES)),
        texture=len(_CLIP_TEXTURES) + _pick(u[:, 1], len(_IMAGE_TEXTURES)),
        **drawn,
        moving=np.zeros(len(u), bool),
        still=True,
    )
