"""The bookkeeping of a loader: the batches in progress, and the examples that kill its workers."""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field

from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.reader import Failure, Reader
from auxjepa.data.loading.worker import FatalExample

DEATHS = 3
"""Number of workers that may die over the same clip before it is left out."""


@dataclass
class OpenBatch:
    """A batch in progress.

    Args:
        shape: of its clips.
        slot: position and bytes of the shared memory.
        left: number of pieces that are still to be read.
        failures: examples that had to be replaced, by the first clip of the piece.
        error: the error that reading raised.
    """

    shape: tuple[int, ...]
    slot: tuple[int, mmap.mmap]
    left: int
    failures: dict[int, list[Failure]] = field(default_factory=dict)
    error: Exception | None = None


@dataclass
class Piece:
    """Some clips of a batch.

    Args:
        step: of the batch.
        first: number of its first clip in the batch.
        rows: the clips.
        deaths: how many workers died over them.
    """

    step: int
    first: int
    rows: Draw
    deaths: int = 0


class FatalExamples:
    """The examples that kill the workers that read them. The reader leaves them out if it can.

    Args:
        reader: of the loader.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._reasons: dict[tuple[int, int], str] = {}

    def all(self) -> tuple[FatalExample, ...]:
        """Return part, index and reason of each example."""
        return tuple((part, index, why) for (part, index), why in self._reasons.items())

    def add(self, piece: Piece, left_out: tuple[FatalExample, ...], ended: str) -> str | None:
        """Record an example as the cause of the deaths over a piece of one clip.

        It is the first example read for this clip that the last worker hadn't left out.

        Args:
            piece: the clip.
            left_out: examples that the last worker left out.
            ended: how the last worker ended.

        Returns:
            A line about the example; "" if it was recorded meanwhile; None if the reader can't leave out examples.
        """
        candidates = getattr(self._reader, "candidates", None)
        if candidates is None:
            return None
        part, index, visit = (int(column[0]) for column in (piece.rows.part, piece.rows.index, piece.rows.visit))
        before = {(part, index) for part, index, _ in left_out}
        for example in candidates(part, index, visit):
            if (part, example) in before:
                continue
            if (part, example) in self._reasons:
                return ""
            self._reasons[part, example] = f"the process that reads it dies ({ended})"
            return f"{self._reader.name(part, example)} is left out: {DEATHS} workers died reading it"
        return None
