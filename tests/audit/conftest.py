"""A small run in the paper's form, and audits of it that several tests read."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from auxjepa import variants
from auxjepa.audit import Audit, Base, audit, paper
from auxjepa.config import RunConfig


@pytest.fixture(scope="session")
def clips() -> np.ndarray:
    """Twelve clips (8 frames, 32 x 32) of a bright square on noise that moves at a speed of its own."""
    rng = np.random.default_rng(0)
    made = rng.integers(0, 80, (12, 1, 32, 32, 3)).repeat(8, axis=1).astype(np.uint8)
    for clip in range(12):
        speed, start, colour = rng.uniform(0, 3), rng.integers(8), rng.random(3)
        for frame in range(8):
            left = int(start + speed * frame) % 24
            made[clip, frame, 8:18, left : left + 8] = 120 + 135 * colour
    return made


def _small(base: Base) -> RunConfig:
    config = paper(base)
    data = config.data.model_copy(update={"frames": 8, "size": 32, "clips": 12})
    masks = (config.masks[0].model_copy(update={"blocks": 6}), config.masks[1].model_copy(update={"blocks": 1}))
    optim = config.optim.model_copy(update={"batch": 4})
    return config.model_copy(update={"data": data, "optim": optim, "masks": masks})


@pytest.fixture(scope="session")
def small() -> Callable[[Base], RunConfig]:
    """The paper's regime at 4 x 4 x 4 tokens and batch 4; depth and levels stay."""
    return _small


@pytest.fixture(scope="session")
def audited(clips: np.ndarray) -> Callable[[str], Audit]:
    """The audit of a variant, as released where its name says so; made once."""
    made: dict[str, Audit] = {}

    def get(name: str) -> Audit:
        if name not in made:
            released = name.endswith("_released")
            config = variants.apply(name, _small("released" if released else "described"))
            evaluates = variants.find(name).evaluates or ("teacher" if released else "student")
            made[name] = audit(config, clips, evaluates=evaluates, batches=1)
        return made[name]

    return get
