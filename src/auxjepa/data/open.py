"""From a typed configuration to clips: the one door through which training and benchmarks open data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from auxjepa.config import ConfigError, DataConfig, hint
from auxjepa.data import world
from auxjepa.data.cache.build import RAW_UP_TO, ClipCache, build_cache, cache_bytes, clips_per_example
from auxjepa.data.errors import printable
from auxjepa.data.loading.feed import Feed, Source
from auxjepa.data.loading.frame_lists import FrameLists, index_files
from auxjepa.data.loading.mixture import Mixture, Part
from auxjepa.data.loading.reader import ArrayReader, ClipReader
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import Manifest, open_source, scan
from auxjepa.data.manifest.padding import padding_of, refuse_padding
from auxjepa.data.manifest.split import TRAIN
from auxjepa.data.manifest.split_folders import split_folders_of, training_part
from auxjepa.data.sets.set_manifest import open_set
from auxjepa.data.shards import open_shards
from auxjepa.data.space import require
from auxjepa.data.world.factors import ROLES, VERSION, Role
from auxjepa.data.world.files import check_cut, world_bytes
from auxjepa.data.world.shifts import VERSION as SHIFTS_VERSION
from auxjepa.files import append_lines, write_text

DIVIDED = ("folder", "shards")
"""Kinds of sources whose examples lie in folders, which may name an official split."""
NOTED = "data.jsonl"
"""In a run's folder: what was said of its clips before the first step; every clip whose file couldn't be read, why, and
which one stood in for it; workers that died."""


def open_feed(
    config: DataConfig, *, opened: Mapping[str, Manifest] | None = None, workers: int = 2, progress: bool = True
) -> Feed:
    """The clips of a run: cached ones are decoded once and shared by all runs with the same settings.

    Args:
        opened: manifests of sources that are open already, by name, of which all examples are read.
        workers: processes that scan and build caches, 0 for one per core (``config.workers`` decode while training).

    Raises:
        ConfigError: for an unknown source, a rate of frames asked of the world, or clips that are mostly padding.
        ManifestError, CacheError: see :mod:`auxjepa.data`.
    """
    own = config.sources
    weights = {name: part.weight for name, part in config.mixture.items()}
    cuts = {name: one.frames for name, one in own.items()} if len({c.frames for c in own.values()}) > 1 else {}
    # Weights that can't be mixed are refused before anything is scanned or decoded.
    Mixture([Part(name, 1, weights.get(name, 1.0), cuts.get(name, 0)) for name in own], 0)
    manifests = dict(opened or {})
    for name, one in own.items():
        if name not in manifests:
            manifests[name] = open_manifest(one, workers=workers, progress=progress)
    notes = [note for name, one in own.items() for note in _notes(one, manifests[name], config.cache == "none")]
    for note in notes if progress else ():
        Console(stderr=True).print(printable(note), markup=False, highlight=False, soft_wrap=True)
    if config.cache == "none":
        parts = [Part(n, len(m), weights.get(n, 1.0), cuts.get(n, 0)) for n, m in manifests.items()]
        how = [(manifests[name], Cut(one.frames, one.size, one.stride, one.fps)) for name, one in own.items()]
        sources = [Source([entry.name for entry in m.entries], m.labels) for m in manifests.values()]
        key = _key([(m.digest, cut.__dict__) for m, cut in how], parts)
        lists = [_indices(config.root, m, workers, progress) for m in manifests.values()]
        return Feed(key, parts, ClipReader(how, lists), sources, workers=config.workers, notes=notes)
    caches = {name: open_pool(one, manifests[name], workers=workers, progress=progress) for name, one in own.items()}
    parts = [Part(n, len(c), weights.get(n, 1.0), cuts.get(n, 0)) for n, c in caches.items()]
    sources = [Source(cache.names, cache.labels) for cache in caches.values()]
    reader = ArrayReader([cache.clips for cache in caches.values()], [cache.names for cache in caches.values()])
    # A memory map is read faster than it could be handed over; JPEG is decoded ahead.
    ahead = 0 if all(isinstance(cache.clips, np.ndarray) for cache in caches.values()) else config.workers
    keys = [cache.key for cache in caches.values()]
    key = keys[0] if len(keys) == 1 else _key(keys, parts)
    return Feed(key, parts, reader, sources, workers=ahead, notes=notes)


def open_pool(
    config: DataConfig, manifest: Manifest | None = None, *, workers: int = 2, progress: bool = True
) -> ClipCache:
    """The cached clips of one source: ``data.clips`` of them, cut as ``config`` says.

    Args:
        manifest: of the source, or of some of its examples; opened where it isn't given.

    Raises:
        ConfigError, ManifestError, CacheError: see :func:`open_feed`.
    """
    if manifest is None:
        manifest = open_manifest(config, workers=workers, progress=progress)
    encoding = "auto" if config.cache == "none" else config.cache
    build = {"root": config.root, "frames": config.frames, "size": config.size, "encoding": encoding}
    if config.source.partition(":")[0] != "world":
        build |= {"stride": config.stride, "fps": config.fps, "count": config.clips, "seed": config.seed}
    return build_cache(manifest, workers=workers, progress=progress, **build)


def open_manifest(config: DataConfig, *, workers: int = 2, progress: bool = True) -> Manifest:
    """The usable examples of one source; with ``data.split: train`` those of its training folders.

    Raises:
        ConfigError: when there are none.
        ManifestError: see :func:`open_feed`.
    """
    kind, _, rest = config.source.partition(":")
    check_source(config)
    if kind == "world":
        role: Any = rest or "mixture"
        return world_manifest(config, "pretrain", config.clips, role=role, workers=workers, progress=progress)
    if kind == "folder":
        manifest = open_source(config.source, config.root, workers=workers, progress=progress)
        return training_part(manifest, config.source) if config.split == "train" else manifest
    if kind == "shards":
        manifest = open_shards(rest, config.root, workers=workers, limit=config.shard_limit, progress=progress)
        return training_part(manifest, config.source) if config.split == "train" else manifest
    return open_set(config.source, config.root)


def check_source(config: DataConfig) -> None:
    """Nothing, if ``config.source`` names a kind of data, and what is asked of the world can be drawn.

    Raises:
        ConfigError: for an unknown source or part of the world, or settings that the world doesn't have.
    """
    kind, _, rest = config.source.partition(":")
    if kind == "world":
        role = rest or "mixture"
        if role not in ROLES:
            raise ConfigError(f"the world has no {role!r}{hint(role, ROLES)}")
        if config.stride != 1 or config.fps is not None:
            raise ConfigError("data.stride and data.fps are for videos; the world is drawn frame by frame")
        check_cut(config.frames, config.size)
    elif not kind or (rest == "") == (kind in ("folder", "shards")) or (rest and kind not in ("folder", "shards")):
        sources = "'world', a prepared data set, 'folder:PATH' or 'shards:URL'"
        raise ConfigError(f"data.source must be {sources}, got {config.source!r}")


def _notes(config: DataConfig, manifest: Manifest, live: bool) -> list[str]:
    """What there is to say about the clips of one source before anything is decoded.

    Raises:
        ConfigError: when they are mostly padding, and nobody asked for that.
    """
    notes, kind = [], config.source.partition(":")[0]
    if kind == "world":
        return notes
    folders = split_folders_of(manifest) if kind in DIVIDED and config.split == "all" else None
    if folders is not None:
        beside = int((folders.split != TRAIN).sum())
        notes.append(
            f"{config.source}: all {len(manifest):,} videos are read, though folders divide them into training and "
            f"test: {beside:,} lie outside {folders.named(TRAIN)}; data.split: train leaves those out"
        )
    cut = Cut(config.frames, config.size, config.stride, config.fps)
    each = None if live else clips_per_example(len(manifest), config.clips, config.seed)
    padding = padding_of(manifest, cut, each)
    if not config.allow_padding:
        refuse_padding(padding, config.source, "--data.allow-padding")
    if padding.summary():
        notes.append(f"{config.source}: {padding.summary()}")
    return notes


def open_world(
    config: DataConfig,
    split: str,
    count: int,
    *,
    role: Role = "mixture",
    shift: str = "",
    workers: int = 2,
    progress: bool = True,
) -> ClipCache:
    """A split of the synthetic world, decoded like any other videos.

    Args:
        shift: ``NAME-SEVERITY`` of a shifted world (:mod:`auxjepa.data.world.shifts`).
    """
    manifest = world_manifest(config, split, count, role=role, shift=shift, workers=workers, progress=progress)
    frames = 1 if role == "images" else config.frames
    return build_cache(manifest, root=config.root, frames=frames, size=config.size, workers=workers, progress=progress)


def world_manifest(
    config: DataConfig,
    split: str,
    count: int,
    *,
    role: Role = "mixture",
    shift: str = "",
    workers: int = 2,
    progress: bool = True,
) -> Manifest:
    """A split of the synthetic world, rendered into H.264 files once.

    Images are files of one frame. Each length has files of its own, in which clip i is the same, and so has each
    version of the world.
    """
    frames = 1 if role == "images" else config.frames
    name = f"{role}-{split}-{count}-{frames}x{config.size}-seed{config.seed}-v{VERSION}"
    folder = config.root / "world" / (f"{name}-{shift}-v{SHIFTS_VERSION}" if shift else name)
    if not (folder / "labels.csv").exists():
        encoding = "raw" if config.size <= RAW_UP_TO else "jpeg"
        decoded = cache_bytes(count, frames, config.size, encoding)
        what = f"{count:,} clips of {frames:,} x {config.size:,} x {config.size:,} of the world and their cache"
        require(config.root, what, world_bytes(count, frames, config.size) + decoded)
        world.write_videos(folder, split, count, config.seed, frames, config.size, workers, role, progress, shift)
    # What was encoded a moment ago needs no full decoding to be trusted.
    return scan(folder, workers=workers, check=False, progress=progress, quiet=True)


def _indices(root: Path, manifest: Manifest, workers: int, progress: bool) -> FrameLists:
    """Where the frames of a manifest's files are, found out once."""
    file = root / "manifests" / f"{manifest.digest[:16]}.frames.npz"  # of these examples: splits share a folder
    return index_files(manifest, file, workers=workers, progress=progress)


def _key(content: list, parts: list[Part]) -> str:
    """A name for a mixture: what is mixed, and how."""
    told = json.dumps([content, [(part.name, part.weight, part.frames) for part in parts]], sort_keys=True)
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def bind(folder: Path, pool: Feed) -> None:
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
    append_lines(folder / NOTED, [{"step": 0, "event": event} for event in pool.notes])
