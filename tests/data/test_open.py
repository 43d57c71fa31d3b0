"""Opening clips: the world's files are rendered once, and a run never resumes with other clips."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.errors import ManifestError
from auxjepa.data.open import bind, open_feed, open_pool, open_world


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> DataConfig:
    return DataConfig(root=tmp_path_factory.mktemp("pool"), clips=12, frames=4, size=16)


def test_a_cache_is_built_once_and_a_longer_one_begins_with_the_same_clips(config: DataConfig) -> None:
    pool = open_pool(config, workers=1, progress=False)
    assert pool.clips.shape == (12, 4, 16, 16, 3)
    files = {path: path.stat().st_mtime_ns for path in config.root.rglob("*.mp4")}
    assert len(files) == 12
    again = open_pool(config, workers=1, progress=False)
    assert again.key == pool.key and np.array_equal(again.clips, pool.clips)
    assert files == {path: path.stat().st_mtime_ns for path in config.root.rglob("*.mp4")}
    longer = open_pool(config.model_copy(update={"clips": 14}), workers=1, progress=False)
    assert np.array_equal(longer.clips[:12], pool.clips) and longer.key != pool.key


@pytest.mark.parametrize("change", [{"seed": 1}, {"size": 18}, {"frames": 6}], ids=str)
def test_other_settings_are_other_clips(config: DataConfig, change: dict[str, Any]) -> None:
    other = open_pool(config.model_copy(update=change), workers=1, progress=False)
    assert other.key != open_pool(config, workers=1, progress=False).key


def test_roles_and_splits_differ_and_images_have_one_frame(config: DataConfig) -> None:
    images = open_world(config, "test", 5, role="images", workers=1, progress=False)
    assert images.clips.shape == (5, 1, 16, 16, 3)
    keys = {open_world(config, split, 5, role="order", workers=1, progress=False).key for split in ("train", "test")}
    assert len(keys | {images.key}) == 3


@pytest.mark.parametrize("change", [{"stride": 2}, {"fps": 5.0}, {"source": "elsewhere:x"}], ids=str)
def test_settings_that_the_world_does_not_have_are_refused(config: DataConfig, change: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"videos|must be"):
        open_pool(config.model_copy(update=change), progress=False)


def test_a_run_is_bound_to_its_clips(config: DataConfig, tmp_path: Path) -> None:
    pool = open_feed(config, workers=1, progress=False)
    bind(tmp_path / "run", pool)
    bind(tmp_path / "run", pool)
    other = open_feed(config.model_copy(update={"seed": 1}), workers=1, progress=False)
    with pytest.raises(ConfigError, match=f"begun on other clips .pool {pool.key}, now {other.key}"):
        bind(tmp_path / "run", other)


def test_a_configuration_identifies_its_natural_clips(natural: Path, tmp_path: Path) -> None:
    config = DataConfig(source=f"folder:{natural}", root=tmp_path, clips=24, frames=4, size=24, fps=5, seed=3)
    pool = open_pool(config, progress=False)
    assert pool.clips.shape == (24, 4, 24, 24, 3) and len(set(pool.names)) == 4
    # At 5 frames a second: every 5th of 25 frames a second, every 5.994th of 29.97.
    steps = {name: np.diff(pool.indices[[n == name for n in pool.names]]) for name in pool.names}
    assert (steps["bikes.mp4"] == 5).all() and set(steps["carphone_pristine.mp4"].ravel()) <= {5, 6}
    again = open_pool(config, progress=False)
    assert again.key == pool.key and np.array_equal(again.clips, pool.clips)
    assert open_pool(config.model_copy(update={"seed": 4}), progress=False).key != pool.key
    with pytest.raises(ManifestError, match="no such folder"):
        open_pool(DataConfig(source=f"folder:{tmp_path}/none", root=tmp_path))
