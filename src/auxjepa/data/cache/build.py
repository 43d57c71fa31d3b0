"""From a manifest to a cache of clips: which clips are cut from which videos, and how they are decoded."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal, NoReturn

import numpy as np

from auxjepa.data.cache.jpeg import BYTES_A_PIXEL
from auxjepa.data.cache.store import ClipCache, Encoding, Job, Rendered, cache_key, fill_cache, open_cache
from auxjepa.data.errors import CacheError, VideoError
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import Entry, Manifest
from auxjepa.data.media.open import open_media
from auxjepa.data.media.sampling import (
    random_offsets,
)
from auxjepa.data.shards.local_files import local_file
from auxjepa.data.space import require
from auxjepa.processes.jobs import run_jobs

__all__ = ["ClipCache", "build_cache", "cache_key", "open_cache"]

RAW_UP_TO = 128
"""Frames of this many pixels a side and smaller ones are stored as they are, unless told otherwise."""
_CLIPS_PER_JOB = 16  # small videos travel together, so that handing out jobs costs nothing
_BYTES_PER_JOB = 64 << 20  # long ones are split, so that many large clips fit in memory


def build_cache(
    manifest: Manifest,
    *,
    root: Path,
    frames: int,
    size: int,
    stride: int = 1,
    fps: float | None = None,
    where: Literal["random", "uniform"] = "random",
    count: int | None = None,
    seed: int = 0,
    encoding: Literal["raw", "jpeg", "auto"] = "auto",
    workers: int = 2,
    progress: bool = True,
) -> ClipCache:
    """The cache of a manifest's clips: opened where it exists, continued where it was begun, else built.

    Clips lie in the order of the manifest's examples. Each is cut at a random place that follows from the seed and the
    video's content alone. A ``count`` above the number of examples cuts several clips from each, in equal numbers (the
    surplus goes to randomly chosen ones) and spread over its length; a smaller one keeps a random choice of examples.

    Args:
        manifest: of :func:`auxjepa.data.manifest.manifest.scan`.
        root: folder of all caches (``root/clips/KEY``).
        frames, size, stride, fps, where: see :class:`Cut`.
        count: number of clips, one an example when None.
        encoding: plain pixels, JPEG (a twelfth of the size, read at the price of decoding it), or by size: JPEG above
            128 px.
        workers: processes, 0 for one per core.

    Raises:
        CacheError: when a video cannot be decoded or the disk is full (what is finished is kept), when it's too small
            to begin with, or an existing cache is damaged.
        ValueError: for a size that isn't positive, or no examples.
    """
    cut = Cut(frames, size, stride, fps, where)
    for name, value in (("frames", frames), ("size", size), ("stride", stride), ("fps", fps or 1)):
        if value <= 0:
            raise ValueError(f"{name} must be positive, got {value}")
    if not len(manifest):
        raise ValueError(f"{manifest.folder}: the manifest has no examples")
    count = len(manifest) if count is None else count
    if where == "uniform" and count > len(manifest):
        raise ValueError(f"uniform sampling gives one clip a video: {count} of {len(manifest)} are too many")
    if encoding == "auto":
        encoding = "raw" if size <= RAW_UP_TO else "jpeg"
    settings: dict[str, Any] = {"source": manifest.digest, "count": count, "seed": seed, **cut.__dict__}
    settings["fps"] = None if fps is None else float(fps)
    _require_room(Path(root) / "clips", cache_key(settings, encoding), count, cut, encoding)
    shares = clips_per_example(len(manifest), count, seed)
    example = np.repeat(np.arange(len(manifest)), shares)
    try:
        return fill_cache(
            Path(root) / "clips",
            settings,
            (frames, size, size),
            _jobs(manifest, cut, shares, seed),
            _render,
            names=[manifest.entries[e].name for e in example],
            labels={name: column[example] for name, column in manifest.labels.items()},
            classes=manifest.classes,
            encoding=encoding,
            about=str(manifest.folder),
            died=_blame,
            here=False,
            workers=workers,
            progress=progress,
        )
    except VideoError as error:
        raise CacheError(error.path, f"{error.reason}; scan the folder again (with check) to leave it out") from error


_Payload = tuple[Path, Cut, tuple[tuple[Entry, np.ndarray], ...]]
"""A manifest's folder, how clips are cut, and places in examples."""


def _blame(job: Job, how: str) -> NoReturn:
    """Find out which file of a job kills its process.

    Raises:
        VideoError: that names it.
        CacheError: when each of them can be read alone.
    """
    folder, cut, tasks = job.payload

    def died(alone: _Payload, how: str) -> NoReturn:
        raise VideoError(folder / alone[2][0][0].file.path, f"the process that decodes it dies ({how})")

    alone: list[_Payload] = [(folder, cut, (task,)) for task in tasks]
    for _ in run_jobs(partial(_try, _render), alone, 1, "decoding clips", died=died, progress=False):
        pass
    names = ", ".join(entry.name for entry, _ in tasks[:3]) + (", …" if len(tasks) > 3 else "")
    why = f"the process that decodes {names} together dies ({how}), and none dies alone: the machine may lack memory"
    raise CacheError(folder, f"{why}; finished clips are kept")


def _try(render: Callable[[_Payload], Rendered], payload: _Payload) -> None:
    render(payload)


def cache_bytes(count: int, frames: int, size: int, encoding: Encoding) -> int:
    """Bytes that the clips of a cache take; exact for plain pixels, an estimate for JPEG."""
    pixels = count * frames * size**2
    return 3 * pixels if encoding == "raw" else int(BYTES_A_PIXEL * pixels)


def _require_room(root: Path, key: str, count: int, cut: Cut, encoding: Encoding) -> None:
    """Nothing, if a cache is there or begun, or the disk has room for it. Asked before anything grows with ``count``.

    Raises:
        CacheError: when it hasn't.
    """
    if not (root / key).exists() and not (root / f"{key}.partial").exists():
        what = f"cache of {count:,} clips of {cut.frames:,} x {cut.size:,} x {cut.size:,}, {encoding}"
        require(root, what, cache_bytes(count, cut.frames, cut.size, encoding))


def clips_per_example(examples: int, count: int, seed: int) -> np.ndarray:
    """How many clips each example gives, int64 ``[examples]``; they differ by one at most and sum to ``count``."""
    shares = np.full(examples, count // examples, dtype=np.int64)
    lucky = np.random.default_rng(np.random.SeedSequence((seed, examples))).permutation(examples)[: count % examples]
    shares[lucky] += 1
    return shares


def _jobs(manifest: Manifest, cut: Cut, shares: np.ndarray, seed: int) -> list[Job]:
    """Whole videos, small ones together: a video is opened once for all its clips."""
    at_most = max(1, _BYTES_PER_JOB // (cut.frames * cut.size * cut.size * 3))
    jobs: list[Job] = []
    tasks: list[tuple[Entry, np.ndarray]] = []
    first = filled = 0
    for entry, share in zip(manifest.entries, shares.tolist(), strict=True):
        if not share:
            continue
        identity = (
            seed,
            int(entry.file.hash[:16], 16),
            entry.start,
            zlib.crc32(entry.file.path.encode("utf-8", "surrogateescape")),
        )
        offsets = random_offsets(share, identity)
        for begin in range(0, share, at_most):
            tasks.append((entry, offsets[begin : begin + at_most]))
            filled += len(tasks[-1][1])
            if filled >= min(_CLIPS_PER_JOB, at_most):
                jobs.append(Job(first, filled, (manifest.folder, cut, tuple(tasks))))
                first, filled, tasks = first + filled, 0, []
    if filled:
        jobs.append(Job(first, filled, (manifest.folder, cut, tuple(tasks))))
    return jobs


def _render(payload: _Payload) -> Rendered:
    folder, cut, tasks = payload
    clips, indices, repeated = [], [], []
    for entry, offsets in tasks:
        with local_file(folder, entry.file.path) as path, open_media(path) as video:
            if path.stat().st_size != entry.file.bytes or len(video.times) != entry.file.frames:
                raise VideoError(path, "the file has changed since the scan")
            duration = video.info.duration
            samples = [cut.sample(entry, video.times, duration, float(offset)) for offset in offsets]
            # One pass over the file for all its clips; frames that several clips share are decoded once.
            wanted, place = np.unique(np.concatenate([s.indices for s in samples]), return_inverse=True)
            clips.append(video.read(wanted, size=cut.size)[place.reshape(len(samples), cut.frames)])
        indices += [s.indices for s in samples]
        repeated += [s.repeated for s in samples]
    return Rendered(np.concatenate(clips), np.stack(indices), np.array(repeated))
