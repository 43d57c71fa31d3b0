"""Captions of sample clips of a study on own videos: labels, split and copies of each video."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from auxjepa.benchmarks.folder_labels import FOLDER_LABEL
from auxjepa.benchmarks.opened import OpenedBenchmark
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.manifest.labels import are_numbers
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.reserved_columns import label_columns, official_split_of
from auxjepa.data.manifest.split import NONE, SPLITS
from auxjepa.data.near_duplicates import find_near_duplicates
from auxjepa.data.open import open_manifest
from auxjepa.study.own_data import reopen
from auxjepa.study.plan import StudyConfig

NO_PAIRS = np.empty((0, 2), dtype=np.int64)
"""No near-duplicates."""


def caption_own_videos(study: StudyConfig, data: DataConfig, names: Sequence[str]) -> list[str] | None:
    """Return one caption for each clip; None if the clips are not of the study's own videos alone.

    Args:
        study: the study.
        data: data configuration of the run that reads the clips.
        names: name of the example of each clip.
    """
    if not study.data or [one.source for one in data.sources.values()] != [study.data]:
        return None
    manifest = open_manifest(
        data.model_copy(update={"source": study.data, "mixture": {}, "split": "all"}), progress=False
    )
    places = {entry.name: place for place, entry in enumerate(manifest.entries)}
    if not all(name in places for name in names):
        return None
    near = find_near_duplicates(manifest, data.root, progress=False)
    labels, copies = describe_labels(manifest), describe_copies(manifest, near.pairs)
    benchmark, splits = read_splits(study, data)
    captions = []
    for name in names:
        parts = [name, *labels[places[name]]]
        if benchmark:
            parts.append(f"{splits[name]} split of {benchmark}" if name in splits else f"in no split of {benchmark}")
        captions.append("; ".join([*parts, copies[places[name]]]))
    return captions


def describe_labels(manifest: Manifest) -> list[list[str]]:
    """Return the labels of every example in words, one text for each label: the columns, then the class folder.

    Args:
        manifest: the examples.
    """
    columns = label_columns(manifest)
    labels: list[list[str]] = [[] for _ in range(len(manifest))]
    for column in columns:
        written = manifest.classes[column]
        is_number = are_numbers(written)  # the labels are then the numbers, and otherwise places among the values
        for own, value in zip(labels, manifest.labels[column].tolist(), strict=True):
            text = "no label" if value < 0 else str(value) if is_number else written[value]
            own.append(f"{column} {text}")
    if FOLDER_LABEL not in columns:
        folders = official_split_of(manifest)
        classes = folders.classes if folders is not None else [p.rpartition("/")[0] for p in manifest.folder_paths]
        for own, name in zip(labels, classes, strict=True):
            if name:
                own.append(f"{FOLDER_LABEL} {name}")
    return labels


def describe_copies(manifest: Manifest, near_pairs: Int[np.ndarray, "p 2"] = NO_PAIRS) -> list[str]:
    """Return how many other files of the folder repeat the video of every example, in words.

    Args:
        manifest: the examples.
        near_pairs: pairs of examples whose files are near-duplicates.
    """
    entries = manifest.entries
    content = [entry.file.hash or entry.file.path for entry in entries]
    files: dict[str, set[str]] = {}
    for entry, own in zip(entries, content, strict=True):
        files.setdefault(own, set()).add(entry.file.path)
    similar: dict[str, set[str]] = {own: set() for own in files}
    for first, second in near_pairs.tolist():
        for one, other in ((first, second), (second, first)):
            if content[one] != content[other]:
                similar[content[one]].add(content[other])
    words = {}
    for own, paths in files.items():
        near = sum(len(files[other]) for other in similar[own])
        counts = [(len(paths) - 1, "other file with equal content", "other files with equal content")]
        counts += [(near, "near-duplicate", "near-duplicates")] if len(near_pairs) else []
        texts = [f"{number:,} {one if number == 1 else several}" for number, one, several in counts if number]
        words[own] = ", ".join(texts) or "no copy in the folder"
    return [words[own] for own in content]


def read_splits(study: StudyConfig, data: DataConfig) -> tuple[str, dict[str, str]]:
    """Return the first labelled benchmark on the study's videos, and the split of each example by its name.

    The name is "" if no benchmark has labels, or if the videos have changed since the study was written. An example
    that the benchmark leaves out has no split.

    Args:
        study: the study.
        data: how the run cuts clips.
    """
    for benchmark in study.chosen_benchmarks():
        is_own = benchmark.name in study.own_benchmarks and benchmark.source == study.data
        if not is_own or "diagnostic" in benchmark.args:
            continue
        try:
            opened = reopen(benchmark, data)
        except ConfigError:  # the workers report changed videos if scores are missing
            continue
        videos = opened.own_videos if isinstance(opened, OpenedBenchmark) else None
        if videos is not None:
            split = videos.division.split[videos.chosen].tolist()
            entries = videos.manifest.entries
            return benchmark.name, {
                entry.name: SPLITS[place] for entry, place in zip(entries, split, strict=True) if place != NONE
            }
    return "", {}
