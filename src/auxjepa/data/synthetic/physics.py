"""Draw scenes of eight kinds of physics with distractors, and their pixels.

Every clip shows two bodies of one kind of motion (:mod:`auxjepa.data.synthetic.paths`) on a torus, at a uniform
position. Distractors are drawn in the same way for every kind: the ground (one colour that is drawn again in every
frame, a slope, or noise), the shape and colour of each body, a drift of the colour, and an oscillation of the size. The
parameters of test clips (the spread and two parameters of each kind) are in the middle of their ranges. Training clips
have no parameters from there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt8

from auxjepa.data.synthetic.paths import COLUMNS, KINDS, KNOTS, draw_paths, interpolate_paths
from auxjepa.data.world import sprites

VERSION = 1
"""The version increases if the same seed gives other pixels."""

SPLITS = ("train", "validation", "test", "known")
"""The split ``known`` is like ``test``, but its parameters are in the ranges of training clips."""
GAP = (0.35, 0.65)
"""Part of every parameter's range that only test clips have."""
GROUNDS = ("solid", "slope", "noise")
SHAPES = ("disc", "square", "triangle")
SPREAD = (0.11, 0.17)
RADIUS = (0.11, 0.14)
FLICKER, SLOPE, NOISE, PLAIN_NOISE = 0.03, (0.1, 0.2), 0.05, 0.02
CONTRAST, TINT, SWING = (0.4, 0.5), 0.08, 0.15
"""These values are tuned on validation clips so that nano encoders score neither at chance nor at the ceiling
(docs/probes/physics.md)."""


@dataclass(frozen=True, eq=False)
class Scenes:
    """The scenes of ``n`` clips. Lengths are shares of the side, positions are (row, column), brightness is 0 to 1.

    Args:
        kind: index into ``KINDS``.
        place: centre of each body in each frame.
        radius: radius of each body in each frame.
        shape: index into ``SHAPES`` for each body.
        colour: difference of each body's colour from the ground in each frame.
        turn: angle of each body in radians.
        ground: index into ``GROUNDS``.
        level: colour of the ground in each frame.
        slope: change of the ground's brightness from edge to edge along (row, column).
        noise: standard deviation of the noise.
        noise_seed: seed of the noise.
    """

    kind: Int[np.ndarray, " n"]
    place: Float[np.ndarray, "n 2 F 2"]
    radius: Float[np.ndarray, "n 2 F"]
    shape: Int[np.ndarray, "n 2"]
    colour: Float[np.ndarray, "n 2 F 3"]
    turn: Float[np.ndarray, "n 2"]
    ground: Int[np.ndarray, " n"]
    level: Float[np.ndarray, "n F 3"]
    slope: Float[np.ndarray, "n 2"]
    noise: Float[np.ndarray, " n"]
    noise_seed: Int[np.ndarray, " n"]

    def draw(self, which: Int[np.ndarray, " k"], size: int) -> UInt8[np.ndarray, "k F {size} {size} 3"]:
        """Draw clips. The second body covers the first.

        Args:
            which: numbers of the clips, int ``[k]``.
            size: side of a frame in pixels.

        Returns:
            RGB pixels, uint8 ``[k, F, size, size, 3]``.
        """
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
        """Return the share of each pixel that a body covers, float32 ``[k F X Y]``."""
        place, radius = (x[which, body].astype(np.float32) for x in (self.place, self.radius))
        down = (axis - place[..., :1] + 0.5) % 1.0 - 0.5
        right = (axis - place[..., 1:] + 0.5) % 1.0 - 0.5
        angle = self.turn[which, body].astype(np.float32)[:, None]
        cos, sin = np.cos(angle) / radius, np.sin(angle) / radius
        u = (cos[..., None] * right)[..., None, :] + (sin[..., None] * down)[..., :, None]
        v = (cos[..., None] * down)[..., :, None] - (sin[..., None] * right)[..., None, :]
        distance = np.empty_like(u)
        for number, name in enumerate(SHAPES):
            clips = self.shape[which, body] == number
            if clips.any():
                distance[clips] = sprites.distance(name, u[clips], v[clips])
        return np.clip(0.5 - distance * radius[..., None, None] * len(axis), 0, 1)


def sample(split: str, count: int, seed: int = 0, frames: int = 8, *, distractors: bool = True) -> Scenes:
    """Return the scenes of a split, with balanced kinds. Clip ``i`` depends only on (seed, split, i).

    Args:
        split: one of ``SPLITS``.
        count: number of clips.
        seed: seed of the split.
        frames: frames of a clip.
        distractors: False for discs of one colour and size on a plain ground with little noise.

    Raises:
        ValueError: if the split is unknown.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}; got {split!r}")
    stream = np.random.SeedSequence([seed, SPLITS.index(split), VERSION, len(KINDS)])
    # Each quantity has a separate stream, so that clip i is the same for every number of clips.
    random = [np.random.Generator(np.random.Philox(part)) for part in stream.spawn(6)]
    kind = np.arange(count) % len(KINDS)
    u = random[0].random((count, 2, COLUMNS + 1))
    chance = random[1].random((count, 3))
    seeds = (random[2].random(count) * 2**53).astype(np.int64)
    steps = np.stack([_draw_steps(key) for key in seeds.tolist()]) if count else np.empty((0, 2, KNOTS, 2))
    u[..., [0, 1, COLUMNS]] = _restrict(u[..., [0, 1, COLUMNS]], in_gap=split == "test")
    spread = SPREAD[0] + (SPREAD[1] - SPREAD[0]) * u[..., COLUMNS]
    path = draw_paths(kind, u[..., :COLUMNS], spread, chance[:, 2], steps)
    place = (interpolate_paths(path, frames) + chance[:, None, None, :2]) % 1.0
    return Scenes(kind=kind, place=place, **_draw_look(random[3:], count, frames, distractors))


def _draw_steps(seed: int) -> np.ndarray:
    return np.random.Generator(np.random.Philox(key=seed)).standard_normal((2, KNOTS, 2))


def _restrict(u: np.ndarray, *, in_gap: bool) -> np.ndarray:
    """Return uniform numbers in the gap or outside the gap from uniform numbers between 0 and 1."""
    low, high = GAP
    if in_gap:
        return low + (high - low) * u
    outside = u * (1 - (high - low))
    return np.where(outside < low, outside, outside + high - low)


def _draw_look(random: list[np.random.Generator], count: int, frames: int, distractors: bool) -> dict[str, np.ndarray]:
    """Return all fields of the scenes that don't depend on the kind of motion."""
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
    hue = 2 * np.pi * (b[..., 3:5][..., None] + np.array([0, 1, 2]) / 3)  # in the first and in the last frame
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
