"""Which clips a step reads: a weighted mixture of parts, exact in its proportions, a pure function of seed and step.

Parts take turns by a fixed pattern, so that after any number of clips no part is a whole clip away from its share; each
part goes through its examples in a new random order every epoch of its own. Nothing is remembered between steps: a run
goes on in the middle of an epoch at the exact clip, every variant of a seed reads the same clips, and the ranks of a
distributed run divide what one process would have read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm

import numpy as np
import torch
from jaxtyping import Float, Int

from auxjepa.config import ConfigError
from auxjepa.seeds import derive_seed, generator

FINEST = 1_000_000
"""Clips after which the pattern of turns has to repeat."""


@dataclass(frozen=True)
class Draw:
    """The clips of a batch.

    Args:
        part: which part of the mixture, int64 ``[b]``.
        index: which of the part's examples, int64 ``[b]``.
        visit: how often the example was read before, int64 ``[b]``.
        offset: where in the example the clip lies, 0 to 1, float64 ``[b]``; another one at every visit.
    """

    part: Int[np.ndarray, " b"]
    index: Int[np.ndarray, " b"]
    visit: Int[np.ndarray, " b"]
    offset: Float[np.ndarray, " b"]

    def __len__(self) -> int:
        return len(self.part)

    def __getitem__(self, chosen: slice | np.ndarray) -> Draw:
        """Some of the clips."""
        return Draw(self.part[chosen], self.index[chosen], self.visit[chosen], self.offset[chosen])


@dataclass(frozen=True)
class Part:
    """One data set of a mixture.

    Args:
        name: fixes its random order, so that another part beside it changes nothing.
        size: number of examples.
        weight: its share relative to the other parts.
        frames: of its clips; a batch holds clips of one length, so that parts of another length (one-frame images)
            have steps of their own, in the exact share of their weights.
    """

    name: str
    size: int
    weight: float | int = 1.0
    frames: int = 0


class Mixture:
    """The order in which clips of several parts are read.

    Args:
        parts: at least one.
        seed: of the run.

    Raises:
        ConfigError: for an empty part, a negative weight, no positive one, equal names, or weights with so many digits
            that their pattern wouldn't repeat within a million clips.
    """

    def __init__(self, parts: Sequence[Part], seed: int) -> None:
        self.parts, self.seed = tuple(parts), seed
        if not self.parts:
            raise ConfigError("a mixture needs at least one part")
        if len({part.name for part in self.parts}) < len(self.parts):
            raise ConfigError(f"parts of a mixture need names of their own, got {[p.name for p in self.parts]}")
        for part in self.parts:
            if part.size < 1:
                raise ConfigError(f"{part.name} has no examples to mix in")
            if part.weight < 0:
                raise ConfigError(f"{part.name}: weight must not be negative, got {part.weight}")
        self._groups: list[list[int]] = []
        for frames in dict.fromkeys(part.frames for part in self.parts):
            members = [n for n, part in enumerate(self.parts) if part.frames == frames and part.weight > 0]
            self._groups += [members] if members else []
        if not self._groups:
            raise ConfigError("at least one part of a mixture needs a weight above 0")
        weights = [sum((Fraction(str(self.parts[n].weight)) for n in group), Fraction(0)) for group in self._groups]
        self._turns = Pattern(weights)
        self._patterns = [Pattern([Fraction(str(self.parts[n].weight)) for n in group]) for group in self._groups]

    @property
    def shares(self) -> list[float]:
        """Each part's share of all clips; they sum to 1."""
        total = sum(part.weight for part in self.parts)
        return [part.weight / total for part in self.parts]

    def draw(self, step: int, batch: int, rank: int = 0, ranks: int = 1) -> Draw:
        """The ``batch`` clips that ``rank`` of ``ranks`` reads at ``step``; together the ranks read a batch of
        ``batch * ranks`` clips, each once."""
        group, turn = self._turns.at(np.array([step]))
        members, pattern = np.array(self._groups[int(group[0])]), self._patterns[int(group[0])]
        place = int(turn[0]) * batch * ranks + rank + ranks * np.arange(batch)
        own, count = pattern.at(place)
        part = members[own]
        index, visit, offset = np.empty(batch, np.int64), np.empty(batch, np.int64), np.empty(batch)
        for number in np.unique(part):
            here, size = part == number, self.parts[number].size
            visit[here] = count[here] // size
            for epoch in np.unique(visit[here]):
                now = here & (visit == epoch)
                index[now] = self._order(int(number), int(epoch))[count[now] % size]
            offset[here] = [
                self._offset(int(number), i, v) for i, v in zip(index[here].tolist(), visit[here].tolist(), strict=True)
            ]
        return Draw(part, index, visit, offset)

    def _order(self, part: int, epoch: int) -> Int[np.ndarray, " size"]:
        # A run on one pool keeps the order that such runs always had.
        name = () if len(self.parts) == 1 else (self.parts[part].name,)
        return _permutation(self.parts[part].size, (self.seed, "order", *name, epoch))

    def _offset(self, part: int, index: int, visit: int) -> float:
        return derive_seed(self.seed, "offset", self.parts[part].name, index, visit) / 2**63


class Pattern:
    """Turns of several parts, such that none is ever a whole turn away from its share (Tijdeman 1980, the chairman
    assignment problem): among those whose turn may come, the one whose turn must come first is next."""

    def __init__(self, weights: Sequence[Fraction]) -> None:
        shares = [weight / sum(weights) for weight in weights]
        period = lcm(*(share.denominator for share in shares))
        if period > FINEST:
            raise ConfigError(
                f"weights {[float(w) for w in weights]} have too many digits to be exact: three or four are enough"
            )
        counts = [int(share * period) for share in shares]
        self.who = np.array(_assign(tuple(counts)), dtype=np.int64)
        self.counts = np.array(counts)
        before = np.zeros(period, dtype=np.int64)
        for number in range(len(counts)):
            mine = self.who == number
            before[mine] = np.arange(mine.sum())
        self.before = before

    def at(self, place: Int[np.ndarray, " b"]) -> tuple[Int[np.ndarray, " b"], Int[np.ndarray, " b"]]:
        """Whose turn each place is, and how many turns of the same part came before it."""
        rounds, rest = place // len(self.who), place % len(self.who)
        who = self.who[rest]
        return who, rounds * self.counts[who] + self.before[rest]


@lru_cache(maxsize=8)
def _assign(counts: tuple[int, ...]) -> list[int]:
    """Whose turn it is in each of ``sum(counts)`` places, when part j is to have ``counts[j]`` of them."""
    if len(counts) == 1:
        return [0] * counts[0]
    period, slack = sum(counts), 2 * len(counts) - 2  # nobody is further away than 1 - 1 / slack
    had, who = [0] * len(counts), []
    for place in range(1, period + 1):
        # All in integers: (had + 1/slack) * period <= place * count says that the turn may come.
        may = [n for n, count in enumerate(counts) if (slack * had[n] + 1) * period <= slack * place * count]
        # It must come by (had + 1 - 1/slack) / share; shares are compared as count / period.
        first = min(may, key=lambda n: Fraction(slack * (had[n] + 1) - 1, counts[n]))
        had[first] += 1
        who.append(first)
    return who


@lru_cache(maxsize=8)
def _permutation(total: int, key: tuple[int | str, ...]) -> Int[np.ndarray, " total"]:
    return torch.randperm(total, generator=generator(*key)).numpy()
