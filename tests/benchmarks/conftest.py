"""A small world."""

from __future__ import annotations

import pytest

from auxjepa.config import DataConfig


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> DataConfig:
    return DataConfig(root=tmp_path_factory.mktemp("world"), clips=16, frames=4, size=16)
