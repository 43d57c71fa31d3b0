"""Choice of a grid point and an epoch of a probe by validation clips."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from auxjepa.evidence.study_folder.grid_edges import edges_of
from auxjepa.probes.protocol import Protocol

RECENT = 3
"""Epochs whose mean share of correct validation clips decides which half of a grid is dropped."""


@dataclass(frozen=True)
class Candidate:
    """A trained head that can be chosen.

    Args:
        share: share of correct validation clips.
        place: index of the grid point in the whole grid.
        epoch: epoch after which the head is read, from 1.
        marks: whether each validation clip is correct.
        state: parameters of this head after this epoch; of all heads of the grid if the protocol neither prefers the
            inner part of the grid nor halves it.
    """

    share: float
    place: int
    epoch: int
    marks: Bool[Tensor, " n"]
    state: dict[str, Tensor]


class Choice:
    """Chooses one head of a grid while the grid is trained.

    The head with the highest share of correct validation clips is chosen, at the earliest epoch with that share. If the
    protocol prefers the inner part of its grid, a head on an edge of the grid
    (:func:`auxjepa.evidence.study_folder.grid_edges.edges_of`) is chosen only if it is better than the best inner head
    by more than one standard error of their difference on the same clips. With b and c the numbers of clips that only
    the one and only the other classifies correctly, this is b - c > sqrt(b + c). On a plateau, chance alone would
    otherwise choose the edge.

    If the protocol halves its grid, the half with the lower mean share over the last ``RECENT`` epochs is dropped after
    equal parts of the epochs. Earlier heads of dropped grid points can still be chosen.

    Args:
        protocol: settings of the probe.
        grid: learning rate and weight decay of each grid point.

    Source: McNemar 1947 (the difference); Breiman et al. 1984 (one standard error); Jamieson and Talwalkar 2016
    (successive halving).
    """

    def __init__(self, protocol: Protocol, grid: list[tuple[float, float]]) -> None:
        self.protocol, self.grid = protocol, grid
        self.best: Candidate | None = None
        self.inner: Candidate | None = None
        self._record = protocol.model_dump(mode="json")
        self._is_inner = [
            not edges_of({"learning_rate": rate, "weight_decay": decay}, self._record) for rate, decay in grid
        ]
        self.places = list(range(len(grid)))
        self._recent: deque[Tensor] = deque(maxlen=RECENT)
        parts = protocol.halvings + 1
        self._halving_epochs = {round(protocol.epochs * part / parts) for part in range(1, parts)}

    def offer(self, epoch: int, marks: Bool[Tensor, "G n"], head: nn.Module) -> None:
        """Keep the heads of the grid that are the best so far.

        Args:
            epoch: number of finished epochs.
            marks: whether each head classifies each validation clip correctly.
            head: the heads of the grid.
        """
        shares = marks.double().mean(dim=1)
        self._recent.append(shares)
        if self.best is None or self.protocol.select == "last" or float(shares.max()) > self.best.share:
            self.best = self._candidate(epoch, int(shares.argmax()), marks, head)
        inner = [row for row, place in enumerate(self.places) if self._is_inner[place]]
        if not self.protocol.prefer_inside or not inner or edges_of({"epoch": epoch}, self._record):
            return
        row = inner[int(shares[inner].argmax())]
        if self.inner is None or self.protocol.select == "last" or float(shares[row]) > self.inner.share:
            self.inner = self._candidate(epoch, row, marks, head)

    def halve(self, epoch: int) -> list[int] | None:
        """Return the rows of the present heads that stay, in order; None if no head is dropped after this epoch.

        Args:
            epoch: number of finished epochs.
        """
        if epoch not in self._halving_epochs or len(self.places) < 2:
            return None
        means = torch.stack(list(self._recent)).mean(dim=0)
        rows = sorted(means.argsort(descending=True, stable=True)[: math.ceil(len(means) / 2)].tolist())
        self.places = [self.places[row] for row in rows]
        self._recent.clear()
        return rows

    @property
    def keeps_one(self) -> bool:
        """Return whether the chosen head alone is kept, because a wide grid would read test clips many times."""
        return self.protocol.prefer_inside or self.protocol.halvings > 0

    def winner(self) -> Candidate:
        """Return the chosen head."""
        assert self.best is not None  # a protocol has at least one epoch
        if self.inner is None:
            return self.best
        gained = int((self.best.marks & ~self.inner.marks).sum())
        lost = int((self.inner.marks & ~self.best.marks).sum())
        return self.best if gained - lost > math.sqrt(gained + lost) else self.inner

    def _candidate(self, epoch: int, row: int, marks: Tensor, head: nn.Module) -> Candidate:
        rows = slice(row, row + 1) if self.keeps_one else slice(None)
        state = {name: value.detach()[rows].clone() for name, value in head.named_parameters()}
        return Candidate(float(marks[row].double().mean()), self.places[row], epoch, marks[row], state)
