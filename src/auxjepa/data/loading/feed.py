"""What a training run reads: the clips of any step, from memory maps, JPEG caches or videos, alone or mixed.

A feed answers ``batch(step)``. Asked for one step after the other, as training does, it lets worker processes decode
ahead; asked for any other step, it starts anew there. What a step holds depends on the seed and the step alone.
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
    """Where the clips of a part come from: names and labels (int64 ``[n]`` by column, -1 where unknown) by example."""

    names: Sequence[str]
    labels: Mapping[str, np.ndarray]


class Feed:
    """The clips of a run.

    Args:
        key: names the clips; two feeds of one key give the same.
        parts: what is mixed.
        reader: how clips are read.
        sources: of each part.
        workers: processes that decode ahead; 0 reads when asked, memory maps in this process.
        notes: what there is to say about the clips, one line each.
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
        """The step behind the last one that will be asked for; nothing is read ahead of it."""
        self._mixtures: dict[int, Mixture] = {}
        self._loader: Loader | None = None
        self._running: tuple[int, int, int] | None = None
        self._seen: UInt8[Tensor, "n F X Y 3"] | None = None

    def __len__(self) -> int:
        """Examples of all parts."""
        return sum(part.size for part in self.parts)

    def preview(self, count: int) -> UInt8[Tensor, "n F X Y 3"]:
        """The first ``count`` examples (or all, where there are fewer), for monitors and pictures; parts take turns,
        those of another length than the first left out."""
        first = self._first(count)
        if self._seen is None or len(self._seen) < len(first):
            with Loader(self.reader, lambda _: first, workers=0, stop=1) as loader:
                self._seen = next(loader).clips
        return self._seen[:count]

    def described(self, count: int) -> list[tuple[str, dict[str, int]]]:
        """Name and known labels of each clip of :meth:`preview`."""
        first = self._first(count)
        told = []
        for part, index in zip(first.part.tolist(), first.index.tolist(), strict=True):
            source = self.sources[part]
            labels = {name: int(column[index]) for name, column in source.labels.items() if column[index] >= 0}
            told.append((source.names[index], labels))
        return told

    def _first(self, count: int) -> Draw:
        alike = [n for n, part in enumerate(self.parts) if part.frames == self.parts[0].frames]
        turns = [(n, index) for index in range(count) for n in alike if index < self.parts[n].size][:count]
        part, index = (np.array(column, dtype=np.int64) for column in zip(*turns, strict=True))
        return Draw(part, index, np.zeros_like(part), np.full(len(part), 0.5))

    def draw(self, seed: int, step: int, batch: int) -> Draw:
        """Which clips a step reads, in the order in which they stand in the batch."""
        if seed not in self._mixtures:
            self._mixtures[seed] = Mixture(self.parts, seed)
        drawn = self._mixtures[seed].draw(step, batch)
        return drawn[np.lexsort((drawn.visit, drawn.index, drawn.part))]

    def batch(self, seed: int, step: int, batch: int) -> Batch:
        """The clips of a step, uint8 ``[B F X Y 3]``, and which of them stand in for files that can't be read.

        Raises:
            VideoError: when so many files fail that nothing can stand in.
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
        """Let the worker processes go; the next batch starts new ones."""
        if self._loader is not None:
            self._loader.close()
        self._loader = None


def array_feed(clips: np.ndarray, key: str = "") -> Feed:
    """A feed of one array of clips, uint8 ``[n F X Y 3]`` (or a read-only memory map)."""
    source = Source([str(number) for number in range(len(clips))], {})
    return Feed(key, [Part("clips", len(clips))], ArrayReader([clips]), [source])
