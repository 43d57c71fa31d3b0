"""Clips that the tests of the world share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from auxjepa.data.world import Factors, sample


@pytest.fixture
def quiet():
    """Factors without noise, so that pixels can be compared exactly."""

    def make(count: int, role: str = "mixture", **changes) -> Factors:
        factors = sample("test", count, seed=3, role=role)
        return replace(factors, noise=np.zeros(count), **changes)

    return make
