"""Caches: clips that are cut from a manifest once, stored on the disk, and shared by all runs with the same settings.

Everything here builds, opens, checks and removes caches. The order in which runs read clips belongs to
:mod:`auxjepa.data.loading`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.data.cache.build import build_cache, cache_bytes, clips_per_example
    from auxjepa.data.cache.clip_cache import ClipCache, Encoding, cache_key, open_cache
    from auxjepa.data.cache.job import Job, JobClips
    from auxjepa.data.cache.jpeg import JpegClips
    from auxjepa.data.cache.store import fill_cache
    from auxjepa.data.cache.upkeep import CacheStatus, list_caches, remove, verify

__all__ = [
    "CacheStatus",
    "ClipCache",
    "Encoding",
    "Job",
    "JobClips",
    "JpegClips",
    "build_cache",
    "cache_bytes",
    "cache_key",
    "clips_per_example",
    "fill_cache",
    "list_caches",
    "open_cache",
    "remove",
    "verify",
]

_MODULES = {
    "auxjepa.data.cache.build": ("build_cache", "cache_bytes", "clips_per_example"),
    "auxjepa.data.cache.clip_cache": ("ClipCache", "Encoding", "cache_key", "open_cache"),
    "auxjepa.data.cache.job": ("Job", "JobClips"),
    "auxjepa.data.cache.jpeg": ("JpegClips",),
    "auxjepa.data.cache.store": ("fill_cache",),
    "auxjepa.data.cache.upkeep": ("CacheStatus", "list_caches", "remove", "verify"),
}
"""Module: its public names. They are imported on first use, because PyAV and Pillow take long to import."""

__getattr__ = import_on_use(__name__, _MODULES)
