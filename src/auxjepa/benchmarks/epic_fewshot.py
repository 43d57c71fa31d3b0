"""Few-shot recognition of kitchen actions of new classes, on EPIC-Kitchens-100.

The suite is ``epic_fewshot``. The classes of a label (verb, noun or action) are divided into thirds by a seed and their
names alone. Tokens are whitened on segments of the *base* classes. Head, penalty and pooling are selected on episodes
of the *choice* classes. The score is that of episodes of the *unseen* classes. A query never comes from the video of a
support clip of its class. An unseen verb occurs with known nouns, and an unseen action consists of known parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Int
from pydantic import Field

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.clip_sets import split_sets
from auxjepa.benchmarks.fewshot import TRIAL_QUERIES, LabelledClips, fit_seconds, pooling_of, score_episodes
from auxjepa.benchmarks.measurement import Measurement
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import ConfigError, Count, DataConfig, Typed
from auxjepa.data.cache.build import build_cache
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.order import hash_ranks
from auxjepa.data.sets import SETS
from auxjepa.data.sets.prepared_set import read_set
from auxjepa.data.sets.set_manifest import open_set
from auxjepa.probes.fewshot import Episodes, enough
from auxjepa.probes.fit import Score
from auxjepa.probes.kept import Tokens
from auxjepa.probes.protocol import Protocol
from auxjepa.rows import Control

SET = "epic100"
SPLITS = ("train", "validation")
"""Official splits with labels. The segments of both splits are divided by class."""
THIRDS = ("base", "choice", "unseen")


class Division(Typed):
    """Settings with which classes and segments are divided. They are part of the benchmark's hash."""

    seed: int = Field(default=0, ge=0, description="of the division of classes into thirds")
    base_each: Count = Field(default=20, description="segments of a base class, at most")
    each: Count = Field(default=40, description="segments of any other class, at most")
    shots: Count = Field(default=10, description="a class with fewer examples is left out, also if fewer are needed")


@dataclass(frozen=True)
class Third:
    """Segments of a third of the classes.

    Args:
        manifest: the segments.
        labels: class number of each segment.
        videos: video number of each segment.
        left_out: names of the classes with too few segments.
    """

    manifest: Manifest
    labels: Int[np.ndarray, " n"]
    videos: Int[np.ndarray, " n"]
    left_out: tuple[str, ...]


def divide(classes: Sequence[str], seed: int) -> Int[np.ndarray, " C"]:
    """Return the third of every class (an index into ``THIRDS``). It depends on seed and name alone.

    Thirds have equal numbers of classes.

    Args:
        classes: names of the classes.
        seed: seed of the division.
    """
    return hash_ranks([f"{seed} {name}" for name in classes], 64) % len(THIRDS)


def thirds(data: DataConfig, source: str, label: str, how: Division, queries: int) -> dict[str, Third]:
    """Return the segments of each third, spread over as many videos as possible.

    Args:
        data: root is used.
        source: name of the prepared set.
        label: label column.
        how: settings of the division.
        queries: query clips of each class in an episode.

    Raises:
        ConfigError: if the set isn't prepared, or has no such label.
    """
    classes = read_set(source, data.root).classes
    if label not in classes:
        raise ConfigError(f"{source} has no label column {label!r}")
    whole = _joined([open_set(f"{source}/{split}", data.root) for split in SPLITS], label)
    labels = whole.labels[label]
    videos = np.unique([entry.file.path for entry in whole.entries], return_inverse=True)[1]
    third = divide(classes[label], how.seed)
    out = {}
    for place, name in enumerate(THIRDS):
        each = how.base_each if name == "base" else how.each
        chosen = spread(whole, videos, labels, each) & (third[labels] == place)
        left: list[str] = []
        if name != "base":
            wanted = queries if name == "unseen" else min(queries, TRIAL_QUERIES)
            for number in np.flatnonzero(third == place).tolist():
                mine = np.flatnonzero(chosen & (labels == number))
                if not enough(videos[mine], len(mine), how.shots, wanted):
                    left.append(classes[label][number])
                    chosen[mine] = False
        index = np.flatnonzero(chosen)
        out[name] = Third(whole.subset(index), labels[index], videos[index], tuple(left))
    return out


def spread(
    manifest: Manifest, videos: Int[np.ndarray, " n"], labels: Int[np.ndarray, " n"], each: int
) -> Bool[np.ndarray, " n"]:
    """Return whether each segment is selected: up to ``each`` segments of every class.

    The first segment of each video of a class is selected first, then the second, in the order of a hash of their
    names.

    Args:
        manifest: the segments.
        videos: video number of each segment.
        labels: class number of each segment.
        each: largest number of segments of a class.
    """
    ranks = manifest.hash_ranks(7)
    order = np.lexsort((ranks, videos, labels))
    turn = np.empty(len(order), np.int64)  # index of the segment in its video and class
    turn[order] = _counted(labels[order] * (videos.max() + 1) + videos[order])
    order = np.lexsort((ranks, turn, labels))
    place = np.empty(len(order), np.int64)
    place[order] = _counted(labels[order])
    return place < each


def measure(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Return the mean accuracy over episodes of unseen classes, in percent.

    Parts: those of :func:`auxjepa.benchmarks.fewshot.score_episodes`, and ``chance``. ``classes`` is the number of
    unseen classes in episodes. ``left_out`` is the number of unseen classes with too few segments.

    Args:
        scorer: scorer of the encoder.
        benchmark: the benchmark.

    Raises:
        ConfigError: if the encoder was pretrained on EPIC-Kitchens.
        ConfigError: if too few classes have enough segments.
    """
    refuse_pretrained(scorer.data, benchmark)
    division = Division.model_validate(benchmark.args.get("division", {}))
    how = Episodes.model_validate({name: value for name, value in benchmark.args.items() if name != "division"})
    divided = thirds(scorer.data, benchmark.source, benchmark.label, division, how.queries)
    for name in THIRDS[1:]:
        _check(benchmark, name, divided[name], how)
        left = divided[name].left_out
        if left:
            some = ", ".join(left[:5]) + (" …" if left[5:] else "")
            scorer.tell(f"{benchmark.name}: {len(left)} {name} classes have too few segments and are left out: {some}")
    tokens = {name: _tokens(scorer, benchmark, third) for name, third in divided.items()}
    pool = pooling_of(tokens["base"], scorer, benchmark.protocol)
    selection_clips, test_clips = (
        LabelledClips(pool(tokens[name]), divided[name].labels, divided[name].videos) for name in THIRDS[1:]
    )
    score = score_episodes(how, selection_clips, test_clips)
    unseen = len(np.unique(test_clips.labels))
    counts = {"classes": float(unseen), "left_out": float(len(divided["unseen"].left_out))}
    return replace(score, parts={**score.parts, "chance": 100 / (how.ways or unseen), **counts})


def refuse_pretrained(data: DataConfig, benchmark: Benchmark) -> None:
    """Check that no data set of the pretraining is EPIC-Kitchens, so that classes are unseen.

    Args:
        data: data configuration of the run.
        benchmark: the benchmark.

    Raises:
        ConfigError: if the run was pretrained on EPIC-Kitchens.
    """
    for one in data.sources.values():
        name = one.source.partition("/")[0]
        if _kitchens(name, data):
            raise ConfigError(
                f"{benchmark.name}: this encoder was pretrained on {one.source}, so that no class is unseen; "
                f"epic100_{benchmark.label} scores it on the official split"
            )


def _kitchens(name: str, data: DataConfig) -> bool:
    """Return whether a data set is EPIC-Kitchens under any name.

    A data set that isn't available is identified by its name.
    """
    if name in SETS or name == "world" or ":" in name:
        return name == SET
    try:
        return read_set(name, data.root).data_set == SET
    except ConfigError:
        return False


def _check(benchmark: Benchmark, name: str, third: Third, how: Episodes) -> None:
    there, ways = len(np.unique(third.labels)), how.ways or 2
    if there < ways:
        raise ConfigError(
            f"{benchmark.name}: {there} {name} {benchmark.label} classes have enough segments in enough videos, "
            f"{ways} are needed ({len(third.left_out)} are left out)"
        )


def _tokens(scorer: Scorer, benchmark: Benchmark, third: Third) -> Tokens:
    data = scorer.data
    if not len(third.manifest):
        raise ConfigError(f"{benchmark.name}: no segment of a base class can be read")
    cache = build_cache(
        third.manifest, root=data.root, frames=data.frames, size=data.size, where="uniform", progress=False
    )
    return scorer.tokens(cache.clips, cache.key, benchmark.protocol.reading.level)


def _joined(manifests: list[Manifest], label: str) -> Manifest:
    """Return the labelled examples of several splits of one set as one manifest."""
    parts = [one.subset(np.flatnonzero(one.labels[label] >= 0)) for one in manifests]
    column = np.concatenate([part.labels[label] for part in parts])
    entries = tuple(entry for part in parts for entry in part.entries)
    return replace(parts[0], entries=entries, labels={label: column}, texts=())


def _counted(keys: Int[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    """Return for each of some sorted keys how often it has occurred before."""
    starts = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1))
    return np.arange(len(keys)) - np.repeat(starts, np.diff(np.append(starts, len(keys))))


CLASSES = {"verb": 97, "noun": 300, "action": 3_806}
READ = {"verb": (640, 1_000, 1_000), "noun": (2_000, 3_000, 3_000), "action": (6_000, 6_000, 6_000)}
"""Approximate number of segments of each third."""
RANDOM: tuple[Control, ...] = ("random_init",)


def _epic(label: str, ways: int | None, shots: int) -> Benchmark:
    called = f"{ways}-way" if ways else "all-way"
    return Benchmark(
        name=f"epic100_fewshot_{label}_{ways or 'all'}way_{shots}shot",
        title=f"Unseen kitchen {label}s, {called} {shots}-shot",
        capability="few-shot",
        source=SET,
        label=label,
        classes=ways or CLASSES[label] // len(THIRDS),
        train=READ[label][0],
        validation=READ[label][1],
        test=READ[label][2],
        protocol=Protocol(name="episodes", head="linear"),
        suite="epic_fewshot",
        args={
            "ways": ways,
            "shots": shots,
            "queries": 10,
            "episodes": 1000 if ways else 100,
            "division": Division().model_dump(mode="json"),
        },
        # The number of classes depends on the segments that can be read, so chance is a part of the score.
        controls=(*RANDOM, "chance") if ways else RANDOM,
    )


EPIC_FEWSHOT = tuple(_epic(label, ways, shots) for label in CLASSES for ways in (5, None) for shots in (1, 5, 10))


MEASUREMENT = Measurement(
    measure=measure,
    clip_sets=lambda benchmark: split_sets(benchmark, own_splits=True),
    fit_seconds=fit_seconds,
    fits_probe=False,
)
