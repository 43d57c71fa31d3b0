"""The factors and nuisances of clips of the synthetic world.

Motion and temporal order have separate clips, as in the study's data sets. In ``motion`` clips, a sprite travels and
turns (the role of UCF-101 and Diving-48). In ``order`` clips, it rests, and three events follow each other (the role of
Something-Something V2). ``images`` are still (the role of ImageNet-100). ``pictures`` are upright images whose
backgrounds have the ranges of clips. A ``mixture`` alternates between motion and order. Within a role, factors are
independent and uniform. A single frame shows no temporal factor:

* The sprite moves on a torus from a uniform start. Its position is therefore uniform at every time for every direction.
* Every shape has the same area, and every texture has the same mean brightness. With the uniform position, the mean
  image is therefore the same in every class, and no linear probe on pixels is better than a constant.
* The initial angle is uniform, except in ``pictures``.
* The events of an order clip are steps on rings from a uniform start (see :func:`order_looks`). All orders show the
  same set of frames.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int

from auxjepa.data.world.sprites import SHAPES, TEXTURES

VERSION = 2
"""The version increases if the same seed gives other pixels. It is a part of every stream of random numbers."""

Split = Literal["pretrain", "train", "validation", "test"]
Role = Literal["mixture", "motion", "order", "images", "pictures"]
SPLITS: tuple[Split, ...] = ("pretrain", "train", "validation", "test")
ROLES: tuple[Role, ...] = ("mixture", "motion", "order", "images", "pictures")
"""A role's index is a part of its stream of random numbers, so new roles come last."""
STILL_ROLES: tuple[Role, ...] = ("images", "pictures")
"""Roles of still images. Their files have one frame."""

DIRECTIONS = ("right", "down-right", "down", "down-left", "left", "up-left", "up", "up-right")
PROFILES = ("constant", "accelerating", "decelerating")
SENSES = ("clockwise", "anticlockwise")
ORDERS = tuple(f"{a}, {b}, {c}" for a in ("warms", "cools") for b in ("grows", "shrinks") for c in ("warms", "cools"))
LEVELS = 4
QUARTERS = 4

CLIP_SHAPES, CLIP_TEXTURES = tuple(SHAPES)[:5], tuple(TEXTURES)[:4]
IMAGE_SHAPES, IMAGE_TEXTURES = tuple(SHAPES)[5:], tuple(TEXTURES)[4:]

CLASSES: dict[str, tuple[str, ...]] = {
    "appearance": tuple(f"{t} {s}" for s in CLIP_SHAPES for t in CLIP_TEXTURES),
    "shape": CLIP_SHAPES,
    "texture": CLIP_TEXTURES,
    "direction": DIRECTIONS,
    "fine_motion": tuple(f"{d}, {p}, {r}" for d in DIRECTIONS for p in PROFILES for r in SENSES),
    "speed_profile": PROFILES,
    "rotation": SENSES,
    "order": ORDERS,
}
"""Class names of every label column of a clip, in the order of the class numbers."""

MOTION_LABELS = ("direction", "fine_motion", "speed_profile", "rotation")
"""Labels that are -1 in order clips. In motion clips, ``order`` is -1."""

IMAGE_CLASSES: dict[str, tuple[str, ...]] = {
    "image_class": tuple(f"{t} {s}" for s in IMAGE_SHAPES for t in IMAGE_TEXTURES)
}
"""Class names of the label column of images. Images and clips share no shape and no texture."""


@dataclass(frozen=True, eq=False)
class Factors:
    """Factors and nuisances of ``n`` clips.

    Lengths are shares of the frame's side, angles are radians, brightness is 0 to 1, and positions are (row, column).
    Every field may be replaced (:func:`dataclasses.replace`) to draw a shifted world.

    Args:
        shape: index into ``SHAPES``.
        texture: index into ``TEXTURES``.
        direction: index into ``DIRECTIONS``.
        speed_profile: index into ``PROFILES``.
        rotation: index into ``SENSES``.
        order: index into ``ORDERS``.
        moving: True for a motion clip, False for an order clip, which doesn't show its factors of motion.
        phase: lower of the two levels of size and of light that an order clip shows.
        position: centre of the sprite in the first frame.
        size: radius of a disc with the sprite's area.
        angle: angle of the sprite in the first frame.
        travel: distance from the first to the last frame.
        turn: angle from the first to the last frame.
        polarity: +1 for a sprite lighter than the background, -1 for a darker one.
        contrast: difference in brightness between sprite and background.
        tint: relative offset of each colour of the sprite; the sum over the colours is 0.
        background: level in the centre by colour.
        gradient: change of the level from edge to edge along (row, column).
        ripple: a wave on the background: amplitude, periods along rows and along columns, phase.
        noise: standard deviation of each pixel in each frame.
        noise_seed: seed of the noise.
        still: whether the clips are images, which show one moment without motion, turn or event.
    """

    shape: Int[np.ndarray, " n"]
    texture: Int[np.ndarray, " n"]
    direction: Int[np.ndarray, " n"]
    speed_profile: Int[np.ndarray, " n"]
    rotation: Int[np.ndarray, " n"]
    order: Int[np.ndarray, " n"]
    moving: Bool[np.ndarray, " n"]
    phase: Int[np.ndarray, "n 2"]
    position: Float[np.ndarray, "n 2"]
    size: Float[np.ndarray, " n"]
    angle: Float[np.ndarray, " n"]
    travel: Float[np.ndarray, " n"]
    turn: Float[np.ndarray, " n"]
    polarity: Int[np.ndarray, " n"]
    contrast: Float[np.ndarray, " n"]
    tint: Float[np.ndarray, "n 3"]
    background: Float[np.ndarray, "n 3"]
    gradient: Float[np.ndarray, "n 2"]
    ripple: Float[np.ndarray, "n 4"]
    noise: Float[np.ndarray, " n"]
    noise_seed: Int[np.ndarray, " n"]
    still: bool = False

    def __len__(self) -> int:
        return len(self.shape)

    def __getitem__(self, index: slice | Int[np.ndarray, " m"]) -> Factors:
        """Return the factors of some of the clips."""
        return replace(self, **{name: array[index] for name, array in self._arrays().items()})

    def _arrays(self) -> dict[str, np.ndarray]:
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "still"}

    def labels(self) -> dict[str, Int[np.ndarray, " n"]]:
        """Return class numbers by label column, as in :data:`CLASSES` or, for images, :data:`IMAGE_CLASSES`."""
        if self.still:
            shape, texture = self.shape - len(CLIP_SHAPES), self.texture - len(CLIP_TEXTURES)
            return {"image_class": shape * len(IMAGE_TEXTURES) + texture}
        fine = (self.direction * len(PROFILES) + self.speed_profile) * len(SENSES) + self.rotation
        derived = {"appearance": self.shape * len(CLIP_TEXTURES) + self.texture, "fine_motion": fine}
        columns = {name: derived[name] if name in derived else getattr(self, name) for name in CLASSES}
        for name in MOTION_LABELS:
            columns[name] = np.where(self.moving, columns[name], -1)
        columns["order"] = np.where(self.moving, -1, columns["order"])
        return {name: column for name, column in columns.items() if (column >= 0).any()}

    def nuisances(self) -> dict[str, np.ndarray]:
        """Return all random quantities that are no labels, as flat columns (``position_0`` …)."""
        columns: dict[str, np.ndarray] = {}
        for name, array in self._arrays().items():
            if name not in CLASSES and name != "noise_seed":
                parts = (
                    {name: array} if array.ndim == 1 else {f"{name}_{k}": array[:, k] for k in range(array.shape[1])}
                )
                columns |= parts
        return columns


def order_looks(order: Int[np.ndarray, " n"], phase: Int[np.ndarray, "n 2"]) -> Int[np.ndarray, "n 4 2"]:
    """Return the level (0 to 3) of size and of light in each quarter of the clip.

    Three events happen. The light warms or cools within the first half. The sprite grows or shrinks between the halves.
    The light warms or cools within the second half. Each event is one bit of ``order``, the first event first, with 0
    for warms and grows. Levels are on rings: a step up from 3 leads to 0. A clip shows two neighbours on each ring,
    ``phase`` and ``phase + 1``, and each of their four pairs once. So every order shows the same set of looks. Because
    ``phase`` is uniform, every order shows each of the 16 looks equally often in each quarter. Neither one frame nor an
    unordered set of frames shows the order.

    Args:
        order: index into ``ORDERS``, int ``[n]``.
        phase: lower level of size and of light, int ``[n, 2]``.
    """
    first, middle, last = order >> 2 & 1, order >> 1 & 1, order & 1
    size = np.stack([middle, middle, 1 - middle, 1 - middle], axis=1)
    light = np.stack([first, 1 - first, last, 1 - last], axis=1)
    return (phase[:, None] + np.stack([size, light], axis=2)) % LEVELS


def reverse(factors: Factors) -> Factors:
    """Return the factors of the same clips played backwards, except for their noise.

    An unordered set of frames doesn't show the difference.
    """
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
    """Return the unit vector (row, column) of each direction; rows are counted downwards."""
    angle = direction * (np.pi / 4)
    return np.stack([np.sin(angle), np.cos(angle)], axis=1)
