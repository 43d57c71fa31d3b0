"""A small run configuration."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.config import RunConfig


@pytest.fixture
def configured() -> Callable[..., RunConfig]:
    """A run of 4-frame clips of 16 x 16 pixels; sections are given as mappings."""

    def make(**sections: object) -> RunConfig:
        return RunConfig.model_validate({"data": {"frames": 4, "size": 16}, **sections})

    return make
