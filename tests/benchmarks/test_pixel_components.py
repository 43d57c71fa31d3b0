"""Principal components of clips that are too large to be held in float32."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.benchmarks import pixel_components
from auxjepa.benchmarks.pixel_components import block_side, principal_components


def test_small_clips_are_read_whole_and_large_ones_as_means_of_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 255, (40, 2, 4, 4, 3)).repeat(2, axis=2).repeat(2, axis=3).astype(np.uint8)
    whole, selected = principal_components([coarse, coarse[:5]], 8)
    assert selected == {} and whole[0].shape == (40, 8) and whole[1].shape == (5, 8)
    monkeypatch.setattr(pixel_components, "MOST_BYTES", 4 * 45 * 2 * 8 * 8 * 3 // 4)
    reduced, selected = principal_components([coarse, coarse[:5]], 8)
    assert selected == {"block": 2}
    # Blocks of equal pixels lose nothing: four pixels become one, so that coordinates are half as long.
    assert np.allclose(np.abs(whole[0].numpy()), 2 * np.abs(reduced[0].numpy()), atol=1e-2)


def test_the_block_follows_from_the_bytes() -> None:
    shape = (1000, 16, 224, 224, 3)
    block = block_side(int(np.prod(shape)), shape)
    assert 4 * np.prod(shape) / block**2 <= pixel_components.MOST_BYTES < 4 * np.prod(shape) / (block - 1) ** 2
    assert block_side(10**15, (10, 2, 4, 4, 3)) == 2
