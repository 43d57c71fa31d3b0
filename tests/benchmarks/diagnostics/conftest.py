"""Small videos of a square that moves on a torus, in lossless files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auxjepa.config import DataConfig
from moving_square import moving_square, write_lossless

MOVING = 12


@pytest.fixture(scope="session")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve moving squares of 40 frames, a copy of one, one without motion, and one of 5 frames."""
    folder = tmp_path_factory.mktemp("squares") / "clips"
    folder.mkdir()
    for number in range(MOVING):
        step = ((0, 2), (2, 0), (0, -2), (-2, 0))[number % 4]
        write_lossless(folder / f"{number:02d}.mkv", moving_square(40, 32, step, seed=number))
    (folder / "copy.mkv").write_bytes((folder / "00.mkv").read_bytes())
    write_lossless(folder / "still.mkv", np.repeat(moving_square(1, 32, (0, 0), seed=50), 40, axis=0))
    write_lossless(folder / "short.mkv", moving_square(5, 32, (0, 2), seed=51))
    return folder


@pytest.fixture(scope="session")
def data(squares: Path) -> DataConfig:
    return DataConfig(source=f"folder:{squares}", root=squares.parent / "data", frames=8, size=32)
