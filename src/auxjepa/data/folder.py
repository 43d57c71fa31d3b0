"""The pool of clips of a run on natural videos: from ``data.source = folder:PATH`` to an open cache."""

from __future__ import annotations

from auxjepa.config import DataConfig
from auxjepa.data.cache import ClipCache, build_cache
from auxjepa.data.manifest import open_source


def folder_clips(config: DataConfig, *, workers: int = 2, progress: bool = True) -> ClipCache:
    """Scan the folder (or bring its manifest up to date) and open its cache, built first where there is none.

    Args:
        config: source, root, clips, frames, size, stride, fps and seed are used.
        workers: processes, 0 for one per core.

    Raises:
        ManifestError, CacheError: when folder, videos or cache cannot be used.
        ValueError: when the source isn't a folder.
    """
    manifest = open_source(config.source, config.root, workers=workers, progress=progress)
    return build_cache(
        manifest,
        root=config.root,
        frames=config.frames,
        size=config.size,
        stride=config.stride,
        fps=config.fps,
        count=config.clips,
        seed=config.seed,
        workers=workers,
        progress=progress,
    )
