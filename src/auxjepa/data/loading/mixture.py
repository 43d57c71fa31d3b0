"""Determines which clips a step reads: a weighted mixture of parts with exact proportions, a pure function of seed and
step.

Parts take turns in a fixed pattern, so that after any number of clips each part is less than one clip away from its
share. Each part goes through its examples in a new random order in each of its epochs. No state is kept between steps:
a run resumes in the middle of an epoch at the exact clip, every variant of a seed reads the same clips, and the ranks
of a distributed run divide the clips that one process would read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm

import numpy as np
import torch
from jaxtyping import Int

from auxjepa.config import ConfigError
from auxjepa.data.loading.draw import Draw
from auxjepa.seeds import derive_seed, generator

LONGEST_PATTERN = 1_000_000
"""Largest number of clips after which the pattern of turns repeats."""


@dataclass(frozen=True)
class Part:
    """One data set of a mixture.

    Args:
        name: determines its random order, so that adding another part doesn't change this one.
        size: number of examples.
        weight: its share relative to the other parts.
        frames: frames of its clips. A batch holds clips of one length, so that parts of another length (one-frame
            images) have separate steps, in the exact share of their weights.
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
        ConfigError: for an empty part, a negative weight, no positive weight, equal names, or weights with so many
            digits that their pattern wouldn't repeat within a million clips.
    """

    def __init__(self, parts: Sequence[Part], seed: int) -> None:
        self.parts, self.seed = tuple(parts), seed
        if not self.parts:
            raise ConfigError("a mixture needs at least one part")
        if len({part.name for part in self.parts}) < len(self.parts):
            raise ConfigError(f"parts of a mixture need different names, got {[p.name for p in self.parts]}")
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
        """Each part's share of all clips. The shares sum to 1."""
        total = sum(part.weight for part in self.parts)
        return [part.weight / total for part in self.parts]

    def draw(self, step: int, batch: int, rank: int = 0, ranks: int = 1) -> Draw:
        """Return the clips that one rank reads at a step.

        Together the ranks read a batch of ``batch * ranks`` clips, each once.

        Args:
            step: number of the step.
            batch: clips of this rank.
            rank: number of this process.
            ranks: number of processes.
        """
        group, turn = self._turns.at(np.array([step]))
        members, pattern = np.array(self._groups[int(group[0])]), self._patterns[int(group[0])]
        place = int(turn[0]) * batch * ranks + rank + ranks * np.arange(batch)
        member, count = pattern.at(place)
        part = members[member]
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
        # Runs on one part have always used this order, without the part's name.
        name = () if len(self.parts) == 1 else (self.parts[part].name,)
        return _permutation(self.parts[part].size, (self.seed, "order", *name, epoch))

    def _offset(self, part: int, index: int, visit: int) -> float:
        return derive_seed(self.seed, "offset", self.parts[part].name, index, visit) / 2**63


class Pattern:
    """A sequence of turns of several parts in which each part is always less than one turn away from its share.

    Among the parts whose turn may come, the next is the one whose turn must come first.

    Args:
        weights: of the parts.

    Source: Tijdeman 1980, the chairman assignment problem.
    """

    def __init__(self, weights: Sequence[Fraction]) -> None:
        shares = [weight / sum(weights) for weight in weights]
        period = lcm(*(share.denominator for share in shares))
        if period > LONGEST_PATTERN:
            raise ConfigError(
                f"weights {[float(w) for w in weights]} have too many digits to be exact: three or four are enough"
            )
        counts = [int(share * period) for share in shares]
        self.part = np.array(_assign(tuple(counts)), dtype=np.int64)
        self.counts = np.array(counts)
        before = np.zeros(period, dtype=np.int64)
        for number in range(len(counts)):
            turns = self.part == number
            before[turns] = np.arange(turns.sum())
        self.before = before

    def at(self, place: Int[np.ndarray, " b"]) -> tuple[Int[np.ndarray, " b"], Int[np.ndarray, " b"]]:
        """Return the part that has each turn, and how many turns of the same part came before it."""
        rounds, turn = place // len(self.part), place % len(self.part)
        part = self.part[turn]
        return part, rounds * self.counts[part] + self.before[turn]


@lru_cache(maxsize=8)
def _assign(counts: tuple[int, ...]) -> list[int]:
    """Return the part of each of ``sum(counts)`` turns, such that part j has ``counts[j]`` of them."""
    if len(counts) == 1:
        return [0] * counts[0]
    period, slack = sum(counts), 2 * len(counts) - 2  # no part is further away than 1 - 1 / slack
    past, turns = [0] * len(counts), []
    for place in range(1, period + 1):
        # All in integers: a turn may come if (past + 1/slack) * period <= place * count.
        may = [n for n, count in enumerate(counts) if (slack * past[n] + 1) * period <= slack * place * count]
        # It must come by (past + 1 - 1/slack) / share; shares are compared as count / period.
        first = min(may, key=lambda n: Fraction(slack * (past[n] + 1) - 1, counts[n]))
        past[first] += 1
        turns.append(first)
    return turns


@lru_cache(maxsize=8)
def _permutation(total: int, key: tuple[int | str, ...]) -> Int[np.ndarray, " total"]:
    return torch.randperm(total, generator=generator(*key)).numpy()
