"""Main effects and interactions of binary factors, from the scores of a factorial's cells, seed by seed.

A variant is a cell: the set of the factors that are on in it. With contrasts coded +1 (on) and -1 (off), the contrast
of a set of factors is the mean of the cells in which an even number of its factors is off, minus the mean of the
others (Yates 1937; Box, Hunter and Hunter 2005, chapter 5). For one factor that is on minus off, averaged over the
other factors; for two it is half the difference between one's effect with the other on and with it off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from auxjepa.evidence.effects import ComparisonError, Effect, adjust, paired_effect

Cells = Mapping[frozenset[str] | tuple[str, ...], Mapping[int, float]]  # factors that are on: seed: score


@dataclass(frozen=True)
class Design:
    """A complete factorial: ``varying`` factors are on and off in every combination while ``held`` are always on."""

    varying: tuple[str, ...]
    held: tuple[str, ...]
    seeds: tuple[int, ...]  # that have every cell

    @property
    def cells(self) -> tuple[frozenset[str], ...]:
        """All ``2**k`` of them."""
        return tuple(frozenset(self.held) | on for on in _subsets(self.varying))


@dataclass(frozen=True)
class Contrast:
    """Effect (one factor) or interaction (several) in points: ``effect.mean``, and all else an effect has.

    In ``effect`` each seed's score is the mean of the cells on the contrast's plus side, its reference that of the
    minus side, and p is corrected with Holm over all contrasts of the design.
    """

    factors: tuple[str, ...]
    design: Design
    effect: Effect

    @property
    def name(self) -> str:
        """'LD', or 'FWM × LD' for an interaction."""
        return _name(self.factors)


def designs(cells: Cells) -> tuple[Design, ...]:
    """Every complete factorial within the cells, best first: most factors varying, then most seeds, then most held on.

    Some variants are never trained (FWM with HW but without LD, say): then the cells hold several smaller factorials.
    """
    scores = _by_set(cells)
    factors = sorted(frozenset().union(*scores))
    found = []
    for on in _subsets(factors):
        varying = tuple(sorted(on))
        for held in _subsets([f for f in factors if f not in on]):
            members = [scores.get(held | part) for part in _subsets(varying)]
            seeds = set.intersection(*(set(member or ()) for member in members))
            if varying and seeds:
                found.append(Design(varying, tuple(sorted(held)), tuple(sorted(seeds))))
    found.sort(key=lambda d: (-len(d.varying), -len(d.seeds), -len(d.held), d.varying, d.held))
    return tuple(found)


def factorial(
    cells: Cells, design: Design | None = None, *, benchmark: str = "", alpha: float = 0.05
) -> list[Contrast]:
    """One contrast for each non-empty set of varying factors, main effects first, corrected with Holm as one family.

    Args:
        design: one of :func:`designs`; the first of them when unset.

    Raises:
        ComparisonError: when no two cells differ by one factor and share a seed, when the design isn't complete in
            the cells, or when a cell is given twice.
    """
    scores, known = _by_set(cells), designs(cells)
    if not known:
        raise ComparisonError("a factorial needs two cells that differ by one factor and share a seed")
    design = known[0] if design is None else design
    if design not in known:
        raise ComparisonError(f"the cells don't hold a complete factorial of {_name(design.varying)} on those seeds")
    table = {cell: scores[cell] for cell in design.cells}
    every = set().union(*table.values())
    effects = []
    for factors in _sets(design):
        plus, minus = [], []
        for cell, by_seed in table.items():
            (minus if len(factors - cell) % 2 else plus).append(by_seed)
        sides = [{seed: sum(c[seed] for c in side) / len(side) for seed in design.seeds} for side in (plus, minus)]
        effect = paired_effect(
            *sides,
            variant=_name(tuple(sorted(factors))),
            reference="without" if len(factors) == 1 else "no interaction",
            benchmark=benchmark,
            alpha=alpha,
        )
        effects.append(replace(effect, unpaired=tuple(sorted(every - set(design.seeds)))))
    return [
        Contrast(tuple(sorted(factors)), design, effect)
        for factors, effect in zip(_sets(design), adjust(effects), strict=True)
    ]


def _by_set(cells: Cells) -> dict[frozenset[str], Mapping[int, float]]:
    scores: dict[frozenset[str], Mapping[int, float]] = {}
    for key, by_seed in cells.items():
        if frozenset(key) in scores:
            raise ComparisonError(f"the cell of {_name(tuple(sorted(key))) or 'no factor'} is given twice")
        scores[frozenset(key)] = by_seed
    return scores


def _sets(design: Design) -> list[frozenset[str]]:
    return [factors for factors in _subsets(design.varying) if factors]


def _subsets(factors: tuple[str, ...] | list[str]) -> Iterator[frozenset[str]]:
    """All subsets, smaller ones first."""
    return (frozenset(chosen) for size in range(len(factors) + 1) for chosen in combinations(factors, size))


def _name(factors: tuple[str, ...]) -> str:
    return " × ".join(factors)
