"""Opens the clips and labels of a diagnostic, with notes on the clips that are left out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from auxjepa.benchmarks.diagnostics.arrangements import balanced_classes
from auxjepa.benchmarks.diagnostics.diagnostic import (
    CLIPS_EACH,
    MOST_CLIPS,
    Diagnostic,
    arrangement_of,
    find_diagnostic,
)
from auxjepa.benchmarks.diagnostics.flow import CHANGE, DIRECTIONS, Flow, open_cv2, stored_change, stored_flow
from auxjepa.benchmarks.diagnostics.windows import Windows, choose_windows, hash_of
from auxjepa.benchmarks.division_notes import count_of
from auxjepa.benchmarks.folder import note_on_test_videos
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.cache.clip_cache import ClipCache
from auxjepa.data.lazy_clips import ArrangedClips
from auxjepa.data.manifest.split import SPLITS

SMALLEST_SPLIT = 2
"""Smallest number of clips of a split."""


class OpenedSplit(NamedTuple):
    """Clips and labels of a split, in the order of the fields of a benchmark's labelled clips.

    Args:
        clips: clips as uint8.
        labels: class number of each clip.
        key: key of the clips.
        example: counted example of each clip; None, because each clip counts.
        unit: group of related videos of each clip.
        target: number of each clip, for a regression; None for classes.
    """

    clips: ArrangedClips
    labels: Int[np.ndarray, " n"]
    key: str
    example: None
    unit: Int[np.ndarray, " n"]
    target: Float[np.ndarray, " n"] | None


@dataclass(frozen=True)
class OpenedDiagnostic:
    """A diagnostic on a folder of videos: all clips with their labels.

    Args:
        diagnostic: the diagnostic.
        source: source of the videos.
        windows: windows of videos from which clips are cut.
        cache: decoded windows.
        rows: number of the window of each clip that is used.
        frames: frames of each clip, as indices of the frames of its window.
        labels: class number of each clip.
        target: number of each clip; None for classes.
        omitted: number of left-out clips by reason.
    """

    diagnostic: Diagnostic
    source: str
    windows: Windows
    cache: ClipCache
    rows: Int[np.ndarray, " n"]
    frames: Int[np.ndarray, "n F"]
    labels: Int[np.ndarray, " n"]
    target: Float[np.ndarray, " n"] | None
    omitted: dict[str, int]

    def of_split(self, split: str) -> Int[np.ndarray, " k"]:
        """Return the numbers of the clips of a split.

        Args:
            split: ``train``, ``validation`` or ``test``.
        """
        return np.flatnonzero(self.windows.split[self.rows] == SPLITS.index(split))

    def open(self, split: str) -> OpenedSplit:
        """Return the clips of a split.

        Args:
            split: ``train``, ``validation`` or ``test``.
        """
        chosen = self.of_split(split)
        rows, frames = self.rows[chosen], self.frames[chosen]
        labels = self.labels[chosen]
        if self.diagnostic.classes == 0:  # the videos of a split are its classes
            labels = np.unique(labels, return_inverse=True)[1].astype(np.int64)
        content = hashlib.blake2b(rows.tobytes() + frames.tobytes(), digest_size=8).hexdigest()
        return OpenedSplit(
            ArrangedClips(self.cache.clips, rows, frames),
            labels,
            f"{self.cache.key} {self.diagnostic.name} {split} {content}",
            None,
            self.windows.group[rows],
            None if self.target is None else self.target[chosen],
        )

    @property
    def record(self) -> dict[str, Any]:
        """Counts of clips and videos for JSON."""
        sizes = {}
        for split in SPLITS:
            chosen = self.of_split(split)
            sizes[split] = {"clips": len(chosen), "videos": len(np.unique(self.windows.video[self.rows[chosen]]))}
        counts = np.bincount(self.labels, minlength=1).tolist() if self.diagnostic.classes > 1 else []
        return {
            "diagnostic": self.diagnostic.name,
            "official": self.windows.division.record["official"],
            **sizes,
            "classes": counts,
            "omitted_videos": self.windows.omitted,
            "omitted_clips": self.omitted,
        }

    def notes(self, pretrained: DataConfig | None = None) -> list[str]:
        """Return notes for the user, one line each.

        Args:
            pretrained: data configuration of the encoder's pretraining, or None.
        """
        record, head = self.record, f"{self.source}, {self.diagnostic.name}"
        sizes = [f"{count_of(record[s]['clips'], 'clip')} of {count_of(record[s]['videos'], 'video')}" for s in SPLITS]
        lines = [f"{head}: {sizes[0]} to train on, {sizes[1]} to validate, {sizes[2]} to test"]
        for noun, counts in (("videos", self.windows.omitted), ("clips", self.omitted)):
            words = ", ".join(f"{number:,} {reason}" for reason, number in counts.items() if number)
            lines += [f"{head}: left-out {noun}: {words}"] if words else []
        if self.diagnostic.name == "flow_direction":
            counts = zip(DIRECTIONS, np.bincount(self.labels, minlength=len(DIRECTIONS)).tolist(), strict=True)
            lines.append(f"{head}: clips by direction: " + ", ".join(f"{name} {number:,}" for name, number in counts))
        if pretrained is not None:
            tested = {self.windows.manifest.entries[n].file.path for n in self.rows[self.of_split("test")].tolist()}
            folder, is_official = self.windows.manifest.folder, bool(record["official"])
            lines += note_on_test_videos(self.source, folder, tested, is_official, pretrained)
        return [*self.windows.division.notes, *lines]


def open_diagnostic(
    args: Mapping[str, Any], data: DataConfig, *, workers: int = 2, progress: bool = True
) -> OpenedDiagnostic:
    """Open the clips of a diagnostic and make their labels.

    Args:
        args: ``diagnostic`` is its name. ``clips`` and ``each`` are the largest numbers of clips of the folder and of a
            video. ``seed`` is the seed of positions and labels.
        data: the videos and the settings with which clips are cut.
        workers: processes that decode.
        progress: whether progress is shown on standard error.

    Raises:
        ConfigError: if the diagnostic is unknown, the number of frames doesn't fit it, or OpenCV is missing.
        ConfigError: if a split has too few usable clips.
    """
    diagnostic, seed, frames = find_diagnostic(args["diagnostic"]), int(args.get("seed", 0)), data.frames
    if frames < 2 and diagnostic.suite != "same_video":
        raise ConfigError(f"{diagnostic.name} needs clips of two frames or more, and data.frames is {frames}")
    if frames % diagnostic.divisor:
        fitting = ", ".join(str(number * diagnostic.divisor) for number in (1, 2, 3))
        raise ConfigError(
            f"{diagnostic.name} divides clips into {diagnostic.divisor} equal segments, and data.frames is {frames}: "
            f"the encoder must read {fitting}, … frames"
        )
    if diagnostic.name.startswith("flow"):
        open_cv2()
    longer = data.model_copy(update={"frames": frames * diagnostic.lengthening})
    limits = {"most": int(args.get("clips", MOST_CLIPS)), "each": int(args.get("each", CLIPS_EACH)), "seed": seed}
    windows = choose_windows(longer, diagnostic.placement, workers=workers, progress=progress, **limits)
    cache = windows.open(longer, workers=workers, progress=progress)
    omitted = {"padded with repeated frames": 0, "without any change": 0, "without motion": 0, "without their pair": 0}
    padded = (cache.repeated > 0) | (np.diff(np.sort(cache.indices, axis=1), axis=1) == 0).any(axis=1)
    usable = ~padded
    omitted["padded with repeated frames"] = int(padded.sum())
    flow: Flow | None = None
    if diagnostic.name.startswith("flow"):
        flow = stored_flow(cache, data.root)
        omitted["without motion"] = int((usable & ~flow.is_moving).sum())
        usable &= flow.is_moving
    elif diagnostic.suite != "same_video":
        still = _change(diagnostic, cache, data) <= CHANGE
        omitted["without any change"] = int((usable & still).sum())
        usable &= ~still
    else:
        pairs = np.bincount(windows.video[usable], minlength=int(windows.video.max()) + 1)[windows.video] == 2
        first = _first_of_group(windows, usable & pairs)
        omitted["without their pair"] = int((usable & ~pairs).sum())
        omitted["of further videos of a group"] = int((usable & pairs & ~first).sum())
        usable &= pairs & first
    rows = np.flatnonzero(usable)
    labels, target = _label(diagnostic, windows, rows, flow, seed)
    entries = windows.manifest.entries
    bits = np.array([int(hash_of(entries[n], diagnostic.name, "bit", seed), 16) & 1 for n in rows.tolist()], np.int64)
    opened = OpenedDiagnostic(
        diagnostic,
        data.source,
        windows,
        cache,
        rows,
        arrangement_of(diagnostic)(labels, bits, frames),
        labels,
        target,
        omitted,
    )
    for split in SPLITS:
        if len(opened.of_split(split)) < SMALLEST_SPLIT * (2 if diagnostic.suite == "same_video" else 1):
            words = ", ".join(f"{number:,} {reason}" for reason, number in omitted.items() if number)
            count = count_of(len(opened.of_split(split)), "usable clip")
            raise ConfigError(
                f"{data.source}: {diagnostic.name} has {count} in the {split} split, which is too few"
                + (f" (left out: {words})" if words else "")
            )
    return opened


def _change(diagnostic: Diagnostic, cache: ClipCache, data: DataConfig) -> Int[np.ndarray, " n"]:
    """Return the largest change of each clip; for ``playback_speed``, of the clip at the lowest speed."""
    if diagnostic.lengthening == 1:
        return stored_change(cache, data.root)
    from auxjepa.benchmarks.diagnostics.flow import largest_change

    slowest = np.zeros(len(cache), dtype=np.int64)
    frames = arrangement_of(diagnostic)(slowest, slowest, data.frames)
    return largest_change(ArrangedClips(cache.clips, np.arange(len(cache)), frames))


def _first_of_group(windows: Windows, usable: np.ndarray) -> np.ndarray:
    """Check whether each window is of the first usable video of its group of related videos."""
    first: dict[int, int] = {}
    for number in np.flatnonzero(usable).tolist():
        first.setdefault(int(windows.group[number]), int(windows.video[number]))
    pairs = zip(windows.group.tolist(), windows.video.tolist(), strict=True)
    return np.array([first.get(group) == video for group, video in pairs], bool)


def _label(
    diagnostic: Diagnostic, windows: Windows, rows: Int[np.ndarray, " n"], flow: Flow | None, seed: int
) -> tuple[Int[np.ndarray, " n"], Float[np.ndarray, " n"] | None]:
    """Return the class number and the target of each clip."""
    if flow is not None:
        if diagnostic.classes == 1:
            return np.zeros(len(rows), dtype=np.int64), np.log(flow.magnitude[rows])
        return flow.direction[rows].astype(np.int64), None
    if diagnostic.classes == 0:
        return windows.video[rows], None
    labels, entries = np.zeros(len(rows), dtype=np.int64), windows.manifest.entries
    for place in range(len(SPLITS)):
        members = np.flatnonzero(windows.split[rows] == place)
        hashes = [hash_of(entries[n], diagnostic.name, "label", seed) for n in rows[members].tolist()]
        labels[members] = balanced_classes(hashes, diagnostic.classes)
    return labels, None
