"""Fixtures of the objective tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.objectives.check import example_step
from auxjepa.step import Step


@pytest.fixture
def make_step() -> Callable[..., Step]:
    """A step of random features in which every feature is a leaf with gradient."""
    return example_step
