"""Fixtures of the mask tests."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from auxjepa.tokens import Grid

GRID = Grid(8, 14, 14, 2, 16)


@pytest.fixture
def grid() -> Grid:
    return GRID


@pytest.fixture
def moving() -> Tensor:
    """Motion of 8 clips: a bright corner (rows and columns 0 to 3), faint elsewhere."""
    motion = torch.full((8, GRID.T, GRID.H, GRID.W), 0.01)
    motion[:, :, :4, :4] = 1
    return motion
