"""The clips of a batch, as plain arrays: what a mixture chooses, a loader divides and a worker reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int


@dataclass(frozen=True)
class Draw:
    """The clips of a batch, or of a part of it. It imports no torch, because worker processes need none.

    Args:
        part: index of the mixture's part of each clip, int64 ``[b]``.
        index: index of the example within the part, int64 ``[b]``.
        visit: how often the example was read before, int64 ``[b]``.
        offset: position of the clip in the example, 0 to 1, float64 ``[b]``; it differs at every visit.
    """

    part: Int[np.ndarray, " b"]
    index: Int[np.ndarray, " b"]
    visit: Int[np.ndarray, " b"]
    offset: Float[np.ndarray, " b"]

    def __len__(self) -> int:
        return len(self.part)

    def __getitem__(self, chosen: slice | np.ndarray) -> Draw:
        """Return the draw of some of the clips."""
        return Draw(self.part[chosen], self.index[chosen], self.visit[chosen], self.offset[chosen])
