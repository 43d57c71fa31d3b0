"""Benchmarks for choices before the test: validation clips take the place of test clips, which are closed.

A search of recipes scores encoders on them. The probe is fitted on four fifths of the training clips, and its
hyperparameters are selected on the last fifth.
"""

from __future__ import annotations

import numpy as np

from auxjepa.benchmarks.benchmark import Benchmark, Labelled
from auxjepa.benchmarks.changed_frames import CHANGEABLE
from auxjepa.benchmarks.derived import DerivedBenchmark, derive
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.lazy_clips import ArrangedClips
from auxjepa.seeds import derive_seed

HELD_OUT = 0.2
"""Share of the training clips on which hyperparameters of the probe are selected."""


class SelectionBenchmark(DerivedBenchmark):
    """A benchmark without its test clips."""

    @classmethod
    def of(cls, benchmark: Benchmark) -> SelectionBenchmark:
        """Return a benchmark without its test clips.

        Args:
            benchmark: the benchmark.

        Raises:
            ConfigError: if the suite of the benchmark draws test clips in its own way.
        """
        if benchmark.suite not in CHANGEABLE or benchmark.suite == "physics":
            raise ConfigError(
                f"{benchmark.name}: nothing can be chosen on it, because the suite {benchmark.suite!r} draws its own "
                "test clips; choose on benchmarks with one probe"
            )
        return derive(cls, benchmark)

    @property
    def original(self) -> Benchmark:
        """The benchmark with its test clips."""
        return self._benchmark

    def hash_on(self, data: DataConfig) -> str:
        """Return the hash of the benchmark and of the choice of clips, so that each has a separate probe.

        Args:
            data: settings with which clips are cut.
        """
        return f"{self._benchmark.hash_on(data)} selection"

    def open(self, data: DataConfig, split: str, *, workers: int = 2, progress: bool = True) -> Labelled:
        """Return the clips and labels of a split.

        ``test`` is the validation split. The others share the training split.

        Args:
            data: settings with which clips are cut.
            split: name of the split.
            workers: processes that decode.
            progress: whether progress is shown on standard error.
        """
        if split == "test":
            return self._benchmark.open(data, "validation", workers=workers, progress=progress)
        if split not in ("train", "validation"):
            raise ConfigError(f"{self.name}: split {split!r} is closed while a recipe is chosen")
        labelled = self._benchmark.open(data, "train", workers=workers, progress=progress)
        held_out = hold_out(labelled)
        rows = np.flatnonzero(held_out if split == "validation" else ~held_out)
        return _select(labelled, rows, f"{labelled.key} selection {split}")


def hold_out(labelled: Labelled) -> np.ndarray:
    """Return which training clips are held out: clips of one unit or example together, in a fixed random order.

    Args:
        labelled: clips and labels of the training split.
    """
    count = len(labelled.labels)
    groups = labelled.unit if labelled.unit is not None else labelled.example
    groups = np.arange(count) if groups is None else np.asarray(groups)
    rng = np.random.default_rng(derive_seed("selection", count))
    names = rng.permutation(np.unique(groups))
    chosen, size = [], 0
    for name in names[:-1].tolist():  # one group is left to train on
        if size >= max(1, round(HELD_OUT * count)):
            break
        chosen.append(name)
        size += int((groups == name).sum())
    return np.isin(groups, chosen)


def _select(labelled: Labelled, rows: np.ndarray, key: str) -> Labelled:
    """Return some clips with their labels, examples, units and numbers."""

    def take(values: np.ndarray | None, *, renumber: bool = False) -> np.ndarray | None:
        if values is None:
            return None
        return np.unique(values[rows], return_inverse=True)[1] if renumber else values[rows]

    frames = np.tile(np.arange(labelled.clips.shape[1]), (len(rows), 1))
    return Labelled(
        ArrangedClips(labelled.clips, rows, frames),
        labelled.labels[rows],
        key,
        take(labelled.example, renumber=True),
        take(labelled.unit),
        take(labelled.target),
    )
