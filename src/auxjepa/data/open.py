"""Opens the clips of a configuration. Training and benchmarks open all data through this module."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from auxjepa.config import ConfigError, DataConfig, hint
from auxjepa.console import print_note
from auxjepa.data import world
from auxjepa.data.cache.build import RAW_UP_TO, build_cache, cache_bytes, clips_per_example
from auxjepa.data.cache.clip_cache import ClipCache
from auxjepa.data.loading.feed import Feed, Source
from auxjepa.data.loading.frame_lists import FrameLists, index_files
from auxjepa.data.loading.mixture import Mixture, Part
from auxjepa.data.loading.reader import ArrayReader, ClipReader
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import Manifest, open_source, scan
from auxjepa.data.manifest.padding import padding_of, refuse_padding
from auxjepa.data.manifest.reserved_columns import official_split_of, training_part
from auxjepa.data.manifest.split import TRAIN
from auxjepa.data.sets.set_manifest import open_set
from auxjepa.data.shards import open_shards
from auxjepa.data.space import require
from auxjepa.data.world.factors import ROLES, STILL_ROLES, VERSION, Role
from auxjepa.data.world.files import check_cut, world_bytes
from auxjepa.data.world.shifts import VERSION as SHIFTS_VERSION
from auxjepa.files import append_lines, write_text

FOLDER_KINDS = ("folder", "shards")
"""Kinds of sources whose folders may name an official split."""
NOTES_FILE = "data.jsonl"
"""File in a run's folder. It lists notes on the clips before the first step, every clip whose file couldn't be read
with the reason and its substitute, and worker processes that died.
"""


def open_feed(
    config: DataConfig, *, opened: Mapping[str, Manifest] | None = None, workers: int = 2, progress: bool = True
) -> Feed:
    """Return the clips of a run. Cached clips are decoded once and shared by all runs with the same settings.

    Args:
        config: which clips are read, and how.
        opened: manifests of sources that are open already, by name. All their examples are read.
        workers: processes that scan and build caches, 0 for one per core (``config.workers`` decode while training).
        progress: whether to show progress and notes on standard error.

    Raises:
        ConfigError: for an unknown source, a frame rate for the synthetic world, or clips that are mostly padding.
        ManifestError: when a source cannot be used.
        CacheError: when a cache is damaged or cannot be built.
    """
    configs = config.sources
    weights = {name: part.weight for name, part in config.mixture.items()}
    lengths = {each.frames for each in configs.values()}
    frames = {name: each.frames for name, each in configs.items()} if len(lengths) > 1 else {}
    # Weights that can't be mixed are refused before anything is scanned or decoded.
    Mixture([Part(name, 1, weights.get(name, 1.0), frames.get(name, 0)) for name in configs], 0)
    manifests = dict(opened or {})
    for name, each in configs.items():
        if name not in manifests:
            manifests[name] = open_manifest(each, workers=workers, progress=progress)
    notes = [note for name, each in configs.items() for note in _notes(each, manifests[name], config.cache == "none")]
    for note in notes if progress else ():
        print_note(note)
    if config.cache == "none":
        parts = [Part(n, len(m), weights.get(n, 1.0), frames.get(n, 0)) for n, m in manifests.items()]
        cuts = [(manifests[name], Cut(c.frames, c.size, c.stride, c.fps)) for name, c in configs.items()]
        sources = [Source([entry.name for entry in m.entries], m.labels) for m in manifests.values()]
        key = _key([(manifest.digest, cut.__dict__) for manifest, cut in cuts], parts)
        lists = [_indices(config.root, m, workers, progress) for m in manifests.values()]
        return Feed(key, parts, ClipReader(cuts, lists), sources, workers=config.workers, notes=notes)
    caches = {n: open_pool(each, manifests[n], workers=workers, progress=progress) for n, each in configs.items()}
    parts = [Part(n, len(c), weights.get(n, 1.0), frames.get(n, 0)) for n, c in caches.items()]
    sources = [Source(cache.names, cache.labels) for cache in caches.values()]
    reader = ArrayReader([cache.clips for cache in caches.values()], [cache.names for cache in caches.values()])
    # Reading a memory map is faster than passing clips between processes. JPEG is decoded ahead by workers.
    decoders = 0 if all(isinstance(cache.clips, np.ndarray) for cache in caches.values()) else config.workers
    keys = [cache.key for cache in caches.values()]
    key = keys[0] if len(keys) == 1 else _key(keys, parts)
    return Feed(key, parts, reader, sources, workers=decoders, notes=notes)


def open_pool(
    config: DataConfig, manifest: Manifest | None = None, *, workers: int = 2, progress: bool = True
) -> ClipCache:
    """Return the cached clips of one source: ``data.clips`` of them, cut as ``config`` says.

    Args:
        config: the source and the cut.
        manifest: of the source, or of some of its examples. It is opened if it is None.
        workers: processes, 0 for one per core.
        progress: whether to show progress on standard error.

    Raises:
        ConfigError: see :func:`open_feed`.
        ManifestError: see :func:`open_feed`.
        CacheError: see :func:`open_feed`.
    """
    if manifest is None:
        manifest = open_manifest(config, workers=workers, progress=progress)
    encoding = "auto" if config.cache == "none" else config.cache
    build = {"root": config.root, "frames": config.frames, "size": config.size, "encoding": encoding}
    if config.source.partition(":")[0] != "world":
        build |= {"stride": config.stride, "fps": config.fps, "count": config.clips, "seed": config.seed}
    return build_cache(manifest, workers=workers, progress=progress, **build)


def open_manifest(config: DataConfig, *, workers: int = 2, progress: bool = True) -> Manifest:
    """Return the manifest of one source; with ``data.split: train``, only the examples of its training folders.

    Raises:
        ConfigError: when there are no such examples.
        ManifestError: see :func:`open_feed`.
    """
    kind, _, location = config.source.partition(":")
    check_source(config)
    if kind == "world":
        role: Any = location or "mixture"
        return world_manifest(config, "pretrain", config.clips, role=role, workers=workers, progress=progress)
    if kind == "folder":
        manifest = open_source(config.source, config.root, workers=workers, progress=progress)
        return training_part(manifest, config.source) if config.split == "train" else manifest
    if kind == "shards":
        manifest = open_shards(location, config.root, workers=workers, limit=config.shard_limit, progress=progress)
        return training_part(manifest, config.source) if config.split == "train" else manifest
    return open_set(config.source, config.root)


def check_source(config: DataConfig) -> None:
    """Check that ``config.source`` names a kind of data and that the synthetic world has the requested settings.

    Raises:
        ConfigError: for an unknown source, an unknown part of the world, or settings that the world doesn't have.
    """
    kind, _, location = config.source.partition(":")
    if kind == "world":
        role = location or "mixture"
        if role not in ROLES:
            raise ConfigError(f"the world has no {role!r}{hint(role, ROLES)}")
        if config.stride != 1 or config.fps is not None:
            raise ConfigError("data.stride and data.fps are for videos; the world is drawn frame by frame")
        check_cut(config.frames, config.size)
        return
    needs_location = kind in FOLDER_KINDS
    if not kind or needs_location != bool(location):
        sources = "'world', a prepared data set, 'folder:PATH' or 'shards:URL'"
        raise ConfigError(f"data.source must be {sources}, got {config.source!r}")


def _notes(config: DataConfig, manifest: Manifest, live: bool) -> list[str]:
    """Return the notes on the clips of one source, before anything is decoded.

    Args:
        config: of the source.
        manifest: of the source.
        live: whether clips are decoded while training, so that each example counts once.

    Raises:
        ConfigError: when the clips are mostly padding and the configuration doesn't allow that.
    """
    notes, kind = [], config.source.partition(":")[0]
    if kind == "world":
        return notes
    folders = official_split_of(manifest) if kind in FOLDER_KINDS and config.split == "all" else None
    if folders is not None:
        outside = int((folders.split != TRAIN).sum())
        notes.append(
            f"{config.source}: all {len(manifest):,} videos are read, though there is an official division "
            f"(by {folders.origin}) into training and test: {outside:,} are outside {folders.named(TRAIN)}; "
            "data.split: train leaves those out"
        )
    cut = Cut(config.frames, config.size, config.stride, config.fps)
    counts = None if live else clips_per_example(len(manifest), config.clips, config.seed)
    padding = padding_of(manifest, cut, counts)
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
    """Return the cached clips of a split of the synthetic world. They are decoded like any other videos.

    Args:
        config: size, frames, seed and root.
        split: name of the split.
        count: number of clips.
        role: which part of the world.
        shift: ``NAME-SEVERITY`` of a shifted world (:mod:`auxjepa.data.world.shifts`), or "".
        workers: processes, 0 for one per core.
        progress: whether to show progress on standard error.
    """
    manifest = world_manifest(config, split, count, role=role, shift=shift, workers=workers, progress=progress)
    frames = 1 if role in STILL_ROLES else config.frames
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
    """Return the manifest of a split of the synthetic world. Its H.264 files are rendered if they don't exist.

    Images are files of one frame. Each clip length and each version of the world has separate files, and clip i is the
    same in all lengths.

    Args:
        config: see :func:`open_world`.
        split: see :func:`open_world`.
        count: see :func:`open_world`.
        role: see :func:`open_world`.
        shift: see :func:`open_world`.
        workers: see :func:`open_world`.
        progress: see :func:`open_world`.
    """
    frames = 1 if role in STILL_ROLES else config.frames
    name = f"{role}-{split}-{count}-{frames}x{config.size}-seed{config.seed}-v{VERSION}"
    folder = config.root / "world" / (f"{name}-{shift}-v{SHIFTS_VERSION}" if shift else name)
    if not (folder / "labels.csv").exists():
        encoding = "raw" if config.size <= RAW_UP_TO else "jpeg"
        decoded = cache_bytes(count, frames, config.size, encoding)
        what = f"{count:,} clips of {frames:,} x {config.size:,} x {config.size:,} of the world and their cache"
        require(config.root, what, world_bytes(count, frames, config.size) + decoded)
        world.write_videos(folder, split, count, config.seed, frames, config.size, workers, role, progress, shift)
    # These files were just encoded, so that a full decoding isn't needed.
    return scan(folder, workers=workers, check=False, progress=progress, quiet=True)


def _indices(root: Path, manifest: Manifest, workers: int, progress: bool) -> FrameLists:
    """Return the frame lists of a manifest's files, from the file under ``root`` if it is up to date."""
    file = root / "manifests" / f"{manifest.digest[:16]}.frames.npz"  # named by the examples: splits share a folder
    return index_files(manifest, file, workers=workers, progress=progress)


def _key(content: list, parts: list[Part]) -> str:
    """Return a key for a mixture, a hash of its parts and their weights."""
    text = json.dumps([content, [(part.name, part.weight, part.frames) for part in parts]], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def bind(folder: Path, feed: Feed) -> None:
    """Record in a run's folder which clips it is trained on, or check that it resumes with the same clips.

    A configuration names a folder of videos by its path. This check detects that the videos have changed since.

    Args:
        folder: of the run.
        feed: the clips of the run.

    Raises:
        ConfigError: when the run was begun on other clips.
    """
    note = folder / "pool.txt"
    if note.exists():
        before = note.read_text().strip()
        if before != feed.key:
            raise ConfigError(
                f"{folder} was begun on other clips (pool {before}, now {feed.key}): videos, labels or the way they "
                "are decoded have changed; choose another folder"
            )
        return
    write_text(note, feed.key + "\n")
    append_lines(folder / NOTES_FILE, [{"step": 0, "event": event} for event in feed.notes])
