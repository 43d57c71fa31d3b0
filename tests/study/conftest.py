"""A study small enough for tests, and its data made once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auxjepa.data.open import open_pool
from auxjepa.study.plan import StudyConfig

TINY: dict[str, Any] = {
    "name": "tiny",
    "variants": ["baseline", "ld"],
    "seeds": [0, 1],
    "benchmarks": ["world_direction"],
    "sizes": {"train": 32, "validation": 16, "test": 24, "epochs": 1},
    "regimes": {"world": {"clips": 32, "frames": 4, "size": 16}},
    "base": {"model": {"position": "sincos"}, "optim": {"steps": 3, "batch": 4}},
}


@pytest.fixture
def content() -> dict[str, Any]:
    return {**TINY, "base": {**TINY["base"]}, "sizes": {**TINY["sizes"]}}


@pytest.fixture
def tiny(content: dict[str, Any]) -> StudyConfig:
    return StudyConfig.model_validate(content)


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data and caches of the tiny study, shared by all tests of a process."""
    place = tmp_path_factory.mktemp("data")
    study = StudyConfig.model_validate(TINY)
    data = study.regimes["world"].model_copy(update={"root": place})
    open_pool(data, workers=1, progress=False)
    for benchmark in study.chosen_benchmarks():
        for split in ("train", "validation", "test"):
            benchmark.open(data, split, workers=1, progress=False)
    return place
