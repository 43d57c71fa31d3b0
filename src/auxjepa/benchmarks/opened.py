"""Benchmarks on videos that are already open: they are scanned, divided and decoded only once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from pydantic import PrivateAttr

from auxjepa.benchmarks.benchmark import Benchmark, Labelled
from auxjepa.benchmarks.folder import OwnVideos
from auxjepa.benchmarks.folder_numbers import OwnNumbers
from auxjepa.config import DataConfig
from auxjepa.rows import Control

CLASS_CONTROLS: tuple[Control, ...] = ("random_init", "raw_pixels", "one_frame", "shuffled", "majority", "chance")
"""Controls of benchmarks with classes on own videos and of plug-ins."""
OTHER_CONTROLS: tuple[Control, ...] = tuple(control for control in CLASS_CONTROLS if control != "majority")
"""Controls of benchmarks without classes that have a most frequent one: numbers and retrieval."""


@runtime_checkable
class OpenVideos(Protocol):
    """Open videos that are divided into splits."""

    def open(self, split: str) -> tuple[Any, ...]:
        """Return the fields of :class:`auxjepa.benchmarks.benchmark.Labelled` of a split, in their order."""
        ...


class OpenedBenchmark(Benchmark):
    """Benchmark on videos that are already open."""

    _videos: OpenVideos = PrivateAttr()
    _data: DataConfig = PrivateAttr()

    @classmethod
    def of(cls, videos: OpenVideos, data: DataConfig, fields: Mapping[str, Any]) -> OpenedBenchmark:
        """Return the benchmark.

        Args:
            videos: the open videos.
            data: settings with which they are cut.
            fields: fields of the record.
        """
        benchmark = cls.model_validate(fields)
        benchmark._videos, benchmark._data = videos, data
        return benchmark

    @property
    def own_videos(self) -> OwnVideos | None:
        """Labelled videos with their division; None if the labels are made from the clips."""
        if isinstance(self._videos, OwnNumbers):
            return self._videos.videos
        return self._videos if isinstance(self._videos, OwnVideos) else None

    def open(self, data: DataConfig, split: str, *, workers: int = 2, progress: bool = True) -> Labelled:
        """Return the clips and labels of a split. Clips that are cut with other settings are opened separately.

        Args:
            data: settings with which clips are cut.
            split: ``train``, ``validation`` or ``test``.
            workers: processes that decode.
            progress: whether progress is shown on standard error.
        """
        if data.model_copy(update={"source": self.source, "mixture": {}}) != self._data:
            return super().open(data, split, workers=workers, progress=progress)
        return Labelled(*self._videos.open(split))
