"""Videos of the user with a number for each clip: a numeric column of labels.csv as the target of a regression."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from auxjepa.benchmarks.division import Division
from auxjepa.benchmarks.division_notes import count_of
from auxjepa.benchmarks.folder import OwnVideos
from auxjepa.benchmarks.unlabelled_division import divide_unlabelled
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.cache.build import clips_per_example
from auxjepa.data.cache.jpeg import Clips
from auxjepa.data.manifest.labels import are_numbers
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.split import NONE
from auxjepa.data.near_duplicates import find_near_duplicates
from auxjepa.data.open import open_manifest

MOST_CLASSES = 20
"""Largest number of different numbers of a column that are read as classes without an explicit request."""


class OpenedNumbers(NamedTuple):
    """Clips and numbers of a split.

    Args:
        clips: clips as uint8.
        labels: zero for each clip; there are no classes.
        key: key of the clips.
        example: counted example of each clip; None if each clip is one example.
        unit: group of related videos of each clip.
        target: number of each clip.
    """

    clips: Clips
    labels: Int[np.ndarray, " n"]
    key: str
    example: Int[np.ndarray, " n"] | None
    unit: Int[np.ndarray, " n"]
    target: Float[np.ndarray, " n"]


@dataclass(frozen=True)
class OwnNumbers:
    """Videos with numbers, divided into splits.

    Args:
        videos: the videos, with one class.
        values: number of each counted example, in the order of ``videos.division.kept``.
    """

    videos: OwnVideos
    values: Float[np.ndarray, " n"]

    def open(self, split: str) -> OpenedNumbers:
        """Return the clips of a split, cut and decoded.

        Args:
            split: ``train``, ``validation`` or ``test``.
        """
        clips, places, key, example, unit = replace(self.videos, division=self._numbered()).open(split)
        return OpenedNumbers(clips, np.zeros_like(places), key, example, unit, self.values[places])

    def _numbered(self) -> Division:
        """Return the division with the number of each example as its label, so that clips can be matched to values."""
        return replace(self.videos.division, labels=np.arange(len(self.values)))


def numbers_of(manifest: Manifest, column: str) -> Float[np.ndarray, " n"] | None:
    """Return the number of each example in a label column, NaN without a label; None if a label isn't a number.

    Args:
        manifest: the examples.
        column: label column.
    """
    if column not in manifest.labels:
        return None
    labels, written = manifest.labels[column], manifest.classes[column]
    try:
        values = np.array([float(value) for value in written])
    except ValueError:
        return None
    if not len(values) or not np.isfinite(values).all():
        return None
    if are_numbers(written):
        return np.where(labels < 0, np.nan, labels.astype(np.float64))
    return np.where(labels < 0, np.nan, values[np.maximum(labels, 0)])


def is_target(manifest: Manifest, column: str) -> bool:
    """Check whether a column holds more than ``MOST_CLASSES`` different numbers, and not whole numbers only.

    Args:
        manifest: the examples.
        column: label column.
    """
    values = numbers_of(manifest, column)
    if values is None:
        return False
    different = np.unique(values[~np.isnan(values)])
    return len(different) > MOST_CLASSES and bool((different != np.round(different)).any())


def open_numbers(
    data: DataConfig,
    label: str,
    *,
    one_each: bool = False,
    group_rule: str = "",
    workers: int = 2,
    progress: bool = True,
) -> OwnNumbers:
    """Scan videos with numbers, divide them by groups, and choose ``data.clips`` clips from them.

    Args:
        data: the videos and the settings with which they are cut.
        label: numeric column of labels.csv or of shards. Examples without a number are left out.
        one_each: whether every video or segment gives one clip; ``data.clips`` is then ignored.
        group_rule: rule on names that gives groups, see
            :func:`auxjepa.data.manifest.reserved_columns.group_keys`.
        workers: processes that decode.
        progress: whether progress is shown on standard error.

    Raises:
        ConfigError: if there is no such column, or it holds other values than numbers.
        ConfigError: if there are fewer than three independent videos or different numbers.
    """
    data = data.model_copy(update={"split": "all", "mixture": {}})
    manifest = open_manifest(data, workers=workers, progress=progress)
    values = numbers_of(manifest, label)
    if values is None:
        numeric = [name for name in manifest.labels if numbers_of(manifest, name) is not None]
        problem = "holds values that aren't numbers" if label in manifest.labels else "doesn't exist"
        raise ConfigError(
            f"{data.source}: column {label!r} {problem} (columns of numbers: {', '.join(numeric) or 'none'})"
        )
    there = np.flatnonzero(~np.isnan(values))
    if len(np.unique(values[there])) < 3:
        raise ConfigError(f"{data.source}: column {label!r} has fewer than three different numbers")
    part = manifest.subset(there)
    near = find_near_duplicates(part, data.root, workers=workers, progress=progress)
    divided = divide_unlabelled(part, data.source, group_rule, near)
    kept = np.flatnonzero(divided.split != NONE)
    contents = [(e.file.hash or e.file.path, e.start, e.stop) for e in (part.entries[n] for n in kept.tolist())]
    unique = {content: number for number, content in enumerate(dict.fromkeys(contents))}
    division = Division(
        kept=kept,
        split=divided.split[kept],
        labels=np.zeros(len(kept), dtype=np.int64),
        groups=divided.groups[kept],
        counted=np.array([unique[content] for content in contents], dtype=np.int64),
        classes=("number",),
        ordinary=False,
        notes=_notes(data.source, label, values, kept, divided.notes, there),
        record=divided.record | {"classes": [], "left_out": len(values) - len(kept)},
    )
    used = len(kept)
    if one_each or data.clips < used:
        data = data.model_copy(update={"clips": used})
    videos = OwnVideos(
        data,
        label,
        part.subset(kept),
        division,
        np.arange(used),
        clips_per_example(used, data.clips, data.seed),
        workers,
        progress,
    )
    return OwnNumbers(videos, values[there[kept]])


def _notes(source: str, label: str, values: Any, kept: Any, notes: tuple[str, ...], there: Any) -> tuple[str, ...]:
    chosen = values[there[kept]]
    low, high = (f"{end:.4g}" for end in (chosen.min(), chosen.max()))
    lines = [f"{source}: {label} is read as a number ({low} to {high}) of {count_of(len(chosen), 'example')}"]
    missing = int(math.fsum(np.isnan(values)))
    lines += [f"{source}: {count_of(missing, 'example')} without a {label} number: left out"] if missing else []
    return (*lines, *notes)
