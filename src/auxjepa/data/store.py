"""Decoded clips as a memory map shared by all runs: decode once, then read at the speed of the page cache.

A cache is a folder named by its key, the hash of everything that decides its bytes::

    clips/KEY/clips.bin     uint8 [n F X Y 3], C order, nothing else
    clips/KEY/journal.npy   one record a clip: frame numbers, repeats, CRC-32 of its bytes
    clips/KEY/labels.npz    label columns, int64 [n]
    clips/KEY/header.json   version, shape, settings, clip names, checksums of the three files above
    clips/KEY.lock          held by whoever builds

It grows in ``KEY.partial`` and is renamed when complete, so that a folder under its own name is whole. Each clip is
written before its journal record; a killed build goes on with the clips whose record is there and whose CRC holds.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from auxjepa.data.errors import CacheError
from auxjepa.data.parallel import locked, run_jobs

VERSION = 1


@dataclass(frozen=True)
class Rendered:
    """What a job yields: ``clips`` uint8 ``[k F X Y 3]``, ``indices`` int ``[k F]`` and ``repeated`` int ``[k]``."""

    clips: np.ndarray
    indices: np.ndarray
    repeated: np.ndarray


@dataclass(frozen=True)
class Job:
    """Clips ``first … first + count - 1`` of a cache, and what the renderer needs to know to make them."""

    first: int
    count: int
    payload: Any


@dataclass(frozen=True)
class ClipCache:
    """An open cache.

    Args:
        clips: read-only memory map, uint8 ``[n F X Y 3]``. names: where each clip comes from.
        labels: int64 ``[n]`` by column, -1 where unknown. classes: the values of each column as written.
        indices: frame numbers, int32 ``[n F]``. repeated: how many frames at the end of each clip stand in for missing
            ones, int32 ``[n]``.
    """

    folder: Path
    key: str
    clips: np.memmap
    names: tuple[str, ...]
    labels: dict[str, np.ndarray]
    classes: dict[str, tuple[str, ...]]
    indices: np.ndarray
    repeated: np.ndarray

    def __len__(self) -> int:
        return len(self.clips)


def cache_key(settings: Mapping[str, Any]) -> str:
    """Name of the cache of these settings, 16 hex digits."""
    content = json.dumps({"version": VERSION, **settings}, sort_keys=True)
    return hashlib.blake2b(content.encode(), digest_size=8).hexdigest()


def fill_cache(
    root: Path,
    settings: Mapping[str, Any],
    shape: tuple[int, int, int],
    jobs: Sequence[Job],
    render: Callable[[Any], Rendered],
    *,
    names: Sequence[str],
    labels: Mapping[str, np.ndarray] | None = None,
    classes: Mapping[str, Sequence[str]] | None = None,
    workers: int = 2,
    progress: bool = True,
) -> ClipCache:
    """The cache of these settings: opened where it exists, continued where it was begun, else filled by ``render``.

    Args:
        root: folder of all caches. settings: JSON-able, everything that decides the bytes. shape: (F, X, Y).
        jobs: together they cover clips 0 … n - 1, each once. render: makes the clips of a job from its payload; a
            function that can be pickled by name, equal bytes for equal payloads.
        names, labels, classes: of the n clips, see :class:`ClipCache`. workers: processes, 0 for one per core.

    Raises:
        CacheError: when an existing cache is damaged. Whatever ``render`` raises: finished clips are kept.
    """
    key = cache_key(settings)
    root.mkdir(parents=True, exist_ok=True)
    final, partial_folder = root / key, root / f"{key}.partial"
    with locked(root / f"{key}.lock", "builds this cache", progress=progress):
        if not final.exists():
            partial_folder.mkdir(exist_ok=True)
            journal = _render_missing(partial_folder, (len(names), *shape, 3), jobs, render, workers, progress)
            header = {"settings": dict(settings), "shape": [len(names), *shape, 3], "names": list(names)}
            header["classes"] = {name: list(values) for name, values in (classes or {}).items()}
            _complete(partial_folder, header, journal, dict(labels or {}))
            partial_folder.rename(final)
    return open_cache(root, key)


def open_cache(root: Path, key: str, *, verify: bool = False) -> ClipCache:
    """Open a complete cache.

    Args:
        verify: also read every clip and compare its checksum (about a second a gigabyte).

    Raises:
        CacheError: when there is none, or its header, size or a checksum is wrong.
    """
    folder = Path(root) / key
    if not folder.is_dir():
        begun = " (it was begun: build it again to go on)" if (Path(root) / f"{key}.partial").exists() else ""
        raise CacheError(folder, f"there is no such cache{begun}")
    header = _read_header(folder)
    shape = tuple(header["shape"])
    clips_file = folder / "clips.bin"
    size = clips_file.stat().st_size if clips_file.exists() else 0
    if size != np.prod(shape, dtype=np.int64):
        raise CacheError(clips_file, f"{size:,} bytes instead of {np.prod(shape, dtype=np.int64):,}: {_REMEDY}")
    for name in ("journal.npy", "labels.npz"):
        if not (folder / name).exists() or _digest(folder / name) != header["checksums"][name]:
            raise CacheError(folder / name, f"the checksum is wrong: {_REMEDY}")
    journal = np.load(folder / "journal.npy", allow_pickle=False)
    with np.load(folder / "labels.npz", allow_pickle=False) as columns:
        labels = {name: columns[name] for name in columns.files}
    clips = np.memmap(clips_file, dtype=np.uint8, mode="r", shape=shape)
    if verify:
        for number, clip in enumerate(clips):
            if zlib.crc32(clip.data) != journal["crc"][number]:
                raise CacheError(clips_file, f"clip {number} ({header['names'][number]}) is damaged: {_REMEDY}")
    return ClipCache(
        folder=folder,
        key=key,
        clips=clips,
        names=tuple(header["names"]),
        labels=labels,
        classes={name: tuple(values) for name, values in header["classes"].items()},
        indices=journal["indices"].copy(),
        repeated=journal["repeated"].copy(),
    )


_REMEDY = "delete the folder and build it again"


def _render_missing(
    folder: Path,
    shape: tuple[int, ...],
    jobs: Sequence[Job],
    render: Callable[[Any], Rendered],
    workers: int,
    progress: bool,
) -> np.ndarray:
    """Bring ``clips.bin`` to completion and return its journal."""
    count, frames, bytes_each = shape[0], shape[1], int(np.prod(shape[1:], dtype=np.int64))
    record = np.dtype([("done", "u1"), ("crc", "<u4"), ("repeated", "<i4"), ("indices", "<i4", (frames,))])
    clips_file, journal_file = folder / "clips.bin", folder / "journal.bin"
    for file, size in ((clips_file, count * bytes_each), (journal_file, count * record.itemsize)):
        file.touch()
        os.truncate(file, size)  # sparse at first; a file of another size was not ours
    journal = np.fromfile(journal_file, dtype=record)
    for number in np.flatnonzero(journal["done"]):
        clip = np.fromfile(clips_file, np.uint8, bytes_each, offset=int(number) * bytes_each)
        journal["done"][number] = zlib.crc32(clip.data) == journal["crc"][number]
    missing = [job for job in jobs if not journal["done"][job.first : job.first + job.count].all()]
    work = partial(_render_job, clips_file, bytes_each, render)
    with journal_file.open("r+b") as file:
        for job, (crc, indices, repeated) in run_jobs(work, missing, workers, "decoding clips", progress=progress):
            done = journal[job.first : job.first + job.count]
            done["crc"], done["indices"], done["repeated"], done["done"] = crc, indices, repeated, 1
            file.seek(job.first * record.itemsize)
            file.write(done.tobytes())
            file.flush()
    return journal


def _render_job(clips_file: Path, bytes_each: int, render: Callable[[Any], Rendered], job: Job) -> tuple[Any, Any, Any]:
    """Runs in a worker: the clips go straight to their place in the file, only their description travels back."""
    rendered = render(job.payload)
    if rendered.clips.dtype != np.uint8 or rendered.clips.nbytes != job.count * bytes_each:
        raise ValueError(f"a job of {job.count} clips made {rendered.clips.dtype} {rendered.clips.shape}")
    clips = np.ascontiguousarray(rendered.clips)
    with clips_file.open("r+b") as file:
        file.seek(job.first * bytes_each)
        file.write(clips.data)
    return np.array([zlib.crc32(clip.data) for clip in clips], np.uint32), rendered.indices, rendered.repeated


def _complete(folder: Path, header: dict[str, Any], journal: np.ndarray, labels: dict[str, np.ndarray]) -> None:
    kept = journal[["crc", "repeated", "indices"]]
    np.save(folder / "journal.npy", np.array(kept.tolist(), dtype=[(n, kept.dtype[n]) for n in kept.dtype.names or ()]))
    np.savez(folder / "labels.npz", **{name: column.astype(np.int64) for name, column in labels.items()})  # type: ignore[arg-type]
    header |= {"format": "auxjepa-clips", "version": VERSION}
    header["checksums"] = {name: _digest(folder / name) for name in ("journal.npy", "labels.npz")}
    header["header"] = _header_digest(header)
    (folder / "header.json").write_text(json.dumps(header, ensure_ascii=False), encoding="utf-8")
    (folder / "journal.bin").unlink()
    for file in folder.iterdir():  # before the rename that declares them complete, the bytes must be on the disk
        with file.open("rb") as handle:
            os.fsync(handle.fileno())


def _read_header(folder: Path) -> dict[str, Any]:
    file = folder / "header.json"
    try:
        header = json.loads(file.read_text(encoding="utf-8"))
        if header["format"] != "auxjepa-clips" or header["header"] != _header_digest(header):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        raise CacheError(file, f"the header is missing or damaged: {_REMEDY}") from None
    if header["version"] != VERSION:
        raise CacheError(file, f"written in version {header['version']}, this is version {VERSION}: {_REMEDY}")
    return header


def _header_digest(header: Mapping[str, Any]) -> str:
    content = {name: value for name, value in header.items() if name != "header"}
    return hashlib.blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=16).hexdigest()


def _digest(file: Path) -> str:
    return hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()
