"""A decoded folder of videos without the videos, and a small world."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from auxjepa.config import DataConfig
from auxjepa.data.store import ClipCache


@pytest.fixture
def make_cache(tmp_path: Path) -> Callable[..., ClipCache]:
    def make(names: list[str], labels: dict[str, list[int]] | None = None, classes: dict | None = None) -> ClipCache:
        columns = {name: np.array(column, dtype=np.int64) for name, column in (labels or {}).items()}
        empty = np.zeros((len(names), 1), np.int32)
        clips = np.memmap(tmp_path / "clips", np.uint8, "w+", shape=(len(names), 1, 2, 2, 3))
        return ClipCache(tmp_path, "key", clips, tuple(names), columns, classes or {}, empty, empty[:, 0])

    return make


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> DataConfig:
    return DataConfig(root=tmp_path_factory.mktemp("world"), clips=16, frames=4, size=16)
