"""The clips of a training run, step by step: from memory maps, JPEG caches or videos, alone or mixed.

A feed returns ``batch(step)``. If steps are requested in order, as training does, worker processes decode ahead. For
any other step it restarts there. The clips of a step depend on the seed and the step alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from torch import Tensor

from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.loader import Batch, Loader
from auxjepa.data.loading.mixture import Mixture, Part
from auxjepa.data.loading.reader import ArrayReader, Reader


@dataclass(frozen=True)
class Source:
    """The origin of the clips of a part.

    Args:
        names: of the examples.
        labels: int64 ``[n]`` by column, -1 for no label.
    """

    names: Sequence[str]
    labels: Mapping[str, np.ndarray]


class Feed:
    """The clips of a run.

    Args:
        key: identifies the clips; two feeds with the same key return the same clips.
        parts: the parts of the mixture.
        reader: reads clips.
        sources: of each part.
        workers: processes that decode ahead. With 0, clips are read on request, and memory maps in this process.
        notes: remarks on the clips, one line each.
    """

    def __init__(
        self,
        key: str,
        parts: Sequence[Part],
        reader: Reader,
        sources: Sequence[Source],
        *,
        workers: int = 0,
        notes: Sequence[str] = (),
    ) -> None:
        self.notes = tuple(notes)
        self.key, self.parts, self.reader, self.sources = key, tuple(parts), reader, tuple(sources)
        self.workers = workers
        self.stop: int | None = None
        """The step after the last one. Nothing is read ahead of it."""
        self._mixtures: dict[int, Mixture] = {}
        self._loader: Loader | None = None
        self._running: tuple[int, int, int] | None = None
        self._preview: UInt8[Tensor, "n F X Y 3"] | None = None

    def __len__(self) -> int:
        """Return the number of examples of all parts."""
        return sum(part.size for part in self.parts)

    def preview(self, count: int) -> UInt8[Tensor, "n F X Y 3"]:
        """Return the first ``count`` examples (or all, if there are fewer), for monitors and pictures.

        Parts alternate. Parts with another clip length than the first part are left out.
        """
        first = self._first(count)
        if self._preview is None or len(self._preview) < len(first):
            with Loader(self.reader, lambda _: first, workers=0, stop=1) as loader:
                self._preview = next(loader).clips
        return self._preview[:count]

    def described(self, count: int) -> list[tuple[str, dict[str, int]]]:
        """Return name and labels of each clip of :meth:`preview`."""
        first = self._first(count)
        clips = []
        for part, index in zip(first.part.tolist(), first.index.tolist(), strict=True):
            source = self.sources[part]
            labels = {name: int(column[index]) for name, column in source.labels.items() if column[index] >= 0}
            clips.append((source.names[index], labels))
        return clips

    def _first(self, count: int) -> Draw:
        same_length = [n for n, part in enumerate(self.parts) if part.frames == self.parts[0].frames]
        turns = [(n, index) for index in range(count) for n in same_length if index < self.parts[n].size][:count]
        part, index = (np.array(column, dtype=np.int64) for column in zip(*turns, strict=True))
        return Draw(part, index, np.zeros_like(part), np.full(len(part), 0.5))

    def draw(self, seed: int, step: int, batch: int) -> Draw:
        """Return which clips a step reads, in the order of the batch."""
        if seed not in self._mixtures:
            self._mixtures[seed] = Mixture(self.parts, seed)
        drawn = self._mixtures[seed].draw(step, batch)
        return drawn[np.lexsort((drawn.visit, drawn.index, drawn.part))]

    def batch(self, seed: int, step: int, batch: int) -> Batch:
        """Return the clips of a step, uint8 ``[B F X Y 3]``, and which of them are substitutes for unreadable files.

        Raises:
            VideoError: when so many files fail that no substitute can be read.
            LoaderError: when workers keep dying.
        """
        if self._loader is None or self._running != (seed, batch, step):
            self.close()
            stop = None if self.stop is None else max(self.stop, step + 1)
            draw = lambda at: self.draw(seed, at, batch)  # noqa: E731
            self._loader = Loader(self.reader, draw, workers=self.workers, start=step, stop=stop)
        self._running = (seed, batch, step + 1)
        return next(self._loader)

    def close(self) -> None:
        """End the worker processes. The next batch starts new ones."""
        if self._loader is not None:
            self._loader.close()
        self._loader = None


def array_feed(clips: np.ndarray, key: str = "") -> Feed:
    """Return a feed of one array of clips, uint8 ``[n F X Y 3]`` (or a read-only memory map)."""
    source = Source([str(number) for number in range(len(clips))], {})
    return Feed(key, [Part("clips", len(clips))], ArrayReader([clips]), [source])
