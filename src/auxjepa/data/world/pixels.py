"""Pixels of the synthetic world, drawn from factors by signed distances: any size, any number of frames."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, UInt8

from auxjepa.data.world import sprites
from auxjepa.data.world.factors import DEPTHS, SLOTS, Factors, heading_of, order_states

SIZE_RANGE = 1.6
"""Size of the sprite at the nearest depth over its size at the farthest, in equal ratios between."""
CONTRAST_RANGE = 2.5
"""The same for contrast: a far sprite is small and pale, a near one large and clear."""
TEXTURE_DEPTH = 0.5
"""Amplitude of a texture as a share of the contrast."""

_SHAPES, _TEXTURES = tuple(sprites.SHAPES), tuple(sprites.TEXTURES)


def render(factors: Factors, frames: int = 8, size: int = 32) -> UInt8[np.ndarray, "n {frames} {size} {size} 3"]:
    """Clips of ``frames`` x ``size`` x ``size`` pixels, RGB. Motion takes the whole clip, however many frames it has.

    Raises:
        ValueError: when frames or size is less than 1.
    """
    if frames < 1 or size < 1:
        raise ValueError(f"a clip needs at least 1 frame and 1 pixel, got {frames} frames of size {size}")
    out = np.empty((len(factors), frames, size, size, 3), np.uint8)
    chunk = max(1, 2**18 // (frames * size * size))  # arrays of about 1 MB stay in the processor's cache
    for first in range(0, len(factors), chunk):
        some = slice(first, first + chunk)
        out[some] = _draw(factors[some], 1 if factors.still else frames, size)
    return out


def _draw(f: Factors, frames: int, size: int) -> np.ndarray:
    row, column, angle, radius, contrast = (array.astype(np.float32) for array in trajectory(f, frames))
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size
    down = (axis - row[..., None] + 0.5) % 1.0 - 0.5
    right = (axis - column[..., None] + 0.5) % 1.0 - 0.5
    cos, sin = np.cos(angle) / radius, np.sin(angle) / radius
    u = (cos[..., None] * right)[..., None, :] + (sin[..., None] * down)[..., :, None]
    v = (cos[..., None] * down)[..., :, None] - (sin[..., None] * right)[..., None, :]
    pixels_a_unit = radius[..., None, None] * size
    level = np.empty_like(u)
    for shape, texture in {*zip(f.shape.tolist(), f.texture.tolist(), strict=True)}:
        those = (f.shape == shape) & (f.texture == texture)
        own_u, own_v = u[those], v[those]
        cover = 0.5 - sprites.distance(_SHAPES[shape], own_u, own_v) * pixels_a_unit[those]
        np.clip(cover, 0, 1, out=cover)
        level[those] = cover * (
            1 + TEXTURE_DEPTH * sprites.brightness(_TEXTURES[texture], _SHAPES[shape], own_u, own_v)
        )
    level *= contrast[..., None, None]
    colour = (1 + f.tint[:, None, None, None, :]).astype(np.float32)
    image = _background(f, size)[:, None] + _noise(f, frames, size) + level[..., None] * colour
    return np.clip(255 * image + 0.5, 0, 255).astype(np.uint8)


def trajectory(f: Factors, frames: int) -> tuple[Float[np.ndarray, "n {frames}"], ...]:
    """Row, column, angle, radius and signed contrast of the sprite in every frame (units as in :class:`Factors`)."""
    time = np.zeros(1) if frames == 1 or f.still else np.arange(frames) / (frames - 1)
    time = np.broadcast_to(time, (len(f), frames))
    progress = np.stack([time, time**2, 1 - (1 - time) ** 2])[f.speed_profile, np.arange(len(f))]
    centre = (f.position[:, None] + (f.travel[:, None] * progress)[..., None] * heading_of(f.direction)[:, None]) % 1.0
    angle = f.angle[:, None] + ((1 - 2 * f.rotation) * f.turn)[:, None] * time
    quarter = SLOTS * np.arange(frames) // frames
    depth, flicker = order_states(f.order, f.depth)[:, quarter] / (DEPTHS - 1) - 0.5, f.flicker[:, quarter]
    if f.still:
        depth, flicker = np.zeros_like(depth), np.zeros_like(flicker)
    radius = f.size[:, None] * SIZE_RANGE**depth
    contrast = (f.polarity * f.contrast)[:, None] * CONTRAST_RANGE**depth * (1 + flicker)
    return centre[..., 0], centre[..., 1], angle, radius, contrast


def _background(f: Factors, size: int) -> np.ndarray:
    """Float32 [n X Y 3], constant in time."""
    axis = (np.arange(size) + 0.5) / size - 0.5
    slope = f.gradient[:, 0, None, None] * axis[:, None] + f.gradient[:, 1, None, None] * axis
    if f.ripple[:, 0].any():
        amplitude, down, right, phase = f.ripple.T[:, :, None, None]
        slope = slope + amplitude * np.sin(2 * np.pi * (down * axis[:, None] + right * axis) + phase)
    return (f.background[:, None, None, :] + slope[..., None]).astype(np.float32)


def _noise(f: Factors, frames: int, size: int) -> np.ndarray:
    """Float32 [n F X Y 1]: grey, fresh in every frame, from each clip's own stream."""
    out = np.zeros((len(f), frames, size, size, 1), np.float32)
    for clip, (seed, scale) in enumerate(zip(f.noise_seed.tolist(), f.noise.tolist(), strict=True)):
        if scale:
            random = np.random.Generator(np.random.Philox(key=seed))
            random.standard_normal(dtype=np.float32, out=out[clip])
            out[clip] *= scale
    return out
