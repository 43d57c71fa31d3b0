"""Clips that are drawn when they are asked for: nothing is kept, so there may be any number of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Draw = Callable[[np.ndarray], np.ndarray]


class Rendered:
    """Clips, uint8 ``[n F X Y 3]``: ``clips[3]``, ``clips[10:20]`` and ``clips[[5, 2, 5]]`` draw those clips and no
    others, and mean what they mean for a NumPy array's first axis. The same clip is the same however it is asked for.

    Args:
        shape: (n, F, X, Y, 3). draw: from clip numbers ``[k]`` to uint8 ``[k F X Y 3]``.
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, shape: tuple[int, ...], draw: Draw) -> None:
        self.shape, self._draw = tuple(shape), draw
        self._numbers = np.arange(shape[0])
        self._at_once = max(1, 2**20 // int(np.prod(shape[1:])))  # arrays stay in the processor's cache

    def __repr__(self) -> str:
        return f"Rendered(shape={self.shape})"

    @property
    def ndim(self) -> int:
        """5."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of all clips once drawn."""
        return int(np.prod(self.shape, dtype=np.int64))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, which: Any) -> np.ndarray:
        """The clips ``which``, a whole number, a slice or an array of numbers or booleans, as a new array.

        Raises:
            IndexError: as NumPy does.
        """
        if isinstance(which, tuple):
            raise IndexError("drawn clips are indexed by clip only: clips[3][:, 8] instead of clips[3, :, 8]")
        numbers = self._numbers[which]
        flat = np.ravel(numbers)
        out = np.empty((len(flat), *self.shape[1:]), np.uint8)
        for first in range(0, len(flat), self._at_once):
            some = slice(first, first + self._at_once)
            out[some] = self._draw(flat[some])
        return out.reshape(*np.shape(numbers), *self.shape[1:])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError("clips cannot become an array without being drawn")
        return self[:] if dtype is None else self[:].astype(dtype, copy=False)
