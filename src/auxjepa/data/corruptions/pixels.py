"""Corruptions of pixels: noise, blur, brightness and occlusion.

Strengths are shares of the range of grey levels, of the frame's side or of its area, so they don't depend on the size.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from auxjepa.data.corruptions.corruption import Clip, Corruption


def noise(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    """Add independent Gaussian noise to every pixel, colour and frame."""
    return _round(clip + 255 * strength * rng.standard_normal(clip.shape, dtype=np.float32))


def blur(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    """Blur every frame with a Gaussian filter."""
    from scipy import ndimage  # scipy takes a noticeable part of a second to import

    sigma = strength * min(clip.shape[1:3])
    return _round(ndimage.gaussian_filter(clip.astype(np.float32), (0, sigma, sigma, 0), mode="nearest"))


def brightness(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    """Make every pixel lighter or darker, with equal probability; values stop at white and black."""
    sign = 1 if rng.random() < 0.5 else -1
    return _round(clip + np.float32(sign * 255 * strength))


def occlusion(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    """Cover a share of every frame with a grey square.

    With equal probability, the square rests or drifts. A square that leaves the frame on one side enters on the other.
    """
    frames, rows, columns, _ = clip.shape
    start, shade = rng.random(2), rng.integers(0, 256, dtype=np.uint8)
    drift = rng.uniform(-0.5, 0.5, 2) * (rng.random() < 0.5)
    centre = start + np.linspace(0, 1, frames)[:, None] * drift
    half = strength**0.5 / 2
    inside = [_is_near((np.arange(n) + 0.5) / n, centre[:, axis], half) for axis, n in enumerate((rows, columns))]
    hidden = inside[0][:, :, None] & inside[1][:, None, :]
    return np.where(hidden[..., None], shade, clip)


def _is_near(positions: Float[np.ndarray, " X"], centre: Float[np.ndarray, " F"], half: float) -> np.ndarray:
    """Check whether positions on a ring are within a distance ``half`` of the centre, bool ``[F X]``."""
    return np.abs((positions - centre[:, None] + 0.5) % 1.0 - 0.5) < half


def _round(pixels: np.ndarray) -> Clip:
    return np.clip(pixels + 0.5, 0, 255).astype(np.uint8)


PIXELS = (
    Corruption(
        "noise", "Gaussian noise", "standard deviation, share of the range", (0.04, 0.08, 0.12, 0.18, 0.26), noise
    ),
    Corruption(
        "blur", "Gaussian blur", "standard deviation, share of the side", (0.0125, 0.02, 0.03, 0.045, 0.06), blur
    ),
    Corruption(
        "brightness", "lighter or darker", "change, share of the range", (0.06, 0.12, 0.18, 0.26, 0.34), brightness
    ),
    Corruption(
        "occlusion",
        "a grey square, resting or drifting",
        "share of the frame's area",
        (0.03, 0.07, 0.13, 0.22, 0.35),
        occlusion,
    ),
)
