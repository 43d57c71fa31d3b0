"""Synthetic motion discrimination: in which of eight directions does a disc move?

Two forms. ``released`` is the task of the paper (docs/paper/protocols.md): few clips, clip ``i`` from a seed of its
own, the disc stops at the border. Ours has as many clips as are asked for, and the disc moves on a torus from a uniform
place at a speed that has nothing to do with the direction, so that no single frame tells the class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt8

VERSION = 1
"""Raised whenever the same seed would give other pixels."""

SIDE, FRAMES, FIRST_SEED = 160, 8, 42
STEPS = ((0, -4), (3, -3), (4, 0), (3, 3), (0, 4), (-3, 3), (-4, 0), (-3, -3))
"""Pixels (right, down) a frame, of a frame of 160 x 160, by class."""
NAMES = ("up", "up-right", "right", "down-right", "down", "down-left", "left", "up-left")
RADIUS = (10, 39)
TRAVEL = (0.14, 0.24)
"""Ours: way over the whole clip, a share of the side (as released: 0.175 along the axes, 0.186 across, 8 frames)."""
NOISE = 0.04
CONTRAST = 0.25
"""Least difference in brightness between disc and ground; the paper's is not known."""
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class Discs:
    """What ``n`` clips show. Lengths are shares of the side, places (row, column), brightness 0 to 1."""

    place: Float[np.ndarray, "n F 2"]
    radius: Float[np.ndarray, " n"]
    ground: Float[np.ndarray, "n 3"]
    colour: Float[np.ndarray, "n 3"]
    noise_seed: Int[np.ndarray, " n"]
    torus: bool

    def draw(self, which: Int[np.ndarray, " k"], size: int) -> UInt8[np.ndarray, "k F {size} {size} 3"]:
        """Those clips in frames of ``size`` x ``size`` pixels. Brightness noise of each pixel is fresh in every frame
        on the torus; as released it belongs to the ground and stays."""
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
        noise = NOISE * np.stack([self._noise(seed, frames, size) for seed in self.noise_seed[which].tolist()])
        noise = noise if self.torus else noise * (1 - cover)
        image = ground + cover[..., None] * (colour - ground) + noise[..., None]
        return np.clip(255 * image + 0.5, 0, 255).astype(np.uint8)

    def _noise(self, seed: int, frames: int, size: int) -> np.ndarray:
        random = np.random.Generator(np.random.Philox(key=seed))
        noise = random.standard_normal((frames if self.torus else 1, size, size), np.float32)
        return np.broadcast_to(noise, (frames, size, size))


def released(first: int, count: int, frames: int = FRAMES) -> tuple[Discs, Int[np.ndarray, " n"]]:
    """Clips ``first … first + count - 1`` of the paper's task and their classes (the clip's number modulo 8).

    Geometry is as released, in 160ths of the side whatever the size; where the disc starts and which colours and
    noise there are isn't known, and is ours.
    """
    numbers = first + np.arange(count)
    rngs = [np.random.default_rng(FIRST_SEED + int(n)) for n in numbers]
    radius = np.array([rng.integers(RADIUS[0], RADIUS[1] + 1) for rng in rngs], dtype=float)
    u = np.stack([rng.random(8) for rng in rngs])
    place = radius[:, None] + u[:, :2] * (SIDE - 2 * radius[:, None])
    label = numbers % len(STEPS)
    step = np.array(STEPS, dtype=float)[label][:, ::-1]
    places = [place]
    for _ in range(frames - 1):
        places.append(np.clip(places[-1] + step, radius[:, None], SIDE - radius[:, None]))
    ground, colour = _colours(u[:, 2:])
    seeds = np.array([int(rng.integers(2**53)) for rng in rngs])
    return Discs(np.stack(places, axis=1) / SIDE, radius / SIDE, ground, colour, seeds, torus=False), label


def sample(split: str, count: int, seed: int, frames: int = FRAMES) -> tuple[Discs, Int[np.ndarray, " n"]]:
    """``count`` clips of a split and their classes, as many of each as go; clip ``i`` depends on (seed, split, i).

    Raises:
        ValueError: for an unknown split.
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
    ground, colour = _colours(u[:, 2:8])
    return Discs(place, radius, ground, colour, (u[:, 10] * 2**53).astype(np.int64), torus=True), label


def _colours(u: Float[np.ndarray, "n 6"]) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n 3"]]:
    """Ground and disc; the disc is moved away from the ground's brightness where it is too near."""
    ground, colour = 0.1 + 0.8 * u[:, :3], 0.1 + 0.8 * u[:, 3:6]
    apart = (colour - ground).mean(axis=1, keepdims=True)
    sign = np.where(ground.mean(axis=1, keepdims=True) < 0.5, 1.0, -1.0)
    return ground, np.where(np.abs(apart) < CONTRAST, colour + (sign * CONTRAST - apart), colour)
