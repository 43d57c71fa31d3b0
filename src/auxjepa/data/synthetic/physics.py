"""Eight kinds of physics with distractors: what a clip shows, from a seed, and its pixels.

Every clip shows two bodies of one kind of motion (:mod:`auxjepa.data.synthetic.paths`) on a torus, at a uniform place.
Distractors are drawn in the same way for every kind: ground (one colour drawn anew in every frame, a slope, or noise),
shape and colour of each body, a colour that drifts, a size that swings. Test clips have parameters (spread and two of
each kind) from the middle of their ranges, which training clips leave out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt8

from auxjepa.data.synthetic.paths import COLUMNS, KINDS, KNOTS, at_times, paths
from auxjepa.data.world import sprites

VERSION = 1
"""Raised whenever the same seed would give other pixels."""

SPLITS = ("train", "validation", "test", "known")
"""``known``: as ``test``, with parameters from the ranges of training clips."""
GAP = (0.35, 0.65)
"""The part of every parameter's range that only test clips have."""
GROUNDS = ("solid", "slope", "noise")
SHAPES = ("disc", "square", "triangle")
SPREAD = (0.11, 0.17)
RADIUS = (0.11, 0.14)
FLICKER, SLOPE, NOISE, PLAIN_NOISE = 0.03, (0.1, 0.2), 0.05, 0.02
CONTRAST, TINT, SWING = (0.4, 0.5), 0.08, 0.15
"""Tuned on validation clips so that nano encoders are neither at chance nor at the top (docs/probes/physics.md)."""


@dataclass(frozen=True, eq=False)
class Scenes:
    """What ``n`` clips show. Lengths are shares of the side, places (row, column), brightness 0 to 1."""

    kind: Int[np.ndarray, " n"]
    place: Float[np.ndarray, "n 2 F 2"]
    radius: Float[np.ndarray, "n 2 F"]
    shape: Int[np.ndarray, "n 2"]
    colour: Float[np.ndarray, "n 2 F 3"]  # above the ground
    turn: Float[np.ndarray, "n 2"]
    ground: Int[np.ndarray, " n"]
    level: Float[np.ndarray, "n F 3"]
    slope: Float[np.ndarray, "n 2"]
    noise: Float[np.ndarray, " n"]
    noise_seed: Int[np.ndarray, " n"]

    def draw(self, which: Int[np.ndarray, " k"], size: int) -> UInt8[np.ndarray, "k F {size} {size} 3"]:
        """Those clips in frames of ``size`` x ``size`` pixels; the second body lies on top."""
        axis = (np.arange(size, dtype=np.float32) + 0.5) / size
        slope = self.slope[which].astype(np.float32)[:, :, None, None] * (axis - 0.5)[:, None]
        image = (slope[:, 0] + slope[:, 1].swapaxes(1, 2))[:, None, ..., None] + self.level[which].astype(np.float32)[
            :, :, None, None
        ]
        frames = self.place.shape[2]
        for row, seed in enumerate(self.noise_seed[which].tolist()):
            random = np.random.Generator(np.random.Philox(key=seed))
            scale = np.float32(self.noise[which[row]])
            image[row] += scale * random.standard_normal((frames, size, size, 1), np.float32)
        under = self.level[which].astype(np.float32).mean(axis=1)[:, None, None, None]
        for body in range(2):
            cover = self._cover(which, body, axis)[..., None]
            colour = self.colour[which, body].astype(np.float32)[:, :, None, None]
            image += cover * (under + colour - image)
        return np.clip(255 * image + 0.5, 0, 255).astype(np.uint8)

    def _cover(self, which: np.ndarray, body: int, axis: np.ndarray) -> np.ndarray:
        """How much of each pixel the body covers, float32 ``[k F X Y]``."""
        place, radius = (x[which, body].astype(np.float32) for x in (self.place, self.radius))
        down = (axis - place[..., :1] + 0.5) % 1.0 - 0.5
        right = (axis - place[..., 1:] + 0.5) % 1.0 - 0.5
        angle = self.turn[which, body].astype(np.float32)[:, None]
        cos, sin = np.cos(angle) / radius, np.sin(angle) / radius
        u = (cos[..., None] * right)[..., None, :] + (sin[..., None] * down)[..., :, None]
        v = (cos[..., None] * down)[..., :, None] - (sin[..., None] * right)[..., None, :]
        distance = np.empty_like(u)
        for number, name in enumerate(SHAPES):
            those = self.shape[which, body] == number
            if those.any():
                distance[those] = sprites.distance(name, u[those], v[those])
        return np.clip(0.5 - distance * radius[..., None, None] * len(axis), 0, 1)


def sample(split: str, count: int, seed: int = 0, frames: int = 8, *, distractors: bool = True) -> Scenes:
    """``count`` clips of a split, as many of each kind as go; clip ``i`` depends on (seed, split, i) alone.

    Args:
        distractors: without them bodies are discs of one colour and size on a plain ground with a little noise.

    Raises:
        ValueError: for an unknown split.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}; got {split!r}")
    stream = np.random.SeedSequence([seed, SPLITS.index(split), VERSION, len(KINDS)])
    # Each quantity has a stream of its own, so that clip i is the same however many there are.
    random = [np.random.Generator(np.random.Philox(part)) for part in stream.spawn(6)]
    kind = np.arange(count) % len(KINDS)
    u = random[0].random((count, 2, COLUMNS + 1))
    chance = random[1].random((count, 3))
    seeds = (random[2].random(count) * 2**53).astype(np.int64)
    steps = np.stack([_steps(one) for one in seeds.tolist()]) if count else np.empty((0, 2, KNOTS, 2))
    u[..., [0, 1, COLUMNS]] = _allowed(u[..., [0, 1, COLUMNS]], held=split == "test")
    spread = SPREAD[0] + (SPREAD[1] - SPREAD[0]) * u[..., COLUMNS]
    path = paths(kind, u[..., :COLUMNS], spread, chance[:, 2], steps)
    place = (at_times(path, frames) + chance[:, None, None, :2]) % 1.0
    return Scenes(kind=kind, place=place, **_look(random[3:], count, frames, distractors))


def _steps(seed: int) -> np.ndarray:
    return np.random.Generator(np.random.Philox(key=seed)).standard_normal((2, KNOTS, 2))


def _allowed(u: np.ndarray, *, held: bool) -> np.ndarray:
    """Uniform in the gap, or uniform outside it."""
    low, high = GAP
    if held:
        return low + (high - low) * u
    outside = u * (1 - (high - low))
    return np.where(outside < low, outside, outside + high - low)


def _look(random: list[np.random.Generator], count: int, frames: int, distractors: bool) -> dict[str, np.ndarray]:
    """All that doesn't depend on the kind of motion."""
    time = np.arange(frames) / max(1, frames - 1)
    u, b = random[0].random((count, 8)), random[1].random((count, 2, 10))
    redrawn = random[2].random((count, 64, 3))[:, np.arange(frames) % 64] - 0.5
    on = float(distractors)
    ground = (3 * u[:, 0]).astype(np.int64) if distractors else np.full(count, 2)
    level = np.repeat((0.3 + 0.15 * u[:, 1])[:, None, None] + 0.04 * on * (u[:, None, 5:8] - 0.5), frames, axis=1)
    level = level + np.where(ground == 0, FLICKER * 12**0.5, 0.0)[:, None, None] * redrawn * on
    steep = np.where(ground == 1, SLOPE[0] + (SLOPE[1] - SLOPE[0]) * u[:, 2], 0.0)
    slope = steep[:, None] * np.stack([np.sin(2 * np.pi * u[:, 3]), np.cos(2 * np.pi * u[:, 3])], axis=1)
    noise = np.where((ground == 2) & distractors, NOISE, PLAIN_NOISE)
    radius = RADIUS[0] + (RADIUS[1] - RADIUS[0]) * b[..., 0]
    swing = SWING * on * np.sin(2 * np.pi * ((0.5 + 1.5 * b[..., 1])[..., None] * time + b[..., 2:3]))
    hue = 2 * np.pi * (b[..., 3:5][..., None] + np.array([0, 1, 2]) / 3)  # at the beginning, and at the end
    drift = TINT * on * np.cos(hue)
    colour = drift[:, :, :1] * (1 - time)[:, None] + drift[:, :, 1:] * time[:, None]
    contrast = CONTRAST[0] + (CONTRAST[1] - CONTRAST[0]) * b[..., 5]
    return {
        "radius": radius[..., None] * (1 + swing),
        "shape": (3 * b[..., 6]).astype(np.int64) * distractors,
        "colour": contrast[..., None, None] + colour,
        "turn": 2 * np.pi * b[..., 7],
        "ground": ground,
        "level": level,
        "slope": slope,
        "noise": noise,
        "noise_seed": (u[:, 4] * 2**53).astype(np.int64),
    }
