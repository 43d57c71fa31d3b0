"""A tiny run: eight-frame clips of 16 x 16 pixels, two tokens a side, a handful of steps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auxjepa.config import RunConfig
from auxjepa.train.loop import Run

TINY: dict[str, Any] = {
    "data": {"frames": 8, "size": 16},
    "masks": [{"blocks": 1, "scale": 0.5}],
    "optim": {"steps": 6, "batch": 4},
    "checkpoint": {"every": 2},
    "log": {"monitor_every": 3},
}


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict) and key != "objectives"
        out[key] = merged(out[key], value) if both else value
    return out


@pytest.fixture
def tiny() -> Callable[..., RunConfig]:
    """Configuration of a tiny run; keyword arguments are sections, merged into it."""
    return lambda **changes: RunConfig.model_validate(merged(TINY, changes))


@pytest.fixture(scope="session")
def clips() -> np.ndarray:
    """Ten clips of noise that drifts."""
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 256, (10, 1, 16, 16, 3))
    return np.concatenate([np.roll(frame, t, axis=3) for t in range(8)], axis=1).astype(np.uint8)


@pytest.fixture
def start(clips: np.ndarray, tmp_path: Path) -> Callable[..., Run]:
    """A run in a folder of its own, or in the one that is named."""

    def make(config: RunConfig, name: str = "run") -> Run:
        return Run(config, clips, tmp_path / name)

    return make
