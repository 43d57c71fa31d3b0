"""Draw the pixels of the synthetic world from its factors with signed distances, at any size and number of frames."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, UInt8

from auxjepa.data.world import sprites
from auxjepa.data.world.factors import LEVELS, QUARTERS, Factors, heading_of, order_looks

SIZE_SWING = 1.28
"""Ratio of the sprite's size at the highest level to its normal size. The lowest level has the inverse ratio. The
ratios between the levels are equal."""
LIGHT_SWING = 0.10
"""Increase of the picture's brightness at the warmest light, and decrease at the coolest. The steps are equal."""
WARMTH_SWING = 0.08
"""Increase of red and decrease of blue at the warmest light, and the reverse at the coolest."""
TEXTURE_DEPTH = 0.6
"""Amplitude of a texture as a share of the contrast."""

_SHAPES, _TEXTURES = tuple(sprites.SHAPES), tuple(sprites.TEXTURES)


def render(factors: Factors, frames: int = 8, size: int = 32) -> UInt8[np.ndarray, "n {frames} {size} {size} 3"]:
    """Draw clips. Motion takes the complete clip for any number of frames.

    Args:
        factors: factors of ``n`` clips.
        frames: frames of a clip.
        size: side of a frame in pixels.

    Returns:
        RGB pixels, uint8 ``[n, frames, size, size, 3]``.

    Raises:
        ValueError: if frames or size is less than 1.
    """
    if frames < 1 or size < 1:
        raise ValueError(f"a clip needs at least 1 frame and 1 pixel, got {frames} frames of size {size}")
    out = np.empty((len(factors), frames, size, size, 3), np.uint8)
    chunk = max(1, 2**18 // (frames * size * size))  # arrays of about 1 MB fit into the processor's cache
    for first in range(0, len(factors), chunk):
        clips = slice(first, first + chunk)
        out[clips] = _draw(factors[clips], 1 if factors.still else frames, size)
    return out


def _draw(f: Factors, frames: int, size: int) -> np.ndarray:
    scene = trajectory(f, frames)
    row, column, angle, radius = (array.astype(np.float32) for array in scene[:4])
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size
    down = (axis - row[..., None] + 0.5) % 1.0 - 0.5
    right = (axis - column[..., None] + 0.5) % 1.0 - 0.5
    cos, sin = np.cos(angle) / radius, np.sin(angle) / radius
    u = (cos[..., None] * right)[..., None, :] + (sin[..., None] * down)[..., :, None]
    v = (cos[..., None] * down)[..., :, None] - (sin[..., None] * right)[..., None, :]
    pixels_a_unit = radius[..., None, None] * size
    level = np.empty_like(u)
    for shape, texture in {*zip(f.shape.tolist(), f.texture.tolist(), strict=True)}:
        clips = (f.shape == shape) & (f.texture == texture)
        clip_u, clip_v = u[clips], v[clips]
        cover = 0.5 - sprites.distance(_SHAPES[shape], clip_u, clip_v) * pixels_a_unit[clips]
        np.clip(cover, 0, 1, out=cover)
        pattern = sprites.brightness(_TEXTURES[texture], _SHAPES[shape], clip_u, clip_v)
        level[clips] = cover * (1 + TEXTURE_DEPTH * pattern)
    level *= (f.polarity * f.contrast).astype(np.float32)[:, None, None, None]
    colour = (1 + f.tint[:, None, None, None, :]).astype(np.float32)
    image = _background(f, size)[:, None] + _noise(f, frames, size) + level[..., None] * colour
    image += scene.light[:, :, None, None].astype(np.float32)
    return np.clip(255 * image + 0.5, 0, 255).astype(np.uint8)


class Trajectory(NamedTuple):
    """The scene in every frame, with the units of :class:`Factors`.

    Args:
        row: row of the sprite's centre.
        column: column of the sprite's centre.
        angle: angle of the sprite.
        radius: radius of a disc with the sprite's area.
        light: brightness that is added to every pixel, by colour.
    """

    row: Float[np.ndarray, "n F"]
    column: Float[np.ndarray, "n F"]
    angle: Float[np.ndarray, "n F"]
    radius: Float[np.ndarray, "n F"]
    light: Float[np.ndarray, "n F 3"]


def trajectory(f: Factors, frames: int) -> Trajectory:
    """Return position, angle and size of the sprite and the light in each of ``frames`` frames."""
    time = np.zeros(1) if frames == 1 or f.still else np.arange(frames) / (frames - 1)
    time = np.broadcast_to(time, (len(f), frames))
    progress = np.stack([time, time**2, 1 - (1 - time) ** 2])[f.speed_profile, np.arange(len(f))]
    travel, turn = f.travel * f.moving, (1 - 2 * f.rotation) * f.turn * f.moving
    centre = (f.position[:, None] + (travel[:, None] * progress)[..., None] * heading_of(f.direction)[:, None]) % 1.0
    angle = f.angle[:, None] + turn[:, None] * time
    has_events = ~f.moving & (not f.still)
    level = order_looks(f.order, f.phase)[:, QUARTERS * np.arange(frames) // frames]
    look = (2 * level / (LEVELS - 1) - 1) * has_events[:, None, None]  # -1 to 1
    radius = f.size[:, None] * SIZE_SWING ** look[..., 0]
    light = look[..., 1:] * (LIGHT_SWING + WARMTH_SWING * np.array([1, 0, -1]))
    return Trajectory(centre[..., 0], centre[..., 1], angle, radius, light)


def _background(f: Factors, size: int) -> np.ndarray:
    """Return the background, which is constant in time, float32 ``[n X Y 3]``."""
    axis = (np.arange(size) + 0.5) / size - 0.5
    slope = f.gradient[:, 0, None, None] * axis[:, None] + f.gradient[:, 1, None, None] * axis
    if f.ripple[:, 0].any():
        amplitude, down, right, phase = f.ripple.T[:, :, None, None]
        slope = slope + amplitude * np.sin(2 * np.pi * (down * axis[:, None] + right * axis) + phase)
    return (f.background[:, None, None, :] + slope[..., None]).astype(np.float32)


def _noise(f: Factors, frames: int, size: int) -> np.ndarray:
    """Return grey noise, drawn again in every frame from a separate stream for each clip, float32 ``[n F X Y 1]``."""
    out = np.zeros((len(f), frames, size, size, 1), np.float32)
    for clip, (seed, scale) in enumerate(zip(f.noise_seed.tolist(), f.noise.tolist(), strict=True)):
        if scale:
            random = np.random.Generator(np.random.Philox(key=seed))
            random.standard_normal(dtype=np.float32, out=out[clip])
            out[clip] *= scale
    return out
