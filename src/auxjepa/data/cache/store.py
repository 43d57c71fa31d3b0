"""Clips cut from videos once and shared by all runs, as plain pixels or as JPEG.

A cache is a folder named by its key, the hash of everything that decides its bytes::

    clips/KEY/clips.bin     uint8 [n F X Y 3] (raw), or clips.jpgs and index.npy (jpeg)
    clips/KEY/journal.npy   one record a clip: frame numbers, repeats, CRC-32 of its stored bytes
    clips/KEY/labels.npz    label columns, int64 [n]
    clips/KEY/header.json   version, encoding, shape, settings, clip names, checksums of the files above but the clips
    clips/KEY/used          touched and locked by whoever opens it
    clips/KEY.lock          held by whoever builds or removes it

It grows in ``KEY.partial`` and is renamed when complete, so that a folder under its own name is whole. Each clip is
written before its journal record; a killed build goes on with the clips whose record is there and whose CRC holds.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from auxjepa.data.cache import inuse
from auxjepa.data.cache.job import Build, Job, Rendered, Written
from auxjepa.data.cache.jpeg import SETTINGS, JpegClips
from auxjepa.data.cache.raw import RawBuild, open_raw
from auxjepa.data.cache.segments import JpegBuild
from auxjepa.data.errors import CacheError
from auxjepa.data.space import announce
from auxjepa.files import disk_full, write_json, writing
from auxjepa.processes.jobs import run_jobs
from auxjepa.processes.lock import locked

__all__ = ["ClipCache", "Job", "Rendered", "cache_key", "damaged", "fill_cache", "open_cache", "read_header"]

VERSION = 1
JOURNAL, PLAN = "journal.npy", "plan.json"
Encoding = Literal["raw", "jpeg"]
_BUILDS: dict[Encoding, Callable[[Path, tuple[int, ...]], Build]] = {"raw": RawBuild, "jpeg": JpegBuild}


@dataclass(frozen=True)
class ClipCache:
    """An open cache.

    Args:
        clips: uint8 ``[n F X Y 3]``, a read-only memory map or :class:`JpegClips`, decoded as it is asked for.
        names: where each clip comes from.
        labels: int64 ``[n]`` by column, -1 where unknown.
        classes: the values of each column as written.
        indices: frame numbers, int32 ``[n F]``.
        repeated: how many frames at the end of each clip stand in for missing ones, int32 ``[n]``.
    """

    folder: Path
    key: str
    clips: Any
    names: tuple[str, ...]
    labels: dict[str, np.ndarray]
    classes: dict[str, tuple[str, ...]]
    indices: np.ndarray
    repeated: np.ndarray

    def __len__(self) -> int:
        return len(self.clips)


def cache_key(settings: Mapping[str, Any], encoding: Encoding = "raw") -> str:
    """Name of the cache of these settings, 16 hex digits."""
    content = {"version": VERSION, **settings} | ({"encoding": SETTINGS} if encoding == "jpeg" else {})
    return hashlib.blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=8).hexdigest()


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
    encoding: Encoding = "raw",
    about: str = "",
    died: Callable[[Job, str], Any] | None = None,
    here: bool = True,
    workers: int = 2,
    progress: bool = True,
) -> ClipCache:
    """The cache of these settings: opened where it exists, continued where it was begun, else filled by ``render``.

    Args:
        root: folder of all caches.
        settings: JSON-able, everything that decides the bytes.
        shape: (F, X, Y).
        jobs: together they cover clips 0 … n - 1, each once.
        render: makes the clips of a job from its payload; a function that can be pickled by name, equal bytes for
            equal payloads.
        names, labels, classes: of the n clips, see :class:`ClipCache`.
        about: where they come from, for people.
        died, here: see :func:`auxjepa.processes.jobs.run_jobs`; ``died`` raises what is to be said about a job that
            kills its process.
        encoding: how they are stored.
        workers: processes, 0 for one per core.

    Raises:
        CacheError: when an existing cache is damaged, or the disk is too small (said before anything is rendered) or
            full. Whatever ``render`` raises. Finished clips are kept.
    """
    key = cache_key(settings, encoding)
    final, partial_folder = root / key, root / f"{key}.partial"
    if final.exists() and not os.access(root, os.W_OK):
        return open_cache(root, key)  # nobody builds or removes anything in there
    root.mkdir(parents=True, exist_ok=True)
    with locked(root / f"{key}.lock", "builds this cache", progress=progress):
        if not final.exists():
            whole = (len(names), *shape, 3)
            header = {"settings": dict(settings), "about": about, "encoding": encoding, "shape": list(whole)}
            header |= {"format": "auxjepa-clips", "version": VERSION}
            partial_folder.mkdir(exist_ok=True)
            write_json(partial_folder / PLAN, header)
            build = _BUILDS[encoding](partial_folder, whole)
            try:
                done = partial(run_jobs, workers=workers, what="decoding clips", died=died, here=here)
                journal = _render_missing(partial_folder, header, build, jobs, render, done, progress)
                header |= {"names": list(names), "classes": {name: list(v) for name, v in (classes or {}).items()}}
                with writing(partial_folder):
                    _complete(partial_folder, header, build, journal, dict(labels or {}))
            except OSError as error:
                if not disk_full(error):
                    raise
                raise CacheError(
                    root,
                    f"the disk is full; finished clips are kept in {partial_folder.name}, and the same command "
                    "goes on from there once there is room",
                ) from error
            partial_folder.rename(final)
        return open_cache(root, key)  # before anybody may remove it


def open_cache(root: Path, key: str, *, verify: bool = False) -> ClipCache:
    """Open a complete cache; while the clips are referred to, nobody removes it.

    Args:
        verify: also read every clip and compare its checksum (about a second a gigabyte).

    Raises:
        CacheError: when there is none, or its header, size or a checksum is wrong.
    """
    cache = load_cache(root, key)
    inuse.hold(cache.folder, cache.clips)
    for number in damaged(cache) if verify else ():
        raise CacheError(cache.folder, f"clip {number} ({cache.names[number]}) is damaged: {_REMEDY}")
    return cache


def load_cache(root: Path, key: str) -> ClipCache:
    """As :func:`open_cache`, without counting as use."""
    folder = Path(root) / key
    if not folder.is_dir():
        begun = " (it was begun: build it again to go on)" if (Path(root) / f"{key}.partial").exists() else ""
        raise CacheError(folder, f"there is no such cache{begun}")
    header = read_header(folder)
    shape, encoding = tuple(header["shape"]), header.get("encoding", "raw")
    clips = open_raw(folder, shape, _REMEDY) if encoding == "raw" else JpegClips(folder, shape, _REMEDY)
    for name, checksum in header["checksums"].items():
        if not (folder / name).exists() or _digest(folder / name) != checksum:
            raise CacheError(folder / name, f"the checksum is wrong: {_REMEDY}")
    journal = np.load(folder / JOURNAL, allow_pickle=False)
    with np.load(folder / "labels.npz", allow_pickle=False) as columns:
        labels = {name: columns[name] for name in columns.files}
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


def damaged(cache: ClipCache, read: Callable[[int], object] = int) -> Iterator[int]:
    """Read every clip; yield the numbers of those whose checksum is wrong.

    Args:
        read: called with the bytes of each clip, for a progress bar.
    """
    expected = np.load(cache.folder / JOURNAL, allow_pickle=False)["crc"].tolist()
    for number, checksum in enumerate(expected):
        stored = cache.clips.stored(number) if isinstance(cache.clips, JpegClips) else cache.clips[number].data
        if zlib.crc32(stored) != checksum:
            yield number
        read(stored.nbytes)


_REMEDY = "delete the folder and build it again"


def _render_missing(
    folder: Path,
    header: Mapping[str, Any],
    build: Build,
    jobs: Sequence[Job],
    render: Callable[[Any], Rendered],
    run: Callable[..., Iterator[tuple[Job, Written]]],
    progress: bool,
) -> np.ndarray:
    """Bring the clips to completion and return their journal."""
    count, *shape = header["shape"]
    common = [("done", "u1"), ("crc", "<u4"), ("repeated", "<i4"), ("indices", "<i4", (shape[0],))]
    record = np.dtype([*common, *build.fields])
    journal_file = folder / "journal.bin"
    journal_file.touch()
    os.truncate(journal_file, count * record.itemsize)  # zeros at first; a file of another size was not ours
    journal = np.fromfile(journal_file, dtype=record)
    build.begin(journal, jobs)
    missing = [job for job in jobs if not journal["done"][job.first : job.first + job.count].all()]
    if missing:
        left = sum(job.count for job in missing)
        begun = f" ({left:,} are missing)" if left < count else ""
        what = f"cache of {count:,} clips of {shape[0]} x {shape[1]} x {shape[2]}, {header['encoding']}{begun}"
        needs = build.needs(left) + left * record.itemsize
        announce(folder.parent, what, needs, estimate=header["encoding"] != "raw", progress=progress)
    work = partial(_render_job, build.write, tuple(shape), render)
    with journal_file.open("r+b") as file:
        for job, written in run(work, missing, progress=progress):
            records = journal[job.first : job.first + job.count]
            for name, values in written.items():
                records[name] = values
            records["done"] = 1
            file.seek(job.first * record.itemsize)
            file.write(records.tobytes())
            file.flush()
            build.wrote(journal)
    return journal


def _render_job(
    write: Callable[[Job, np.ndarray], Written], shape: tuple[int, ...], render: Callable[[Any], Rendered], job: Job
) -> Written:
    """Runs in a worker: the clips go straight to a file, only their description travels back."""
    rendered = render(job.payload)
    if rendered.clips.dtype != np.uint8 or rendered.clips.shape != (job.count, *shape):
        raise ValueError(f"a job of {job.count} clips made {rendered.clips.dtype} {rendered.clips.shape}")
    written = write(job, np.ascontiguousarray(rendered.clips))
    return {**written, "indices": np.asarray(rendered.indices), "repeated": np.asarray(rendered.repeated)}


def _complete(
    folder: Path, header: dict[str, Any], build: Build, journal: np.ndarray, labels: dict[str, np.ndarray]
) -> None:
    build.complete(journal)
    names = ("crc", "repeated", "indices")
    kept = np.empty(len(journal), [(name, journal.dtype[name]) for name in names])
    for name in names:
        kept[name] = journal[name]
    np.save(folder / JOURNAL, kept)
    np.savez(folder / "labels.npz", **{name: column.astype(np.int64) for name, column in labels.items()})  # type: ignore[arg-type]
    header["checksums"] = {name: _digest(folder / name) for name in (JOURNAL, "labels.npz", *build.files)}
    header["header"] = _header_digest(header)
    (folder / "header.json").write_text(json.dumps(header), encoding="utf-8")  # ASCII: names may be any bytes
    for name in ("journal.bin", PLAN):
        (folder / name).unlink()
    for file in folder.iterdir():  # before the rename that declares them complete, the bytes must be on the disk
        with file.open("rb") as handle:
            os.fsync(handle.fileno())


def read_header(folder: Path) -> dict[str, Any]:
    """What is in a complete cache: shape, encoding, settings, names and classes.

    Raises:
        CacheError: when it is missing, damaged, or of another version.
    """
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
