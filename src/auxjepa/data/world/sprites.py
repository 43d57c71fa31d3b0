"""Shapes and textures of the world's sprites.

In sprite coordinates (u, v), every shape has the area of the unit disc, and its centroid is the origin. A shape is a
signed distance, negative inside. A texture is a brightness between -1 and 1. Both are functions of coordinate arrays,
so a sprite can be drawn at any size without aliasing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from jaxtyping import Float

Plane = Float[np.ndarray, "*grid"]
Shape = Callable[[np.ndarray, np.ndarray], np.ndarray]
Texture = Callable[[np.ndarray, np.ndarray], np.ndarray]


def _box(u: np.ndarray, v: np.ndarray, half_u: float, half_v: float) -> np.ndarray:
    return np.maximum(np.abs(u) - half_u, np.abs(v) - half_v)


def _triangle(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.maximum(v, np.maximum(0.866 * u, -0.866 * u) - 0.5 * v) - 0.5


def _square(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return _box(u, v, 1.0, 1.0)


def _cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.minimum(_box(u, v, 1.0, 0.33), _box(u, v, 0.33, 1.0))


def _crescent(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.maximum(np.hypot(u, v) - 1.0, 0.65 - np.hypot(u - 0.6, v))


def _bar(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return _box(u, v, 1.0, 0.4)


def _disc(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.hypot(u, v) - 1.0


def _ring(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.abs(np.hypot(u, v) - 0.75) - 0.25


def _star(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    # The star has ten mirrored sectors. In each, a straight edge connects the tip (radius 1, angle 0) with the notch
    # (radius 0.45, angle 36 degrees).
    angle = np.abs((np.arctan2(u, v) + np.pi / 5) % (2 * np.pi / 5) - np.pi / 5)
    radius = np.hypot(u, v)
    along, across = radius * np.cos(angle), radius * np.sin(angle)
    notch = 0.45 * math.cos(math.pi / 5), 0.45 * math.sin(math.pi / 5)
    length = math.hypot(1 - notch[0], notch[1])
    return ((along - 1) * notch[1] + across * (1 - notch[0])) / length


def _tee(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.minimum(_box(u, v + 0.7, 1.0, 0.3), _box(u, v - 0.1, 0.3, 0.9))


def _half_disc(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.maximum(np.hypot(u, v) - 1.0, v)


def _plain(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.zeros_like(u)


def _stripes(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return 1.4 * np.sin(7.0 * v)


def _checks(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return 2.0 * np.sin(4.6 * u) * np.sin(4.6 * v)


def _shade(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return 1.3 * u


def _dots(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return 1.4 * (np.cos(5.5 * u) + np.cos(5.5 * v) - 0.5)


def _rings(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return 1.4 * np.cos(6.5 * np.hypot(u, v))


def _spokes(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return 2.0 * np.sin(4.0 * np.arctan2(v, u))


def _waves(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return 1.4 * np.sin(6.5 * v + 1.6 * np.sin(4.0 * u))


SHAPES: dict[str, Shape] = {
    "triangle": _triangle,
    "square": _square,
    "cross": _cross,
    "crescent": _crescent,
    "bar": _bar,
    "disc": _disc,
    "ring": _ring,
    "star": _star,
    "tee": _tee,
    "half-disc": _half_disc,
}
"""Signed distances by name. Clips use the first five, which all look different after a turn; images use the others."""

TEXTURES: dict[str, Texture] = {
    "plain": _plain,
    "stripes": _stripes,
    "checks": _checks,
    "shade": _shade,
    "dots": _dots,
    "rings": _rings,
    "spokes": _spokes,
    "waves": _waves,
}
"""Brightness patterns by name. Clips use the first four; images use the others."""


@cache
def _frame(name: str) -> tuple[float, float, float]:
    """Return scale and centroid (u, v) of a shape's function, by quadrature on a grid of step 0.005."""
    axis = np.arange(-1.6, 1.6, 0.005) + 0.0025
    u, v = np.meshgrid(axis, axis, indexing="ij")
    inside = SHAPES[name](u, v) < 0
    return float(np.sqrt(inside.sum() * 0.005**2 / np.pi)), float(u[inside].mean()), float(v[inside].mean())


def distance(name: str, u: Plane, v: Plane) -> Plane:
    """Return the signed distance to the outline of a shape, negative inside.

    The unit is the radius of the disc with the shape's area.

    Args:
        name: name of the shape.
        u: first sprite coordinate, any shape.
        v: second sprite coordinate, same shape.
    """
    scale, centre_u, centre_v = _frame(name)
    return SHAPES[name](u * scale + centre_u, v * scale + centre_v) / scale


@cache
def _mean(texture: str, shape: str) -> float:
    """Return the mean of a texture over a shape, by quadrature."""
    axis = np.arange(-1.8, 1.8, 0.01)
    u, v = np.meshgrid(axis, axis, indexing="ij")
    return float(np.clip(TEXTURES[texture](u, v), -1, 1)[distance(shape, u, v) < 0].mean())


def brightness(texture: str, shape: str, u: Plane, v: Plane) -> Plane:
    """Return the texture minus its mean over the shape, so that all textures are equally bright.

    Args:
        texture: name of the texture.
        shape: name of the shape.
        u: first sprite coordinate, any shape.
        v: second sprite coordinate, same shape.
    """
    return np.clip(TEXTURES[texture](u, v), -1, 1) - _mean(texture, shape)
