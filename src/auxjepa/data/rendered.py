"""Clips that are drawn when they are asked for: nothing is kept, so there may be any number of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from auxjepa.data.lazy_clips import LazyClips

Draw = Callable[[np.ndarray], np.ndarray]


class Rendered(LazyClips):
    """Drawn clips. The same clip is the same however it is asked for.

    Args:
        shape: (n, F, X, Y, 3).
        draw: from clip numbers ``[k]`` to uint8 ``[k F X Y 3]``.
    """

    KIND, MADE = "drawn clips", "drawn"

    def __init__(self, shape: tuple[int, ...], draw: Draw) -> None:
        super().__init__(shape)
        self._draw = draw
        self._at_once = max(1, 2**20 // int(np.prod(shape[1:])))  # arrays stay in the processor's cache

    def __repr__(self) -> str:
        return f"Rendered(shape={self.shape})"

    def _make(self, numbers: np.ndarray, out: np.ndarray) -> None:
        for first in range(0, len(numbers), self._at_once):
            some = slice(first, first + self._at_once)
            out[some] = self._draw(numbers[some])
