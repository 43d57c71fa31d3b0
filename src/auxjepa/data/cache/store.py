"""Fills caches of clips (:mod:`auxjepa.data.cache.clip_cache`) from jobs, and resumes builds that were killed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from auxjepa.data.cache.clip_cache import (
    JOURNAL,
    VERSION,
    ClipCache,
    Encoding,
    cache_key,
    file_digest,
    header_digest,
    open_cache,
)
from auxjepa.data.cache.job import Build, Job, JobClips, Written
from auxjepa.data.cache.raw import RawBuild
from auxjepa.data.cache.segments import JpegBuild
from auxjepa.data.errors import CacheError
from auxjepa.data.space import announce
from auxjepa.files import disk_full, write_json, writing
from auxjepa.processes.jobs import run_jobs
from auxjepa.processes.lock import locked

PLAN = "plan.json"
_BUILDS: dict[Encoding, Callable[[Path, tuple[int, ...]], Build]] = {"raw": RawBuild, "jpeg": JpegBuild}


def fill_cache(
    root: Path,
    settings: Mapping[str, Any],
    shape: tuple[int, int, int],
    jobs: Sequence[Job],
    render: Callable[[Any], JobClips],
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
    """Return the cache of these settings. It is opened if it exists, continued if it was begun, or else filled by
    ``render``.

    Args:
        root: folder of all caches.
        settings: JSON values, all that determine the bytes.
        shape: (F, X, Y).
        jobs: together they cover clips 0 … n - 1, each once.
        render: makes the clips of a job from its payload. It must be picklable by name, and return equal bytes for
            equal payloads.
        names: of the n clips, see :class:`ClipCache`.
        labels: of the n clips, see :class:`ClipCache`.
        classes: see :class:`ClipCache`.
        encoding: how clips are stored.
        about: description of the source, for people.
        died: raises the error for a job that kills its process; see :func:`auxjepa.processes.jobs.run_jobs`.
        here: see :func:`auxjepa.processes.jobs.run_jobs`.
        workers: processes, 0 for one per core.
        progress: whether to show progress on standard error.

    Raises:
        CacheError: when an existing cache is damaged, or the disk is full or (before anything is rendered) too small.
            Errors of ``render`` are raised unchanged. Finished clips are kept.
    """
    key = cache_key(settings, encoding)
    final, partial_folder = root / key, root / f"{key}.partial"
    if final.exists() and not os.access(root, os.W_OK):
        return open_cache(root, key)  # no process can build or remove a cache in a read-only folder
    root.mkdir(parents=True, exist_ok=True)
    with locked(root / f"{key}.lock", "builds this cache", progress=progress):
        if not final.exists():
            full_shape = (len(names), *shape, 3)
            header = {"settings": dict(settings), "about": about, "encoding": encoding, "shape": list(full_shape)}
            header |= {"format": "auxjepa-clips", "version": VERSION}
            partial_folder.mkdir(exist_ok=True)
            write_json(partial_folder / PLAN, header)
            build = _BUILDS[encoding](partial_folder, full_shape)
            try:
                run = partial(run_jobs, workers=workers, what="decoding clips", died=died, here=here)
                journal = _render_missing(partial_folder, header, build, jobs, render, run, progress)
                header |= {"names": list(names), "classes": {name: list(v) for name, v in (classes or {}).items()}}
                with writing(partial_folder):
                    _complete(partial_folder, header, build, journal, dict(labels or {}))
            except OSError as error:
                if not disk_full(error):
                    raise
                raise CacheError(
                    root,
                    f"the disk is full; finished clips are kept in {partial_folder.name}; free some space and repeat "
                    "the command to resume",
                ) from error
            partial_folder.rename(final)
        return open_cache(root, key)  # under the lock, so that no process removes it meanwhile


def _render_missing(
    folder: Path,
    header: Mapping[str, Any],
    build: Build,
    jobs: Sequence[Job],
    render: Callable[[Any], JobClips],
    run: Callable[..., Iterator[tuple[Job, Written]]],
    progress: bool,
) -> np.ndarray:
    """Render the missing clips and return the journal of all clips."""
    count, *shape = header["shape"]
    common = [("done", "u1"), ("crc", "<u4"), ("repeated", "<i4"), ("indices", "<i4", (shape[0],))]
    record = np.dtype([*common, *build.fields])
    journal_file = folder / "journal.bin"
    journal_file.touch()
    os.truncate(journal_file, count * record.itemsize)  # a new file holds zeros
    journal = np.fromfile(journal_file, dtype=record)
    build.begin(journal, jobs)
    missing = [job for job in jobs if not journal["done"][job.first : job.first + job.count].all()]
    if missing:
        clips = sum(job.count for job in missing)
        begun = f" ({clips:,} are missing)" if clips < count else ""
        what = f"cache of {count:,} clips of {shape[0]} x {shape[1]} x {shape[2]}, {header['encoding']}{begun}"
        needs = build.needs(clips) + clips * record.itemsize
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
    write: Callable[[Job, np.ndarray], Written], shape: tuple[int, ...], render: Callable[[Any], JobClips], job: Job
) -> Written:
    """Write the clips of a job to a file and return their records. It runs in a worker process."""
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
    records = np.empty(len(journal), [(name, journal.dtype[name]) for name in names])
    for name in names:
        records[name] = journal[name]
    np.save(folder / JOURNAL, records)
    np.savez(folder / "labels.npz", **{name: column.astype(np.int64) for name, column in labels.items()})  # type: ignore[arg-type]
    header["checksums"] = {name: file_digest(folder / name) for name in (JOURNAL, "labels.npz", *build.files)}
    header["header"] = header_digest(header)
    (folder / "header.json").write_text(json.dumps(header), encoding="utf-8")  # ASCII: names may be any bytes
    for name in ("journal.bin", PLAN):
        (folder / name).unlink()
    for file in folder.iterdir():  # the bytes must be on the disk before the rename marks the cache as complete
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
