"""Features that are stored on disk in shards and read clip by clip in any order. Memory holds only the requested clips.

Files are read, not mapped, so that the operating system doesn't count their pages as memory of this process.
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
"""Largest number of bytes in float32 that :meth:`Features.split` reads together."""
Change = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Shard:
    """One ``.npy`` file: the values of its header and the offset of its data in bytes."""

    path: Path
    shape: tuple[int, ...]
    dtype: np.dtype
    offset: int

    @classmethod
    def open(cls, path: Path) -> Shard | None:
        """Return the shard of a complete file; None if the file is missing, damaged or too short.

        Args:
            path: path of the file.
        """
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return cls(path, array.shape, array.dtype, array.offset) if isinstance(array, np.memmap) else None

    def read(self, rows: Int[np.ndarray, " k"], out: np.ndarray, places: Int[np.ndarray, " k"]) -> None:
        """Read the clips ``rows`` into ``out[places]``.

        Args:
            rows: indices of clips in this shard.
            out: array that receives the clips.
            places: index in ``out`` of each clip.

        Raises:
            CacheError: if the file has become shorter since it was opened.
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
    """Token features ``[n N D]`` on disk. ``features[index]`` reads clips as float32 on ``device``.

    Args:
        shards: shards in order, float16 or float32, of one shape except for the number of clips.
        device: device of the clips that are read.
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
        """Shape (n, N, D) of the features as they are read."""
        return (len(self), *self._shown)

    @property
    def nbytes(self) -> int:
        """Bytes of all stored clips in float32."""
        return 4 * len(self) * int(np.prod(self._kept))

    def __getitem__(self, which: Int[Tensor, " k"] | slice) -> Float[Tensor, "k N D"]:
        """Read the clips with the indices ``which``."""
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
        """Yield all clips in order, in parts of ``size`` clips or the number that ``READ`` bytes hold.

        Args:
            size: largest number of clips in a part.
        """
        size = max(1, min(size, READ // max(1, 4 * int(np.prod(self._kept)))))
        for start in range(0, len(self), size):
            yield self[start : start + size]

    def then(self, change: Change) -> Features:
        """Return features that apply ``change`` whenever clips are read.

        Args:
            change: function of a batch of clips; it must treat each clip separately.
        """
        out = self._copy()
        out._changes = (*self._changes, change)
        out._shown = tuple(out[:1].shape[1:])
        return out

    def take(self, which: Int[Tensor, " k"]) -> Features:
        """Return features of the selected clips, in this order. Nothing is read.

        Args:
            which: indices of clips.
        """
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
    """Apply ``change`` to all clips: immediately if they are in memory, whenever they are read if they are on disk.

    Args:
        change: function of a batch of clips; it must treat each clip separately.
        tokens: token features.
    """
    return tokens.then(change) if isinstance(tokens, Features) else change(tokens)


def gathered(change: Change, tokens: Tokens, size: int = 1024) -> Tensor:
    """Return ``change`` of all clips in memory: immediately if they are in memory, part by part if they are on disk.

    Args:
        change: function of a batch of clips; it must treat each clip separately.
        tokens: token features.
        size: clips of a part.
    """
    return torch.cat([change(part) for part in tokens.split(size)]) if isinstance(tokens, Features) else change(tokens)


def select_clips(tokens: Tokens, which: Int[Tensor, " k"]) -> Tokens:
    """Return the selected clips, in this order.

    Args:
        tokens: token features.
        which: indices of clips.
    """
    return tokens.take(which) if isinstance(tokens, Features) else tokens[which]
