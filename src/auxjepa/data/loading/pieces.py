"""What a loader keeps about the batches that are under way, and about the examples that kill its workers."""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field

from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.reader import Failure, Reader
from auxjepa.data.loading.worker import Deadly

DEATHS = 3
"""Of workers over the same clip, after which it is left out."""


@dataclass
class OpenBatch:
    """A batch under way.

    Args:
        shape: of its clips.
        slot: place and bytes of the shared memory.
        left: pieces that are still to be read.
        failures: examples that had to be replaced, by the first clip of the piece.
        error: what reading raised.
    """

    shape: tuple[int, ...]
    slot: tuple[int, mmap.mmap]
    left: int
    failures: dict[int, list[Failure]] = field(default_factory=dict)
    error: Exception | None = None


@dataclass
class Piece:
    """Some clips of a batch that are to be read, from its clip ``first`` on, and how many workers died over them."""

    step: int
    first: int
    rows: Draw
    deaths: int = 0


class Casualties:
    """The examples whose reading kills workers; a reader that can leave examples out is told of them.

    Args:
        reader: of the loader.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[tuple[int, int], str] = {}

    def known(self) -> tuple[Deadly, ...]:
        """Part, index and reason of each."""
        return tuple((part, index, why) for (part, index), why in self._known.items())

    def add(self, piece: Piece, told: tuple[Deadly, ...], ended: str) -> str | None:
        """Blame an example for the deaths over a piece of one clip: of those to be read for it, the first that a worker
        wasn't told to leave out.

        Args:
            told: what the last worker was told to leave out.
            ended: how it ended.

        Returns:
            What to say about it; nothing where it was blamed meanwhile; None where the reader can leave out nothing.
        """
        candidates = getattr(self._reader, "candidates", None)
        if candidates is None:
            return None
        part, index, visit = (int(column[0]) for column in (piece.rows.part, piece.rows.index, piece.rows.visit))
        before = {(part, index) for part, index, _ in told}
        for example in candidates(part, index, visit):
            if (part, example) in before:
                continue
            if (part, example) in self._known:
                return ""
            self._known[part, example] = f"the process that reads it dies ({ended})"
            return f"{self._reader.name(part, example)} is left out: {DEATHS} workers died reading it"
        return None
