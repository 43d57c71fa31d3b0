"""From a typed configuration to clips: the one door through which training and benchmarks open data."""

from __future__ import annotations

from pathlib import Path

from auxjepa.config import ConfigError, DataConfig
from auxjepa.data import world
from auxjepa.data.cache import ClipCache, build_cache
from auxjepa.data.folder import folder_clips
from auxjepa.data.manifest import scan
from auxjepa.data.world.factors import Role


def open_pool(config: DataConfig, *, workers: int = 2, progress: bool = True) -> ClipCache:
    """The training pool of a run, decoded once and shared by all runs with the same settings.

    Raises:
        ConfigError: for an unknown source. ManifestError, CacheError: see :mod:`auxjepa.data`.
    """
    if config.source == "world":
        return open_world(config, "pretrain", config.clips, workers=workers, progress=progress)
    if not config.source.startswith("folder:"):
        raise ConfigError(f"data.source must be 'world' or 'folder:PATH', got {config.source!r}")
    return folder_clips(config, workers=workers, progress=progress)


def open_world(
    config: DataConfig,
    split: str,
    count: int,
    *,
    role: Role = "mixture",
    workers: int = 2,
    progress: bool = True,
) -> ClipCache:
    """A split of the synthetic world: rendered into H.264 files once, then decoded like any other videos.

    A pool of other length than that in the files is drawn anew in a folder of its own: clip i is the same in both.
    """
    folder = world_folder(config, role, split, count)
    done = folder / "labels.csv"
    if not done.exists():
        world.write_videos(folder, split, count, config.seed, config.frames, config.size, workers, role, progress)
    # What this process family has just encoded needs no second full decoding to be trusted.
    manifest = scan(folder, workers=workers, check=False, progress=progress)
    return build_cache(
        manifest, root=config.root, frames=config.frames, size=config.size, workers=workers, progress=progress
    )


def world_folder(config: DataConfig, role: Role, split: str, count: int) -> Path:
    """Where the files of a split lie, below ``config.root``."""
    name = f"{role}-{split}-{count}-{config.frames}x{config.size}-seed{config.seed}"
    return config.root / "world" / name
