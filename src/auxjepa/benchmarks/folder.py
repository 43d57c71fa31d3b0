"""Labelled videos of the user as a benchmark, with labels from labels.csv, from shards or from the names of subfolders.

If folders name an official split (train/, val/, test/; :mod:`auxjepa.data.manifest.split_folders`), it is used. If not,
videos (not clips) are divided 60 / 20 / 20 into training, validation and test. They are divided class by class, in a
random order that depends on file names alone (:mod:`auxjepa.data.manifest.split`). Parts of one file, files of equal
content and near-duplicates (:mod:`auxjepa.data.near_duplicates`) are never in two splits.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from auxjepa.benchmarks.division import Division, divide_examples
from auxjepa.benchmarks.folder_labels import label_column, read_labels
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.cache.build import ClipCache, clips_per_example
from auxjepa.data.cache.jpeg import Clips
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.padding import Padding, padding_of
from auxjepa.data.manifest.reserved_columns import group_keys, official_split_of
from auxjepa.data.manifest.split import SPLITS, choose
from auxjepa.data.near_duplicates import find_near_duplicates
from auxjepa.data.open import open_manifest, open_pool
from auxjepa.data.shards.urls import expand, label_shards


class Opened(NamedTuple):
    """Clips and class numbers of a split.

    Args:
        clips: clips as uint8.
        labels: class number of each clip.
        key: key of the clips.
        example: counted example of each clip, 0 … E - 1; None if each clip is one example.
        unit: group of related videos of each clip.
    """

    clips: Clips
    labels: Int[np.ndarray, " n"]
    key: str
    example: Int[np.ndarray, " n"] | None
    unit: Int[np.ndarray, " n"]


@dataclass(frozen=True)
class OwnVideos:
    """Labelled videos, divided into splits, and the number of clips of each example. Clips are decoded once.

    Args:
        data: the videos and the settings with which they are cut; ``clips`` is the number of all clips.
        label: label column, see :func:`open_own`.
        manifest: the examples that give clips.
        division: division of all examples.
        chosen: indices of the examples that give clips, among the examples of the division.
        each: number of clips of each of these examples.
        workers: processes that decode.
        progress: whether progress is shown on standard error.
    """

    data: DataConfig
    label: str
    manifest: Manifest
    division: Division
    chosen: Int[np.ndarray, " n"]
    each: Int[np.ndarray, " n"]
    workers: int = 2
    progress: bool = True

    @cached_property
    def cache(self) -> ClipCache:
        """Decoded clips of all splits."""
        return open_pool(self.data, self.manifest, workers=self.workers, progress=self.progress)

    @cached_property
    def version(self) -> int:
        """Version of the benchmark: 1 if version 1 divided and counted the examples in the same way; 3 if
        near-duplicates changed the division.
        """
        if self.division.parted:
            return 3
        one_each = len(self.chosen) == len(self.division.kept) and bool((self.each == 1).all())
        return 1 if self.division.ordinary and one_each else 2

    def clips(self, split: str) -> int:
        """Return the number of clips of a split.

        Args:
            split: ``train``, ``validation`` or ``test``.
        """
        return int(self.each[self._of(split)].sum())

    def examples(self, split: str) -> int:
        """Return the number of counted examples of a split.

        Args:
            split: ``train``, ``validation`` or ``test``.
        """
        return len(np.unique(self.division.counted[self.chosen[self._of(split)]]))

    @property
    def content(self) -> str:
        """Hash (16 hex digits) of the examples that give clips, with their splits and labels."""
        entries = self.manifest.entries
        splits, labels = self.division.split[self.chosen].tolist(), self.division.labels[self.chosen].tolist()
        used = zip(entries, splits, labels, self.each.tolist(), strict=True)
        parts = [f"{e.file.hash} {e.start} {e.stop} {split} {label} {each}" for e, split, label, each in used]
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()

    @property
    def padding(self) -> Padding:
        """Padding of all clips."""
        data = self.data
        return padding_of(self.manifest, Cut(data.frames, data.size, data.stride, data.fps), self.each)

    def open(self, split: str) -> Opened:
        """Return the clips of a split, cut and decoded.

        Args:
            split: ``train``, ``validation`` or ``test``.
        """
        cache = self.cache
        of = np.repeat(np.arange(len(self.manifest)), self.each)  # in the order of the cache
        mine = np.flatnonzero(np.isin(of, self._of(split)))
        place = self.chosen[of[mine]]
        counted = np.unique(self.division.counted[place], return_inverse=True)[1]
        key = f"{cache.key} {self.label} {split}"
        if self.version > 1 or self.manifest.places:  # separates the keys of different divisions of the same clips
            key += f" {hashlib.blake2b(mine.tobytes(), digest_size=8).hexdigest()}"
        return Opened(
            np.asarray(cache.clips[mine]),
            self.division.labels[place],
            key,
            None if len(np.unique(counted)) == len(mine) else counted,
            self.division.groups[place],
        )

    def _of(self, split: str) -> Int[np.ndarray, " k"]:
        return np.flatnonzero(self.division.split[self.chosen] == SPLITS.index(split))


def open_own(
    data: DataConfig,
    label: str,
    *,
    one_each: bool = False,
    group_rule: str = "",
    near_duplicates: bool = True,
    workers: int = 2,
    progress: bool = True,
) -> OwnVideos:
    """Scan labelled videos, divide them, and choose ``data.clips`` clips from them.

    Classes and splits are determined on all videos. Several clips of a video are spread over it. If there are fewer
    clips than videos, each class keeps at least one clip in every split.

    Args:
        data: the videos and the settings with which they are cut.
        label: a column of labels.csv or of shards, or ``folder`` for the name of the video's subfolder; see
            :func:`auxjepa.benchmarks.folder_labels.label_column`. Examples without a label are left out.
        one_each: whether every video or segment gives one clip; ``data.clips`` is then ignored.
        group_rule: rule on names that gives groups, see
            :func:`auxjepa.data.manifest.reserved_columns.group_keys`.
        near_duplicates: whether near-duplicates are searched and kept in one split.
        workers: processes that decode.
        progress: whether progress is shown on standard error.

    Raises:
        ConfigError: if there is no such column, or no example has a label.
        ConfigError: if a class has too few videos to be divided.
        ConfigError: if there are too few clips for every class in every split.
    """
    data = data.model_copy(update={"split": "all", "mixture": {}})
    manifest = open_manifest(data, workers=workers, progress=progress)
    folders = official_split_of(manifest)
    labels, classes = read_labels(manifest, label, data.source, folders)
    column = label_column(manifest, label) or ""
    near = find_near_duplicates(manifest, data.root, workers=workers, progress=progress) if near_duplicates else None
    division = divide_examples(
        manifest, labels, classes, folders, data.source, column, group_keys(manifest, group_rule), near
    )
    used = len(division.kept)
    if one_each:
        data = data.model_copy(update={"clips": used})
    if data.clips >= used:
        chosen, each = np.arange(used), clips_per_example(used, data.clips, data.seed)
    else:
        chosen = _choose(manifest, division, data)
        each = np.ones(len(chosen), dtype=np.int64)
    some = manifest if len(chosen) == len(manifest) else manifest.subset(division.kept[chosen])
    return OwnVideos(data, label, some, division, chosen, each, workers, progress)


def open_split(
    data: DataConfig,
    label: str,
    split: str,
    *,
    one_each: bool = False,
    group_rule: str = "",
    workers: int = 2,
    progress: bool = True,
) -> Opened:
    """Return the clips of one split; see :func:`open_own`.

    Args:
        data: the videos and the settings with which they are cut.
        label: label column.
        split: ``train``, ``validation`` or ``test``.
        one_each: whether every video or segment gives one clip.
        group_rule: rule on names that gives groups.
        workers: processes that decode.
        progress: whether progress is shown on standard error.
    """
    own = open_own(data, label, one_each=one_each, group_rule=group_rule, workers=workers, progress=progress)
    return own.open(split)


def note_on_pretraining(own: OwnVideos, pretrained: DataConfig) -> list[str]:
    """Return a line if an encoder was pretrained, without labels, on the folder or the shards of test videos.

    Args:
        own: the labelled videos.
        pretrained: data configuration of the pretraining.
    """
    split = own.division.split[own.chosen]
    tested = {own.manifest.entries[n].file.path for n in np.flatnonzero(split == SPLITS.index("test")).tolist()}
    is_official = bool(own.division.record["official"])
    return note_on_test_videos(own.data.source, own.manifest.folder, tested, is_official, pretrained)


def note_on_test_videos(
    source: str, folder: Path, tested: set[str], is_official: bool, pretrained: DataConfig
) -> list[str]:
    """Return a line if an encoder was pretrained, without labels, on the folder or the shards of test videos.

    Args:
        source: source of the videos.
        folder: root of the videos.
        tested: path of each test video below the root.
        is_official: whether folders name an official split, so that a run can leave test videos out.
        pretrained: data configuration of the pretraining.
    """
    kind = source.partition(":")[0]
    read = [
        path
        for one in pretrained.sources.values()
        for its_kind, _, path in [one.source.partition(":")]
        if its_kind == kind and path and not (one.split == "train" and is_official)
    ]
    if kind == "shards":
        seen = _in_shards(tested, source.partition(":")[2], read)
    else:
        folder, tops = folder.resolve(), [Path(path).expanduser().resolve() for path in read]
        ways = {path: (folder / path, (folder / path).resolve()) for path in tested}  # a link has two paths
        seen = {path for path, both in ways.items() if any(way.is_relative_to(top) for top in tops for way in both)}
    where = "shards" if kind == "shards" else "a folder"
    line = f"{len(seen):,} of the {len(tested):,} test videos are in {where} that the encoder was pretrained on"
    return [f"{source}: {line}, without labels"] if seen else []


def _in_shards(names: set[str], source: str, others: list[str]) -> set[str]:
    """Return the samples, named ``SHARD/MEMBER``, in shards that other sets also contain."""
    urls, shared = expand(source), {url for other in others for url in expand(other)}
    labels = {label for label, url in zip(label_shards(urls), urls, strict=True) if url in shared}
    prefixes = {name: accumulate(name.split("/"), "{}/{}".format) for name in names}
    return {name for name, above in prefixes.items() if any(one in labels for one in above)}


def _choose(manifest: Manifest, division: Division, data: DataConfig) -> Int[np.ndarray, " k"]:
    ranks = manifest.subset(division.kept).hash_ranks(8)
    again = np.ones(len(ranks), dtype=np.int64)  # copies of chosen examples come last
    again[np.unique(division.counted, return_index=True)[1]] = 0
    chosen = choose(division.split, division.labels, again * len(ranks) + ranks, data.clips)
    if not len(chosen):
        needed = np.unique(np.stack([division.split, division.labels]), axis=1).shape[1]
        raise ConfigError(
            f"{data.source}: {data.clips:,} clips are too few: {len(division.classes):,} classes in training, "
            f"validation and test need {needed:,} clips or more (where --clips is unset, each of the {len(ranks):,} "
            "videos gives one)"
        )
    return chosen
