"""Controls of an encoder that reads clips without motion or without order: one frame, and shuffled frames.

Every clip of training, validation and test is changed, and a separate probe is fitted. Labels stay those of the true
clips. A benchmark that such a control solves can be read without motion or without order.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from pydantic import PrivateAttr

from auxjepa.benchmarks.benchmark import Benchmark, Labelled
from auxjepa.benchmarks.derived import DerivedBenchmark, derive
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.cache.jpeg import Clips
from auxjepa.data.lazy_clips import ArrangedClips

Change = Literal["one_frame", "shuffled"]
CHANGES: tuple[Change, ...] = get_args(Change)
"""Controls with changed frames, by their names in rows."""
CHANGEABLE = ("", "recognition", "physics", "diagnostic", "regression", "same_video")
"""Suites with such controls. The others change the frames of test clips, or draw several sets of clips."""
SEED = 0
"""Seed of the order of shuffled frames."""


class ChangedBenchmark(DerivedBenchmark):
    """A benchmark with changed frames."""

    _change: Change = PrivateAttr()

    @classmethod
    def of(cls, benchmark: Benchmark, change: Change) -> ChangedBenchmark:
        """Return a benchmark with changed frames.

        Args:
            benchmark: the benchmark.
            change: the control.

        Raises:
            ConfigError: if the suite of the benchmark has no such control.
        """
        if benchmark.suite not in CHANGEABLE:
            raise ConfigError(f"{benchmark.name}: the suite {benchmark.suite!r} has no control {change!r}")
        return derive(cls, benchmark, _change=change)

    def hash_on(self, data: DataConfig) -> str:
        """Return the hash of the benchmark and the change, so that each has a separate probe.

        Args:
            data: settings with which clips are cut.
        """
        return f"{self._benchmark.hash_on(data)} {self._change}"

    def open(self, data: DataConfig, split: str, *, workers: int = 2, progress: bool = True) -> Labelled:
        """Return the changed clips and the labels of a split.

        Args:
            data: settings with which clips are cut.
            split: name of the split.
            workers: processes that decode.
            progress: whether progress is shown on standard error.
        """
        sizes = {name: getattr(self, name) for name in ("train", "validation", "test")}
        benchmark = self._benchmark.model_copy(update=sizes)
        labelled = benchmark.open(data, split, workers=workers, progress=progress)
        clips = change_frames(labelled.clips, self._change)
        return labelled._replace(clips=clips, key=f"{labelled.key} {self._change}")


def change_frames(clips: Clips, change: Change) -> ArrangedClips:
    """Return clips with changed frames, made on request.

    Args:
        clips: clips as uint8.
        change: ``one_frame`` repeats the middle frame of each clip. ``shuffled`` shows the frames of each clip in a
            random order, which depends on the number of the clip alone.
    """
    count, frames = clips.shape[:2]
    if change == "one_frame":
        order = np.full((count, frames), frames // 2)
    else:
        order = np.random.default_rng(SEED).random((count, frames)).argsort(axis=1)
    return ArrangedClips(clips, np.arange(count), order)
