"""From a typed configuration to clips: the one door through which training and benchmarks open data."""

from __future__ import annotations

from pathlib import Path

from auxjepa.config import ConfigError, DataConfig
from auxjepa.data import world
from auxjepa.data.cache import ClipCache, build_cache
from auxjepa.data.folder import folder_clips
from auxjepa.data.manifest import scan
from auxjepa.data.world.factors import VERSION, Role
from auxjepa.files import write_text


def open_pool(config: DataConfig, *, workers: int = 2, progress: bool = True) -> ClipCache:
    """The training pool of a run, decoded once and shared by all runs with the same settings.

    Raises:
        ConfigError: for an unknown source, or a rate of frames asked of the world.
        ManifestError, CacheError: see :mod:`auxjepa.data`.
    """
    if config.source == "world":
        if config.stride != 1 or config.fps is not None:
            raise ConfigError("data.stride and data.fps are for videos; the world is drawn frame by frame")
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

    Images are files of one frame. Each length has files of its own, in which clip i is the same, and so has each
    version of the world.
    """
    frames = 1 if role == "images" else config.frames
    folder = config.root / "world" / f"{role}-{split}-{count}-{frames}x{config.size}-seed{config.seed}-v{VERSION}"
    if not (folder / "labels.csv").exists():
        world.write_videos(folder, split, count, config.seed, frames, config.size, workers, role, progress)
    # What was encoded a moment ago needs no full decoding to be trusted.
    manifest = scan(folder, workers=workers, check=False, progress=progress)
    return build_cache(manifest, root=config.root, frames=frames, size=config.size, workers=workers, progress=progress)


def bind(folder: Path, pool: ClipCache) -> None:
    """Note in a run's folder on which clips it is trained, or make sure that it goes on with the same.

    A configuration names a folder of videos by its path; this is what notices that the videos have changed meanwhile.

    Raises:
        ConfigError: when the run was begun on other clips.
    """
    note = folder / "pool.txt"
    if note.exists():
        before = note.read_text().strip()
        if before != pool.key:
            raise ConfigError(
                f"{folder} was begun on other clips (pool {before}, now {pool.key}): videos, labels or the way they "
                "are decoded have changed; choose another folder"
            )
        return
    write_text(note, pool.key + "\n")
