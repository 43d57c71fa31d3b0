"""Sequences of clips that are made on request: the common interface, drawn clips, and clips with other frame orders."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np


class LazyClips(ABC):
    """Clips, uint8 ``[n F X Y 3]``, that are made when they are indexed.

    ``clips[3]``, ``clips[10:20]`` and ``clips[[5, 2, 5]]`` make those clips only. An index selects the same clips as it
    does on the first axis of a NumPy array.

    Args:
        shape: (n, F, X, Y, 3).
    """

    dtype = np.dtype(np.uint8)
    KIND: ClassVar[str]
    """What the clips are called in an error message."""
    MADE: ClassVar[str]
    """What happens to a clip on request, as a participle for error messages: "decoded", "drawn"."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = tuple(shape)
        self._numbers = np.arange(self.shape[0])

    @property
    def ndim(self) -> int:
        """Number of axes, always 5."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of all clips after they are made."""
        return int(np.prod(self.shape, dtype=np.int64))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, which: Any) -> np.ndarray:
        """Return the selected clips as a new array.

        Args:
            which: an integer, a slice, or an array of integers or booleans.

        Raises:
            IndexError: for an index that NumPy refuses, and for an index of more than one axis.
        """
        if isinstance(which, tuple):
            raise IndexError(f"{self.KIND} are indexed by clip only: clips[3][:, 8] instead of clips[3, :, 8]")
        numbers = self._numbers[which]
        out = np.empty((*np.shape(numbers), *self.shape[1:]), np.uint8)
        self._make(np.ravel(numbers), out.reshape(-1, *self.shape[1:]))
        return out

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError(f"{self.KIND} cannot become an array without being {self.MADE}")
        return self[:] if dtype is None else self[:].astype(dtype, copy=False)

    @abstractmethod
    def _make(self, numbers: np.ndarray, out: np.ndarray) -> None:
        """Write clips into an array.

        Args:
            numbers: of the clips, ``[k]``.
            out: uint8 ``[k F X Y 3]``, is filled.
        """


class RenderedClips(LazyClips):
    """Clips that a function draws on request. Nothing is stored, so that there can be any number of them.

    Args:
        shape: (n, F, X, Y, 3).
        draw: turns clip numbers ``[k]`` into uint8 ``[k F X Y 3]``. It must return the same clip for the same number.
    """

    KIND, MADE = "drawn clips", "drawn"

    def __init__(self, shape: tuple[int, ...], draw: Callable[[np.ndarray], np.ndarray]) -> None:
        super().__init__(shape)
        self._draw = draw
        self._chunk = max(1, 2**20 // int(np.prod(shape[1:])))  # arrays of this size stay in the processor's cache

    def __repr__(self) -> str:
        return f"RenderedClips(shape={self.shape})"

    def _make(self, numbers: np.ndarray, out: np.ndarray) -> None:
        for first in range(0, len(numbers), self._chunk):
            chunk = slice(first, first + self._chunk)
            out[chunk] = self._draw(numbers[chunk])


class ArrangedClips(LazyClips):
    """Clips whose frames are selected from the frames of other clips.

    Args:
        clips: the other clips, uint8 ``[m f X Y 3]``.
        rows: number of the source clip of each clip, ``[n]``.
        frames: index of each frame in its source clip, ``[n F]``.
    """

    KIND, MADE = "rearranged clips", "read"

    def __init__(self, clips: Any, rows: np.ndarray, frames: np.ndarray) -> None:
        super().__init__((*frames.shape, *clips.shape[2:]))
        self._clips, self._rows, self._frames = clips, rows, frames

    def __repr__(self) -> str:
        return f"ArrangedClips(shape={self.shape})"

    def _make(self, numbers: np.ndarray, out: np.ndarray) -> None:
        for place, number in enumerate(numbers.tolist()):
            out[place] = np.asarray(self._clips[int(self._rows[number])])[self._frames[number]]
