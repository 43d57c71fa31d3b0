"""Clips that come into being when they are asked for: what all such sequences share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np


class LazyClips(ABC):
    """Clips, uint8 ``[n F X Y 3]``: ``clips[3]``, ``clips[10:20]`` and ``clips[[5, 2, 5]]`` make those clips and no
    others, and mean what they mean for a NumPy array's first axis.

    Args:
        shape: (n, F, X, Y, 3).
    """

    dtype = np.dtype(np.uint8)
    KIND: ClassVar[str]
    """What the clips are, in the words of an error."""
    MADE: ClassVar[str]
    """What happens to a clip when it is asked for."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = tuple(shape)
        self._numbers = np.arange(self.shape[0])

    @property
    def ndim(self) -> int:
        """5."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of all clips once they are made."""
        return int(np.prod(self.shape, dtype=np.int64))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, which: Any) -> np.ndarray:
        """The clips ``which``, a whole number, a slice or an array of numbers or booleans, as a new array.

        Raises:
            IndexError: as NumPy does.
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
        """Make the clips ``numbers`` ``[k]`` into ``out`` ``[k F X Y 3]``."""


class RenderedClips(LazyClips):
    """Drawn clips. The same clip is the same however it is asked for.

    Args:
        shape: (n, F, X, Y, 3).
        draw: from clip numbers ``[k]`` to uint8 ``[k F X Y 3]``.
    """

    KIND, MADE = "drawn clips", "drawn"

    def __init__(self, shape: tuple[int, ...], draw: Callable[[np.ndarray], np.ndarray]) -> None:
        super().__init__(shape)
        self._draw = draw
        self._at_once = max(1, 2**20 // int(np.prod(shape[1:])))  # arrays stay in the processor's cache

    def __repr__(self) -> str:
        return f"RenderedClips(shape={self.shape})"

    def _make(self, numbers: np.ndarray, out: np.ndarray) -> None:
        for first in range(0, len(numbers), self._at_once):
            some = slice(first, first + self._at_once)
            out[some] = self._draw(numbers[some])
