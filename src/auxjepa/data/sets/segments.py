"""Convert segments in seconds to ranges of frames, with the time stamps of each file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from auxjepa.data.errors import VideoError
from auxjepa.data.manifest.paths import inside
from auxjepa.data.manifest.scan import Scanned
from auxjepa.data.media.open import open_media
from auxjepa.data.sets.data_set import Listing, Problem
from auxjepa.processes.jobs import run_jobs

_SLACK = 1e-6
_Job = tuple[str, tuple[tuple[float | None, float | None], ...]]
"""A file, and the first and last second of its segments."""


def find_frame_ranges(
    root: Path,
    listing: Listing,
    files: Mapping[str, Scanned],
    problems: list[Problem],
    workers: int,
    progress: bool,
) -> dict[tuple[str, float | None, float | None], tuple[int, int]]:
    """Return the frames of each segment of a listing as a half-open range, also at variable frame rates.

    Args:
        root: root of the data set.
        listing: examples; those without seconds are ignored.
        files: scanned file by path; files with a defect are ignored.
        problems: list that receives a problem for each file that kills its process.
        workers: number of processes, 0 for one per core.
        progress: show the progress on standard error.
    """
    segments_of: dict[str, set[tuple[float | None, float | None]]] = {}
    for examples in listing.splits.values():
        for example in examples:
            if (example.start is not None or example.stop is not None) and not files[example.path].defect:
                segments_of.setdefault(example.path, set()).add((example.start, example.stop))
    jobs = [(path, tuple(segments)) for path, segments in segments_of.items()]

    def died(job: _Job, how: str) -> list[tuple[int, int]]:
        problems.append(Problem(job[0], f"the process that reads it dies ({how}): its segments are left out"))
        return [(0, 0)] * len(job[1])

    results = run_jobs(partial(_read_ranges, root), jobs, workers, "cutting segments", died=died, progress=progress)
    return {
        (path, *segment): frames
        for (path, segments), ranges in results
        for segment, frames in zip(segments, ranges, strict=True)
    }


def frames_between(times: np.ndarray, start: float | None, stop: float | None) -> tuple[int, int]:
    """Return the frames shown between two instants as a half-open range; (0, 0) if there is none.

    Args:
        times: seconds at which each frame appears, increasing, float64 ``[frames]``.
        start: first second; None for the beginning of the video.
        stop: last second; None for the end of the video.
    """
    first = 0 if start is None else max(0, int(np.searchsorted(times, start + _SLACK, side="right")) - 1)
    last = len(times) if stop is None else int(np.searchsorted(times, stop - _SLACK, side="left"))
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    if first >= last or (start is not None and start > times[-1] + step):
        return 0, 0
    return first, last


def _read_ranges(root: Path, job: _Job) -> list[tuple[int, int]]:
    path, segments = job
    try:
        with open_media(inside(root, path, links=True)) as media:
            times = media.times
    except VideoError:  # the file has changed since the scan: its segments are not usable
        return [(0, 0)] * len(segments)
    return [frames_between(times, start, stop) for start, stop in segments]
