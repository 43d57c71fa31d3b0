"""Chooses windows of videos from which diagnostics cut their clips, and opens the decoded windows."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Int

from auxjepa.benchmarks.unlabelled_division import UnlabelledDivision, divide_unlabelled
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.cache.clip_cache import ClipCache
from auxjepa.data.manifest.entry import Entry
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.reserved_columns import official_split_of
from auxjepa.data.manifest.split import NONE, SPLITS
from auxjepa.data.media.open import is_still
from auxjepa.data.near_duplicates import find_near_duplicates
from auxjepa.data.open import open_manifest, open_pool

Placement = Literal["spread", "pair", "ends"]
"""``spread``: windows over the length of a video. ``pair``: two moments. ``ends``: the first and the last window."""
NEEDED: dict[Placement, int] = {"spread": 1, "pair": 2, "ends": 4}
"""Smallest length of a video, in windows that don't overlap."""


@dataclass(frozen=True)
class Windows:
    """Windows of videos. No two overlap.

    Args:
        manifest: one entry for each window.
        video: number of the video of each window.
        group: group number of each window; no group of related videos is in two splits.
        split: split of each window, an index into ``SPLITS``.
        omitted: number of left-out videos by reason.
        division: division of the videos.
    """

    manifest: Manifest
    video: Int[np.ndarray, " n"]
    group: Int[np.ndarray, " n"]
    split: Int[np.ndarray, " n"]
    omitted: dict[str, int]
    division: UnlabelledDivision

    def open(self, data: DataConfig, *, workers: int, progress: bool) -> ClipCache:
        """Return the decoded windows, one clip each.

        Args:
            data: settings with which windows are cut; ``frames`` is the number of frames of a window.
            workers: processes that decode.
            progress: whether progress is shown on standard error.
        """
        one_each = data.model_copy(update={"clips": len(self.manifest)})
        return open_pool(one_each, self.manifest, workers=workers, progress=progress)


def choose_windows(
    data: DataConfig,
    placement: Placement,
    *,
    most: int,
    each: int,
    seed: int,
    workers: int = 2,
    progress: bool = True,
) -> Windows:
    """Scan and divide a folder of videos, and choose windows of its videos.

    Files of equal content give the windows of one file. Positions follow from the content of a file and the seed.

    Args:
        data: the videos and the settings with which windows are cut.
        placement: where windows are.
        most: largest number of windows of all videos.
        each: largest number of windows of a video, for ``spread``.
        seed: seed of the positions.
        workers: processes that scan.
        progress: whether progress is shown on standard error.

    Raises:
        ConfigError: if a split has no video that is long enough.
    """
    data = data.model_copy(update={"split": "all", "mixture": {}})
    manifest = _one_entry_a_file(open_manifest(data, workers=workers, progress=progress))
    spans = np.array([span_of(entry, data) for entry in manifest.entries], dtype=np.int64)
    fits = np.array([entry.frames for entry in manifest.entries], dtype=np.int64) // spans
    still = np.array([is_still(entry.file.path) for entry in manifest.entries], bool)
    first, is_long = _is_first_of_content(manifest), fits >= NEEDED[placement]
    omitted = {
        "copies": int((~first).sum()),
        "still pictures": int((first & still).sum()),
        "too short": int((first & ~still & ~is_long).sum()),
    }
    usable = np.flatnonzero((first | _has_official_split(manifest)) & ~still & is_long)
    length = f"{int(NEEDED[placement] * np.median(spans)):,} frames"
    if not len(usable):
        raise ConfigError(
            f"{data.source}: no video has the {length} that this diagnostic needs ({_in_words(omitted)}); fewer "
            "data.frames or a smaller data.stride need fewer"
        )
    # Only usable videos are divided, so that each split gets its share of them.
    manifest, spans, fits = manifest.subset(usable), spans[usable], fits[usable]
    near = find_near_duplicates(manifest, data.root, workers=workers, progress=progress)
    division = divide_unlabelled(manifest, data.source, near=near)
    usable = (division.split != NONE) & _is_first_of_content(manifest, division.split)
    counts = np.where(usable, np.minimum(fits, each) if placement == "spread" else 2, 0)
    counts = _limit(counts, manifest, division, most, 1 if placement == "spread" else 2)
    for place, name in enumerate(SPLITS):
        if not counts[division.split == place].any():
            raise ConfigError(
                f"{data.source}: no {name} video has the {length} that this diagnostic needs"
                f" ({_in_words(omitted) or 'no video'}); fewer data.frames or a smaller data.stride need fewer"
            )
    entries, video = [], []
    for number in np.flatnonzero(counts).tolist():
        entry, span = manifest.entries[number], int(spans[number])
        starts = _starts(entry, span, int(counts[number]), placement, seed)
        entries += [Entry(entry.file, start, start + span) for start in starts]
        video += [number] * len(starts)
    windows = replace(manifest, entries=tuple(entries), labels={}, classes={}, texts=(), places=())
    of = np.array(video, dtype=np.int64)
    return Windows(windows, of, division.groups[of], division.split[of], omitted, division)


def span_of(entry: Entry, data: DataConfig) -> int:
    """Return the number of frames of a file that a window covers.

    Args:
        entry: the file.
        data: settings with which windows are cut.
    """
    if data.fps is None:
        return (data.frames - 1) * data.stride + 1
    return math.ceil(data.frames * entry.file.fps / data.fps - 1e-6) + 1


def hash_of(entry: Entry, *words: str | int) -> str:
    """Return a hash of a window that follows from the content of its file, its first frame and words.

    Args:
        entry: the window.
        words: what the hash is for, such as the seed.
    """
    text = " ".join(map(str, (entry.file.hash, entry.start, *words)))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _one_entry_a_file(manifest: Manifest) -> Manifest:
    """Return a manifest with one entry for each file. Segments of a file are moments of one video."""
    first: dict[str, int] = {}
    for number, entry in enumerate(manifest.entries):
        first.setdefault(entry.file.path, number)
    part = manifest.subset(list(first.values()))
    return replace(part, entries=tuple(Entry(entry.file, 0, entry.file.frames) for entry in part.entries))


def _has_official_split(manifest: Manifest) -> bool:
    return official_split_of(manifest) is not None


def _is_first_of_content(manifest: Manifest, split: Int[np.ndarray, " v"] | None = None) -> np.ndarray:
    """Check whether each file is the first of its content, among the files that are in a split."""
    contents = np.array([entry.file.hash or entry.file.path for entry in manifest.entries])
    there = np.arange(len(contents)) if split is None else np.flatnonzero(split != NONE)
    first = np.zeros(len(contents), bool)
    first[there[np.unique(contents[there], return_index=True)[1]]] = True
    return first


def _limit(
    counts: Int[np.ndarray, " v"], manifest: Manifest, division: UnlabelledDivision, most: int, least: int
) -> Int[np.ndarray, " v"]:
    """Return numbers of windows of each video whose sum is at most ``most``. Long videos lose windows first, down to
    ``least``."""
    if counts.sum() <= most:
        return counts
    cap = int(counts.max())
    while cap > least and np.minimum(counts, cap).sum() > most:
        cap -= 1
    counts = np.minimum(counts, cap)
    if counts.sum() > most:  # more videos than windows: each split keeps its share of videos
        ranks = manifest.hash_ranks(8)
        share = most / counts.sum()
        for place in range(len(SPLITS)):
            members = np.flatnonzero((division.split == place) & (counts > 0))
            ordered = members[np.argsort(ranks[members], kind="stable")]
            counts[ordered[max(1, int(share * len(ordered))) :]] = 0
    return counts


def _starts(entry: Entry, span: int, count: int, placement: Placement, seed: int) -> list[int]:
    """Return the first frame of each window of a video."""
    if placement == "ends":
        return [0, entry.frames - span]
    slack = entry.frames - count * span
    rng = np.random.default_rng(int(hash_of(entry, "windows", seed), 16))
    return [number * span + int((slack + 1) * (number + rng.random()) / count) for number in range(count)]


def _in_words(omitted: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {reason}" for reason, number in omitted.items() if number)
