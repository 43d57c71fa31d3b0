"""Synthetic benchmarks that are drawn from a seed when they are asked for, unlike the world without a file of video."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Int

from auxjepa.config import ConfigError, DataConfig, hint
from auxjepa.data.lazy_clips import RenderedClips
from auxjepa.data.synthetic import directions, physics

PREFIX = "synthetic:"
Sampled = tuple[Any, Int[np.ndarray, " n"]]


@dataclass(frozen=True)
class Source:
    """One kind of clips: ``sample(split, count, seed, frames)`` gives what they show and their classes.

    Args:
        version: raised when the same seed gives other pixels.
        fixed: what doesn't follow the run's data, of frames, size and seed.
        frames, size: where they are fixed.
    """

    sample: Callable[[str, int, int, int], Sampled]
    version: int
    fixed: frozenset[str] = field(default=frozenset())
    frames: int = 0
    size: int = 0


def _released(split: str, count: int, seed: int, frames: int) -> Sampled:
    """The first 160 clips train, the next 40 test; validation clips, which the paper has none of, come behind them."""
    if split not in directions.SPLITS:
        raise ValueError(f"split must be one of {', '.join(directions.SPLITS)}; got {split!r}")
    return directions.released({"train": 0, "test": 160, "validation": 200}[split], count, frames)


def _physics(split: str, count: int, seed: int, frames: int, *, distractors: bool = True) -> Sampled:
    scenes = physics.sample(split, count, seed, frames, distractors=distractors)
    return scenes, scenes.kind


_NATIVE = frozenset({"frames", "size", "seed"})
SOURCES: dict[str, Source] = {
    "directions": Source(directions.sample, directions.VERSION),
    "directions_released": Source(_released, directions.VERSION, _NATIVE, directions.FRAMES, directions.SIDE),
    "directions_scaled": Source(_released, directions.VERSION, frozenset({"seed"})),
    "physics": Source(_physics, physics.VERSION),
    "physics_plain": Source(partial(_physics, distractors=False), physics.VERSION),
    "physics_released": Source(_physics, physics.VERSION, frozenset({"frames", "size"}), 16, 224),
}


def source_of(name: str) -> Source:
    """The source behind ``synthetic:NAME``.

    Raises:
        ConfigError: for an unknown name.
    """
    own = name.removeprefix(PREFIX)
    if own not in SOURCES:
        raise ConfigError(f"there are no synthetic clips {own!r}{hint(own, SOURCES)}")
    return SOURCES[own]


def open_synthetic(
    name: str, data: DataConfig, split: str, count: int
) -> tuple[RenderedClips, Int[np.ndarray, " n"], str]:
    """Clips of a split, their classes, and a key that tells them from all others.

    Args:
        name: ``synthetic:NAME``.
        data: frames, size and seed are used, but for those that the source fixes.

    Raises:
        ConfigError: for an unknown name.
        ValueError: for an unknown split.
    """
    source = source_of(name)
    frames, size = source.frames or data.frames, source.size or data.size
    seed = 0 if "seed" in source.fixed else data.seed
    shown, labels = source.sample(split, count, seed, frames)
    clips = RenderedClips((count, frames, size, size, 3), lambda which: shown.draw(which, size))
    return clips, labels, f"{name} v{source.version} {split} {count} {frames}x{size} seed{seed}"
