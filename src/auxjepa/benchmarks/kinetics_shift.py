"""Shift from Kinetics-400 to Kinetics-700: the same actions in videos that were collected later, and new actions.

The suite is ``kinetics_shift``. A probe is fitted on Kinetics-400 and scored on validation videos of Kinetics-700, for
the classes of both editions. Videos that any split of Kinetics-400 holds are removed, so all remaining videos were
collected later. A second, linear probe is fitted on training videos of Kinetics-700 of the new classes. It shows how
separable the new classes are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import torch
from jaxtyping import Bool, Int

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.clip_sets import ClipSet, count_clips, split_sets
from auxjepa.benchmarks.cost import probe_seconds
from auxjepa.benchmarks.measurement import Measurement
from auxjepa.benchmarks.official import official_sizes, official_split
from auxjepa.benchmarks.official_splits import FIXED
from auxjepa.benchmarks.recognition import ATTENTIVE, LINEAR
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.cache.build import build_cache
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.sets.kinetics_classes import ClassOverlap, compare_classes, normalise_class
from auxjepa.data.sets.prepared_set import read_set
from auxjepa.data.sets.set_manifest import open_set
from auxjepa.probes.fit import Score, Split, fit_probe
from auxjepa.probes.protocol import Protocol as ProbeProtocol

VIDEO_ID = 11
"""Number of characters of a YouTube ID. Every file name of Kinetics begins with one."""
NEAR = 1 / 3
"""Share of common words from which a new class counts as near: ``playing oboe`` is near ``playing flute``."""
SMALL_WORDS = frozenset("a an and at for from in into of off on or out over the to up with".split())  # noqa: SIM905


@dataclass(frozen=True)
class Protocol:
    """Classes and videos on which probes are trained and tested.

    Args:
        classes: shared, added and dropped classes, by their names.
        near: whether each added class (in the order of ``classes.added``) is near an old class by its name.
        train: training videos of Kinetics-400.
        validation: validation videos of Kinetics-400, held out from training.
        clean: official validation videos of Kinetics-400, its test split.
        later: Kinetics-700's validation videos of shared classes, with class numbers of Kinetics-400.
        new: training, validation and test videos of the added classes; class numbers are indices into
            ``classes.added``.
        removed: number of videos that were removed from ``later`` because Kinetics-400 has them too.
    """

    classes: ClassOverlap
    near: Bool[np.ndarray, " A"]
    train: Labelled
    validation: Labelled
    clean: Labelled
    later: Labelled
    new: tuple[Labelled, Labelled, Labelled]
    removed: int


@dataclass(frozen=True)
class Labelled:
    """Examples and their class numbers."""

    manifest: Manifest
    labels: Int[np.ndarray, " n"]


def similarity(name: str, others: Iterable[str]) -> float:
    """Return the largest share of words that a class name has in common with another name.

    The share is the number of words in both names divided by the number of words in either. Articles, prepositions and
    similar words don't count.

    Args:
        name: name of the class.
        others: names of other classes.
    """
    mine = _words(name)
    return max(
        (len(mine & theirs) / len(mine | theirs) for theirs in map(_words, others) if mine | theirs), default=0.0
    )


def protocol(data: DataConfig, old: str = "kinetics400", new: str = "kinetics700") -> Protocol:
    """Return the protocol of two prepared sets. It contains only examples that can be read.

    Args:
        data: root is used.
        old: name of the old edition.
        new: name of the new edition.

    Raises:
        ConfigError: if a set isn't prepared.
        ConfigError: if the two sets share no class or have the same classes.
        ConfigError: if no later video remains.
    """
    sources = [data.model_copy(update={"source": name, "mixture": {}}) for name in (old, new)]
    actions = [read_set(name, data.root).classes["action"] for name in (old, new)]
    classes = compare_classes(*actions)
    if not classes.shared or not classes.added:
        what = "share no class" if not classes.shared else "have the same classes"
        raise ConfigError(f"{old} and {new} {what}: there is no shift to measure")
    here, there = ({name: number for number, name in enumerate(some)} for some in actions)
    to_old = np.full(len(actions[1]), -1)
    for name, other in classes.shared.items():
        to_old[there[other]] = here[name]
    to_new = np.full(len(actions[1]), -1)
    to_new[[there[name] for name in classes.added]] = np.arange(len(classes.added))
    train, validation, clean = (official_split(sources[0], "action", s)[0] for s in ("train", "validation", "test"))
    training_classes = np.unique(train.labels["action"])
    shared = np.intersect1d(to_old[to_old >= 0], training_classes)
    fresh = [official_split(sources[1], "action", s)[0] for s in ("train", "validation", "test")]
    later = _chosen(fresh[2], np.where(np.isin(to_old, shared), to_old, -1))
    seen = {_video(entry.file.path) for s in read_set(old, data.root).splits for entry in _entries(old, s, data)}
    apart = np.array([_video(entry.file.path) not in seen for entry in later.manifest.entries], bool)
    if not apart.any():
        raise ConfigError(f"{new} has no test video of a shared class that isn't in {old} too")
    return Protocol(
        classes=classes,
        near=np.array([similarity(name, actions[0]) >= NEAR for name in classes.added]),
        train=Labelled(train, train.labels["action"]),
        validation=Labelled(validation, validation.labels["action"]),
        clean=_chosen(clean, np.where(np.isin(np.arange(len(actions[0])), shared), np.arange(len(actions[0])), -1)),
        later=Labelled(later.manifest.subset(np.flatnonzero(apart)), later.labels[apart]),
        new=(_chosen(fresh[0], to_new), _chosen(fresh[1], to_new), _chosen(fresh[2], to_new)),
        removed=int((~apart).sum()),
    )


def measure(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Return the mean-class accuracy on later videos of the shared classes, of a probe with all classes of the old
    edition.

    Args of the benchmark: ``old`` and ``new`` are names of prepared sets. ``linear`` is the protocol of the added
    classes.

    Parts of the first probe:

    - ``clean`` (validation videos of the old edition) and ``later-1`` (the score): means over the classes with
    videos on
      both sides. Later videos are unequally distributed, and class weights must not cause a drop;
    - ``relative_drop`` between the two;
    - ``clean:top1`` and ``later:top1``: accuracy over all videos.

    Parts of the linear probe of the added classes:

    - ``new:all``, and ``new:near`` and ``new:far`` for classes with and without words in common with an old class
    (missing
      if there is no such class);
    - ``new:chance``.

    Numbers of classes: ``classes:shared``, ``classes:near`` and ``classes:far``. Numbers of videos:
    ``videos:later``, and ``videos:removed`` because the old edition has them.

    Args:
        scorer: scorer of the encoder.
        benchmark: the benchmark.

    Raises:
        ConfigError: if :func:`protocol` raises it.
        ConfigError: if no shared class has test videos of both editions.
    """
    sets = protocol(scorer.data, benchmark.args["old"], benchmark.args["new"])
    recipe, seed = benchmark.protocol, scorer.seed
    train, validation = (_split(scorer, recipe, part) for part in (sets.train, sets.validation))
    fitted = fit_probe(recipe, train, validation, benchmark.classes, seed)
    linear = ProbeProtocol.model_validate(benchmark.args["linear"])
    marks = []
    for part in (sets.clean, sets.later):
        correct = fitted.score(_split(scorer, recipe, part)).correct
        assert correct is not None
        marks.append((correct, part.labels))
    clean, later = over_classes(*marks)
    added = [_split(scorer, linear, part) for part in sets.new]
    separate = fit_probe(linear, added[0], added[1], len(sets.near), seed).score(added[2]).correct
    assert separate is not None
    near = sets.near[sets.new[2].labels]
    parts = {"clean": clean} | ({"relative_drop": 100 * (clean - later) / clean} if clean else {})
    parts |= {"later-1": later} | {
        f"{name}:top1": 100 * float(correct.mean())
        for name, (correct, _) in zip(("clean", "later"), marks, strict=True)
    }
    parts |= {"new:all": 100 * float(separate.mean()), "new:chance": 100 / len(sets.near)}
    for name, those in (("near", near), ("far", ~near)):
        if those.any():
            parts[f"new:{name}"] = 100 * float(separate[those].mean())
    parts |= {"classes:shared": float(len(sets.classes.shared)), "videos:removed": float(sets.removed)}
    parts["videos:later"] = float(len(sets.later.labels))
    parts |= {"classes:near": float(sets.near.sum()), "classes:far": float((~sets.near).sum())}
    return Score(later, None, None, fitted.selected, parts)


def over_classes(*marks: tuple[Bool[np.ndarray, " _"], Int[np.ndarray, " _"]]) -> list[float]:
    """Return the mean over classes of the accuracy in each class, in percent, for each set of marks and labels.

    Only classes in all sets count. Therefore the sets don't differ by their classes, or by the number of clips of a
    class.

    Args:
        marks: marks and labels of each set.

    Raises:
        ConfigError: if there is no such class.
    """
    both = sorted(set.intersection(*(set(labels.tolist()) for _, labels in marks)))
    if not both:
        raise ConfigError("no class has videos both before and after: there is no shift to measure")
    return [100 * float(np.mean([correct[labels == c].mean() for c in both])) for correct, labels in marks]


def _split(scorer: Scorer, recipe: ProbeProtocol, part: Labelled) -> Split:
    data = scorer.data
    cache = build_cache(
        part.manifest, root=data.root, frames=data.frames, size=data.size, where="uniform", progress=False
    )
    tokens = scorer.tokens(cache.clips, cache.key, recipe.reading.level)
    return Split(tokens, torch.from_numpy(part.labels).to(tokens.device), scorer.time_steps(cache.clips))


def _chosen(manifest: Manifest, renamed: Int[np.ndarray, " C"]) -> Labelled:
    """Return the examples of classes with a new number (0 or more), and their new numbers."""
    labels = renamed[manifest.labels["action"]]
    mine = np.flatnonzero(labels >= 0)
    return Labelled(manifest.subset(mine), labels[mine])


def _entries(name: str, split: str, data: DataConfig) -> Iterable:
    if not read_set(name, data.root).splits[split].usable:
        return ()
    return open_set(f"{name}/{split}", data.root).entries


def _video(path: str) -> str:
    return PurePosixPath(path).name[:VIDEO_ID]


def _words(name: str) -> frozenset[str]:
    return frozenset(normalise_class(name).split()) - SMALL_WORDS


TRAIN, VALIDATION, TEST = official_sizes("kinetics400", FIXED["kinetics400"])
KINETICS_SHIFT = (
    Benchmark(
        name="kinetics_shift",
        version=2,
        title="Kinetics-400 to 700 (400)",
        capability="robustness",
        source="kinetics400",
        label="action",
        classes=400,
        train=TRAIN,
        validation=VALIDATION,
        test=TEST,
        protocol=ATTENTIVE,
        suite="kinetics_shift",
        metric="mean_class",
        args={"old": "kinetics400", "new": "kinetics700", "linear": LINEAR.model_dump(mode="json")},
        controls=("random_init", "chance"),
    ),
)


def _clip_sets(benchmark: Benchmark) -> Iterator[ClipSet]:
    """Yield the clips of the splits, and those of the other edition, which has about as many."""
    yield from split_sets(benchmark)
    yield ClipSet(f"{benchmark.name} new", count_clips(benchmark), False)


MEASUREMENT = Measurement(
    measure=measure,
    clip_sets=_clip_sets,
    fit_seconds=lambda benchmark, grid, dim, clock: 2 * probe_seconds(benchmark, grid, dim, clock),
)
