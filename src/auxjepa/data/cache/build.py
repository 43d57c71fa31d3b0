"""Builds a cache of clips from a manifest: chooses which clips are cut from which videos, and decodes them."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal, NoReturn

import numpy as np

from auxjepa.data.cache.clip_cache import ClipCache, Encoding, cache_key
from auxjepa.data.cache.job import Job, JobClips
from auxjepa.data.cache.jpeg import BYTES_A_PIXEL
from auxjepa.data.cache.store import fill_cache
from auxjepa.data.errors import CacheError, VideoError
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import Entry, Manifest
from auxjepa.data.media.open import open_media
from auxjepa.data.media.sampling import random_offsets
from auxjepa.data.shards.local_files import local_file
from auxjepa.data.space import require
from auxjepa.processes.jobs import run_jobs

RAW_UP_TO = 128
"""Largest number of pixels a side at which frames are stored uncompressed by default."""
_CLIPS_PER_JOB = 16  # small videos share a job, so that the cost of a job is negligible
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
    """Return the cache of a manifest's clips. It is opened if it exists, continued if it was begun, or else built.

    Clips are in the order of the manifest's examples. Each is cut at a random position that follows from the seed and
    the video's content alone. If ``count`` is larger than the number of examples, several clips are cut from each, in
    equal numbers (the surplus goes to randomly chosen ones) and spread over its length. A smaller ``count`` selects
    examples at random.

    Args:
        manifest: of :func:`auxjepa.data.manifest.manifest.scan`.
        root: folder of all caches (``root/clips/KEY``).
        frames: see :class:`Cut`.
        size: see :class:`Cut`.
        stride: see :class:`Cut`.
        fps: see :class:`Cut`.
        where: see :class:`Cut`.
        count: number of clips; one an example if None.
        seed: of the positions and of the selection.
        encoding: plain pixels, JPEG (a twelfth of the size, but each read decodes it), or by size: JPEG above 128 px.
        workers: processes, 0 for one per core.
        progress: whether to show progress on standard error.

    Raises:
        CacheError: when a video cannot be decoded, when the disk is full (finished clips are kept) or too small from
            the beginning, or when an existing cache is damaged.
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
        raise ValueError(
            f"uniform sampling cuts one clip a video: {count} clips of {len(manifest)} videos are too many"
        )
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
"""A manifest's folder, how clips are cut, and the examples with the positions of their clips."""


def _blame(job: Job, how: str) -> NoReturn:
    """Determine which file of a job kills its process.

    Raises:
        VideoError: when one file does.
        CacheError: when each file can be read alone.
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


def _try(render: Callable[[_Payload], JobClips], payload: _Payload) -> None:
    render(payload)


def cache_bytes(count: int, frames: int, size: int, encoding: Encoding) -> int:
    """Return the bytes of the clips of a cache: exact for plain pixels, an estimate for JPEG."""
    pixels = count * frames * size**2
    return 3 * pixels if encoding == "raw" else int(BYTES_A_PIXEL * pixels)


def _require_room(root: Path, key: str, count: int, cut: Cut, encoding: Encoding) -> None:
    """Check that a cache exists or is begun, or that the disk has room for it. It runs before anything grows with
    ``count``.

    Raises:
        CacheError: when the disk is too small.
    """
    if not (root / key).exists() and not (root / f"{key}.partial").exists():
        what = f"cache of {count:,} clips of {cut.frames:,} x {cut.size:,} x {cut.size:,}, {encoding}"
        require(root, what, cache_bytes(count, cut.frames, cut.size, encoding))


def clips_per_example(examples: int, count: int, seed: int) -> np.ndarray:
    """Return the number of clips of each example, int64 ``[examples]``. The numbers differ by at most one and sum to
    ``count``.
    """
    shares = np.full(examples, count // examples, dtype=np.int64)
    order = np.random.default_rng(np.random.SeedSequence((seed, examples))).permutation(examples)
    shares[order[: count % examples]] += 1
    return shares


def _jobs(manifest: Manifest, cut: Cut, shares: np.ndarray, seed: int) -> list[Job]:
    """Return jobs of whole videos. Small videos share a job, so that a video is opened once for all its clips."""
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


def _render(payload: _Payload) -> JobClips:
    folder, cut, tasks = payload
    clips, indices, repeated = [], [], []
    for entry, offsets in tasks:
        with local_file(folder, entry.file.path) as path, open_media(path) as video:
            if path.stat().st_size != entry.file.bytes or len(video.times) != entry.file.frames:
                raise VideoError(path, "the file has changed since the scan")
            duration = video.info.duration
            samples = [cut.sample(entry, video.times, duration, float(offset)) for offset in offsets]
            # One pass over the file for all its clips; frames that several clips share are decoded once.
            distinct, place = np.unique(np.concatenate([s.indices for s in samples]), return_inverse=True)
            clips.append(video.read(distinct, size=cut.size)[place.reshape(len(samples), cut.frames)])
        indices += [s.indices for s in samples]
        repeated += [s.repeated for s in samples]
    return JobClips(np.concatenate(clips), np.stack(indices), np.array(repeated))
