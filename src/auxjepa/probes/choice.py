"""Choice of a grid point and an epoch of a probe by validation clips."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from auxjepa.evidence.study_folder.grid_edges import edges_of
from auxjepa.probes.protocol import Protocol


@dataclass(frozen=True)
class Candidate:
    """A trained head that can be chosen.

    Args:
        share: share of correct validation clips.
        place: index of the grid point.
        epoch: epoch after which the head is read, from 1.
        marks: whether each validation clip is correct.
        state: parameters of all heads of the grid after this epoch; of this head alone if the protocol prefers the
            inner part of its grid.
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

    Args:
        protocol: settings of the probe.
        grid: learning rate and weight decay of each grid point.

    Source: McNemar 1947 (the difference); Breiman et al. 1984 (one standard error).
    """

    def __init__(self, protocol: Protocol, grid: list[tuple[float, float]]) -> None:
        self.protocol, self.grid = protocol, grid
        self.best: Candidate | None = None
        self.inner: Candidate | None = None
        self._record = protocol.model_dump(mode="json")
        points = ({"learning_rate": rate, "weight_decay": decay} for rate, decay in grid)
        self._inner_places = [place for place, one in enumerate(points) if not edges_of(one, self._record)]

    def offer(self, epoch: int, marks: Bool[Tensor, "G n"], head: nn.Module) -> None:
        """Keep the heads of the grid that are the best so far.

        Args:
            epoch: number of finished epochs.
            marks: whether each head classifies each validation clip correctly.
            head: the heads of the grid.
        """
        shares = marks.double().mean(dim=1)
        if self.best is None or self.protocol.select == "last" or float(shares.max()) > self.best.share:
            self.best = self._candidate(epoch, int(shares.argmax()), marks, head)
        if not self.protocol.prefer_inside or not self._inner_places or edges_of({"epoch": epoch}, self._record):
            return
        place = self._inner_places[int(shares[self._inner_places].argmax())]
        if self.inner is None or self.protocol.select == "last" or float(shares[place]) > self.inner.share:
            self.inner = self._candidate(epoch, place, marks, head)

    def winner(self) -> Candidate:
        """Return the chosen head."""
        assert self.best is not None  # a protocol has at least one epoch
        if self.inner is None:
            return self.best
        gained = int((self.best.marks & ~self.inner.marks).sum())
        lost = int((self.inner.marks & ~self.best.marks).sum())
        return self.best if gained - lost > math.sqrt(gained + lost) else self.inner

    def _candidate(self, epoch: int, place: int, marks: Tensor, head: nn.Module) -> Candidate:
        rows = slice(place, place + 1) if self.protocol.prefer_inside else slice(None)
        state = {name: value.detach()[rows].clone() for name, value in head.named_parameters()}
        return Candidate(float(marks[place].double().mean()), place, epoch, marks[place], state)
