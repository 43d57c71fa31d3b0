"""Small caches of noise, as tests of the cache, of its encodings and of its upkeep make them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from auxjepa.data.cache.clip_cache import ClipCache
from auxjepa.data.cache.job import Job, JobClips
from auxjepa.data.cache.store import fill_cache

FRAMES, SIZE = 4, 6
SETTINGS = {"what": "noise", "count": 20}


def jobs(count: int = 20, each: int = 2) -> list[Job]:
    return [Job(first, min(each, count - first), (first, min(each, count - first))) for first in range(0, count, each)]


def render_noise(payload: tuple[int, int]) -> JobClips:
    first, count = payload
    clips = [
        np.random.default_rng(n).integers(0, 256, (FRAMES, SIZE, SIZE, 3), np.uint8)
        for n in range(first, first + count)
    ]
    return JobClips(
        np.stack(clips), np.arange(FRAMES)[None] + np.arange(first, first + count)[:, None], np.arange(count) % 2
    )


def fill(root: Path, render=render_noise, each: int = 2, **changes) -> ClipCache:
    arguments = {
        "names": [f"clip {n}" for n in range(20)],
        "labels": {"kind": np.arange(20) % 3},
        "classes": {"kind": ["a", "b", "c"]},
        "workers": 1,
        "progress": False,
    }
    return fill_cache(root, SETTINGS, (FRAMES, SIZE, SIZE), jobs(each=each), render, **{**arguments, **changes})
