from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auxjepa.config import DataConfig
from auxjepa.data.errors import ManifestError
from auxjepa.data.folder import folder_clips


def test_a_configuration_names_its_pool_of_natural_clips(natural: Path, tmp_path: Path) -> None:
    config = DataConfig(source=f"folder:{natural}", root=tmp_path, clips=24, frames=4, size=24, fps=5, seed=3)
    pool = folder_clips(config, progress=False)
    assert pool.clips.shape == (24, 4, 24, 24, 3) and len(set(pool.names)) == 4
    # At 5 frames a second: every 5th of 25 frames a second, every 5.994th of 29.97.
    steps = {name: np.diff(pool.indices[[n == name for n in pool.names]]) for name in pool.names}
    assert (steps["bikes.mp4"] == 5).all() and set(steps["carphone_pristine.mp4"].ravel()) <= {5, 6}
    again = folder_clips(config, progress=False)
    assert again.key == pool.key and np.array_equal(again.clips, pool.clips)
    assert folder_clips(config.model_copy(update={"seed": 4}), progress=False).key != pool.key


def test_a_source_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="no such folder"):
        folder_clips(DataConfig(source=f"folder:{tmp_path}/none", root=tmp_path))
    with pytest.raises(ValueError, match="folder:PATH"):
        folder_clips(DataConfig(source="world", root=tmp_path))
