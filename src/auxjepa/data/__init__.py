"""Data: from videos, pictures, tar shards and the synthetic world to batches of clips.

Everything here reads or draws clips and their labels, and divides them into splits. Models, training and scores belong
to other rooms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.data.errors import AnnotationError, CacheError, DataError, ManifestError, MissingFilesError, VideoError
    from auxjepa.data.lazy_clips import LazyClips, RenderedClips
    from auxjepa.data.open import open_feed, open_manifest, open_pool, open_world

__all__ = [
    "AnnotationError",
    "CacheError",
    "DataError",
    "LazyClips",
    "ManifestError",
    "MissingFilesError",
    "RenderedClips",
    "VideoError",
    "open_feed",
    "open_manifest",
    "open_pool",
    "open_world",
]

_MODULES = {
    "auxjepa.data.errors": (
        "AnnotationError",
        "CacheError",
        "DataError",
        "ManifestError",
        "MissingFilesError",
        "VideoError",
    ),
    "auxjepa.data.lazy_clips": ("LazyClips", "RenderedClips"),
    "auxjepa.data.open": ("open_feed", "open_manifest", "open_pool", "open_world"),
}
"""Module: its public names. They are imported on first use, because torch and PyAV take long to import."""

__getattr__ = import_on_use(__name__, _MODULES)
