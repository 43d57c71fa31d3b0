"""The kinds of synthetic clips, by name, and how they are opened."""

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
class SyntheticSource:
    """One kind of synthetic clips.

    Args:
        sample: function from (split, count, seed, frames) to scenes, which have a method ``draw``, and classes.
        version: it increases if the same seed gives other pixels.
        fixed: which of frames, size and seed don't follow the run's data.
        frames: fixed number of frames; 0 for that of the run's data.
        size: fixed side in pixels; 0 for that of the run's data.
    """

    sample: Callable[[str, int, int, int], Sampled]
    version: int
    fixed: frozenset[str] = field(default=frozenset())
    frames: int = 0
    size: int = 0


def _sample_released(split: str, count: int, seed: int, frames: int) -> Sampled:
    """Sample the paper's task: the first 160 clips are for training and the next 40 for testing.

    The paper has no validation clips. Here, they follow the test clips.
    """
    if split not in directions.SPLITS:
        raise ValueError(f"split must be one of {', '.join(directions.SPLITS)}; got {split!r}")
    return directions.sample_released({"train": 0, "test": 160, "validation": 200}[split], count, frames)


def _sample_physics(split: str, count: int, seed: int, frames: int, *, distractors: bool = True) -> Sampled:
    scenes = physics.sample(split, count, seed, frames, distractors=distractors)
    return scenes, scenes.kind


_NATIVE = frozenset({"frames", "size", "seed"})
SOURCES: dict[str, SyntheticSource] = {
    "directions": SyntheticSource(directions.sample, directions.VERSION),
    "directions_released": SyntheticSource(
        _sample_released, directions.VERSION, _NATIVE, directions.FRAMES, directions.SIDE
    ),
    "directions_scaled": SyntheticSource(_sample_released, directions.VERSION, frozenset({"seed"})),
    "physics": SyntheticSource(_sample_physics, physics.VERSION),
    "physics_plain": SyntheticSource(partial(_sample_physics, distractors=False), physics.VERSION),
    "physics_released": SyntheticSource(_sample_physics, physics.VERSION, frozenset({"frames", "size"}), 16, 224),
}


def find_source(name: str) -> SyntheticSource:
    """Return the source of a name.

    Args:
        name: ``synthetic:NAME``.

    Raises:
        ConfigError: if the name is unknown.
    """
    key = name.removeprefix(PREFIX)
    if key not in SOURCES:
        raise ConfigError(f"there are no synthetic clips {key!r}{hint(key, SOURCES)}")
    return SOURCES[key]


def open_synthetic(
    name: str, data: DataConfig, split: str, count: int
) -> tuple[RenderedClips, Int[np.ndarray, " n"], str]:
    """Return the clips of a split, their classes, int ``[count]``, and a key that identifies them.

    Args:
        name: ``synthetic:NAME``.
        data: its frames, size and seed are used unless the source fixes them.
        split: split of the source.
        count: number of clips.

    Raises:
        ConfigError: if the name is unknown.
        ValueError: if the split is unknown.
    """
    source = find_source(name)
    frames, size = source.frames or data.frames, source.size or data.size
    seed = 0 if "seed" in source.fixed else data.seed
    scenes, labels = source.sample(split, count, seed, frames)
    clips = RenderedClips((count, frames, size, size, 3), lambda numbers: scenes.draw(numbers, size))
    return clips, labels, f"{name} v{source.version} {split} {count} {frames}x{size} seed{seed}"
