"""Synthetic motion discrimination: in which of eight directions does a disc move?

There are two forms. :func:`sample_released` is the task of the paper (docs/paper/protocols.md). It has few clips, each
clip has a separate seed, and the disc stops at the border. :func:`sample` is our form. It has any number of clips. The
disc moves on a torus from a uniform position at a speed that is independent of the direction, so no single frame shows
the class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt8

VERSION = 1
"""The version increases if the same seed gives other pixels."""

SIDE, FRAMES, FIRST_SEED = 160, 8, 42
STEPS = ((0, -4), (3, -3), (4, 0), (3, 3), (0, 4), (-3, 3), (-4, 0), (-3, -3))
"""Pixels (right, down) of the disc's step in each frame of 160 x 160 pixels, by class."""
NAMES = ("up", "up-right", "right", "down-right", "down", "down-left", "left", "up-left")
RADIUS = (10, 39)
TRAVEL = (0.14, 0.24)
"""Range of the distance over the complete clip in our form, as a share of the side. In the paper's task of 8 frames, it
is 0.175 along the axes and 0.186 diagonally."""
NOISE = 0.04
CONTRAST = 0.25
"""Least difference in brightness between disc and ground. The paper doesn't give its value."""
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class Discs:
    """The scenes of ``n`` clips. Lengths are shares of the side, positions are (row, column), brightness is 0 to 1.

    Args:
        place: centre of the disc in each frame.
        radius: radius of the disc.
        ground: colour of the ground.
        colour: colour of the disc.
        noise_seed: seed of each clip's noise.
        torus: whether the disc moves on a torus; otherwise it stops at the border.
    """

    place: Float[np.ndarray, "n F 2"]
    radius: Float[np.ndarray, " n"]
    ground: Float[np.ndarray, "n 3"]
    colour: Float[np.ndarray, "n 3"]
    noise_seed: Int[np.ndarray, " n"]
    torus: bool

    def draw(self, which: Int[np.ndarray, " k"], size: int) -> UInt8[np.ndarray, "k F {size} {size} 3"]:
        """Draw clips. On the torus, the noise is drawn again in every frame; otherwise it is a constant of the ground.

        Args:
            which: numbers of the clips, int ``[k]``.
            size: side of a frame in pixels.

        Returns:
            RGB pixels, uint8 ``[k, F, size, size, 3]``.
        """
        axis = (np.arange(size, dtype=np.float32) + 0.5) / size
        away = axis - self.place[which].astype(np.float32)[..., None]  # k F 2 X
        if self.torus:
            away = (away + 0.5) % 1.0 - 0.5
        away *= away
        distance = np.sqrt(away[..., 0, :, None] + away[..., 1, None, :])
        radius = self.radius[which].astype(np.float32)[:, None, None, None]
        cover = np.clip(0.5 + (radius - distance) * size, 0, 1)
        ground, colour = (c[which].astype(np.float32)[:, None, None, None] for c in (self.ground, self.colour))
        frames = self.place.shape[1]
        noise = NOISE * np.stack([self._draw_noise(seed, frames, size) for seed in self.noise_seed[which].tolist()])
        noise = noise if self.torus else noise * (1 - cover)
        image = ground + cover[..., None] * (colour - ground) + noise[..., None]
        return np.clip(255 * image + 0.5, 0, 255).astype(np.uint8)

    def _draw_noise(self, seed: int, frames: int, size: int) -> np.ndarray:
        random = np.random.Generator(np.random.Philox(key=seed))
        noise = random.standard_normal((frames if self.torus else 1, size, size), np.float32)
        return np.broadcast_to(noise, (frames, size, size))


def sample_released(first: int, count: int, frames: int = FRAMES) -> tuple[Discs, Int[np.ndarray, " n"]]:
    """Return clips of the paper's task and their classes, which are the clips' numbers modulo 8.

    The geometry is that of the released code, in units of 1/160 of the side for every size. The paper doesn't give the
    start of the disc, the colours and the noise, so they are our choice.

    Args:
        first: number of the first clip.
        count: number of clips.
        frames: frames of a clip.
    """
    numbers = first + np.arange(count)
    rngs = [np.random.default_rng(FIRST_SEED + int(number)) for number in numbers]
    radius = np.array([rng.integers(RADIUS[0], RADIUS[1] + 1) for rng in rngs], dtype=float)
    u = np.stack([rng.random(8) for rng in rngs])
    place = radius[:, None] + u[:, :2] * (SIDE - 2 * radius[:, None])
    label = numbers % len(STEPS)
    step = np.array(STEPS, dtype=float)[label][:, ::-1]
    places = [place]
    for _ in range(frames - 1):
        places.append(np.clip(places[-1] + step, radius[:, None], SIDE - radius[:, None]))
    ground, colour = _draw_colours(u[:, 2:])
    seeds = np.array([int(rng.integers(2**53)) for rng in rngs])
    return Discs(np.stack(places, axis=1) / SIDE, radius / SIDE, ground, colour, seeds, torus=False), label


def sample(split: str, count: int, seed: int, frames: int = FRAMES) -> tuple[Discs, Int[np.ndarray, " n"]]:
    """Return clips of our form and their classes, which are balanced. Clip ``i`` depends only on (seed, split, i).

    Args:
        split: one of ``SPLITS``.
        count: number of clips.
        seed: seed of the split.
        frames: frames of a clip.

    Raises:
        ValueError: if the split is unknown.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}; got {split!r}")
    stream = np.random.SeedSequence([seed, SPLITS.index(split), VERSION])
    u = np.random.Generator(np.random.Philox(stream)).random((count, 12))
    label = np.arange(count) % len(STEPS)
    radius = (RADIUS[0] + (RADIUS[1] - RADIUS[0]) * u[:, 8]) / SIDE
    step = np.array(STEPS, dtype=float)[:, ::-1]
    heading = (step / np.hypot(*step.T)[:, None])[label]
    travel = TRAVEL[0] + (TRAVEL[1] - TRAVEL[0]) * u[:, 9]
    time = np.arange(frames) / max(1, frames - 1) - 0.5
    place = (u[:, None, :2] + (travel[:, None] * time)[..., None] * heading[:, None]) % 1.0
    ground, colour = _draw_colours(u[:, 2:8])
    return Discs(place, radius, ground, colour, (u[:, 10] * 2**53).astype(np.int64), torus=True), label


def _draw_colours(u: Float[np.ndarray, "n 6"]) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n 3"]]:
    """Return the colours of ground and disc from uniform numbers, with at least ``CONTRAST`` between them."""
    ground, colour = 0.1 + 0.8 * u[:, :3], 0.1 + 0.8 * u[:, 3:6]
    apart = (colour - ground).mean(axis=1, keepdims=True)
    sign = np.where(ground.mean(axis=1, keepdims=True) < 0.5, 1.0, -1.0)
    return ground, np.where(np.abs(apart) < CONTRAST, colour + (sign * CONTRAST - apart), colour)
