"""Features kept on disk in shards, read clip by clip in any order, in as much memory as the clips asked for.

Files are read, not mapped, so that what was read doesn't count as this process's memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from auxjepa.data.errors import CacheError

READ = 256 << 20
"""Bytes in float32 that :meth:`Features.split` holds at once, at most."""
Change = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Shard:
    """One file ``.npy``: what its header says, and where its numbers begin."""

    path: Path
    shape: tuple[int, ...]
    dtype: np.dtype
    offset: int

    @classmethod
    def open(cls, path: Path) -> Shard | None:
        """A whole file; None where there is none, or it is damaged or too short."""
        try:
            found = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return cls(path, found.shape, found.dtype, found.offset) if isinstance(found, np.memmap) else None

    def read(self, rows: Int[np.ndarray, " k"], out: np.ndarray, places: Int[np.ndarray, " k"]) -> None:
        """Clips ``rows`` into ``out[places]``.

        Raises:
            CacheError: when the file has become shorter since it was opened.
        """
        size = int(np.prod(self.shape[1:])) * self.dtype.itemsize
        with self.path.open("rb", buffering=0) as file:
            for row, place in zip(rows.tolist(), places.tolist(), strict=True):
                file.seek(self.offset + row * size)
                into = out[place].reshape(-1).view(np.uint8).data
                while into:
                    got = file.readinto(into)
                    if not got:
                        raise CacheError(self.path, "has been cut since it was opened; score again")
                    into = into[got:]


class Features:
    """Token features ``[n N D]`` on disk. ``features[index]`` reads those clips, as float32 on ``device``.

    Args:
        shards: in order, float16 or float32 of one shape but for the number of clips.
        device: where clips are put.
    """

    def __init__(self, shards: Sequence[Shard], device: torch.device | str = "cpu") -> None:
        self._shards, self.device = tuple(shards), torch.device(device)
        self._ends = np.cumsum([shard.shape[0] for shard in shards])
        self._rows = np.arange(self._ends[-1])
        self._changes: tuple[Change, ...] = ()
        self._kept = tuple(shards[0].shape[1:])
        self._shown = self._kept

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, N, D) of what is read."""
        return (len(self), *self._shown)

    @property
    def nbytes(self) -> int:
        """Bytes of all clips in float32, as they are kept."""
        return 4 * len(self) * int(np.prod(self._kept))

    def __getitem__(self, which: Int[Tensor, " k"] | slice) -> Float[Tensor, "k N D"]:
        """The clips ``which``, by number."""
        rows = self._rows[which if isinstance(which, slice) else which.cpu().numpy()]
        out = np.empty((len(rows), *self._kept), self._shards[0].dtype)
        owner = np.searchsorted(self._ends, rows, side="right")
        for number in np.unique(owner).tolist():
            shard, mine = self._shards[number], np.flatnonzero(owner == number)
            shard.read(rows[mine] - (self._ends[number] - shard.shape[0]), out, mine)
        tokens = torch.from_numpy(out).to(self.device).float()
        for change in self._changes:
            tokens = change(tokens)
        return tokens

    def split(self, size: int) -> Iterator[Float[Tensor, "k N D"]]:
        """All clips in order, ``size`` at once or as many as ``READ`` bytes hold."""
        size = max(1, min(size, READ // max(1, 4 * int(np.prod(self._kept)))))
        for start in range(0, len(self), size):
            yield self[start : start + size]

    def then(self, change: Change) -> Features:
        """The same with ``change`` made to clips whenever they're read; it must treat each clip alone."""
        out = self._copy()
        out._changes = (*self._changes, change)
        out._shown = tuple(out[:1].shape[1:])
        return out

    def take(self, which: Int[Tensor, " k"]) -> Features:
        """Some of the clips, in this order; nothing is read."""
        out = self._copy()
        out._rows = self._rows[which.cpu().numpy()]
        return out

    def _copy(self) -> Features:
        out = object.__new__(Features)
        out.__dict__.update(self.__dict__)
        return out


Tokens = Tensor | Features
"""Token features ``[n N D]``, in memory or on disk."""


@overload
def mapped(change: Change, tokens: Tensor) -> Tensor: ...
@overload
def mapped(change: Change, tokens: Features) -> Features: ...
def mapped(change: Change, tokens: Tokens) -> Tokens:
    """``change`` made to all clips: at once where they are in memory, whenever they are read where they are on disk."""
    return tokens.then(change) if isinstance(tokens, Features) else change(tokens)


def gathered(change: Change, tokens: Tokens, size: int = 1024) -> Tensor:
    """``change`` of all clips in memory: at once where they are there already, part by part where they are on disk."""
    return torch.cat([change(part) for part in tokens.split(size)]) if isinstance(tokens, Features) else change(tokens)


def taken(tokens: Tokens, which: Int[Tensor, " k"]) -> Tokens:
    """Some of the clips, in this order."""
    return tokens.take(which) if isinstance(tokens, Features) else tokens[which]
