"""Main effects and interactions of binary factors, from the scores of a factorial's cells, seed by seed.

A variant is a cell: the set of the factors that are on in it. With contrasts coded +1 (on) and -1 (off), the contrast
of a set of factors is the mean of the cells in which an even number of its factors is off, minus the mean of the other
cells. For one factor this is on minus off, averaged over the other factors. For two factors it is half of the
difference between the effect of the first with the second on and with the second off.

Source:
    Yates (1937), "The Design and Analysis of Factorial Experiments"; Box, Hunter and Hunter (2005), chapter 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from auxjepa.evidence.statistics.effects import adjust, paired_effect
from auxjepa.evidence.statistics.records import ComparisonError, Effect

Cells = Mapping[frozenset[str] | tuple[str, ...], Mapping[int, float]]
"""Factors that are on: seed: score."""


@dataclass(frozen=True)
class Design:
    """A complete factorial: the ``varying`` factors are on and off in every combination.

    Args:
        varying: factors that vary.
        constant: factors that are on in every cell.
        seeds: seeds that every cell has.
    """

    varying: tuple[str, ...]
    constant: tuple[str, ...]
    seeds: tuple[int, ...]

    @property
    def cells(self) -> tuple[frozenset[str], ...]:
        """All ``2**k`` cells."""
        return tuple(frozenset(self.constant) | on for on in _subsets(self.varying))


@dataclass(frozen=True)
class Contrast:
    """Main effect (one factor) or interaction (several factors) of a factorial, in points.

    Args:
        factors: the factors of the contrast.
        design: the factorial.
        effect: the contrast as an effect. The score of a seed is the mean of the cells on the plus side, its reference
            score is the mean of the cells on the minus side. p is corrected with Holm over all contrasts of the design.
    """

    factors: tuple[str, ...]
    design: Design
    effect: Effect

    @property
    def name(self) -> str:
        """Name of the contrast: 'LD', or 'FWM × LD' for an interaction."""
        return _name(self.factors)


def designs(cells: Cells) -> tuple[Design, ...]:
    """Return every complete factorial within the cells, best first.

    The order is: most factors that vary, then most seeds, then most factors that are always on. Some variants are never
    trained (FWM with HW but without LD, for example). Then the cells contain several smaller factorials.

    Args:
        cells: scores by seed of each cell.

    Raises:
        ComparisonError: when a cell appears twice.
    """
    scores = _by_set(cells)
    factors = sorted(frozenset().union(*scores))
    complete = []
    for on in _subsets(factors):
        varying = tuple(sorted(on))
        for constant in _subsets([f for f in factors if f not in on]):
            members = [scores.get(constant | part) for part in _subsets(varying)]
            seeds = set.intersection(*(set(member or ()) for member in members))
            if varying and seeds:
                complete.append(Design(varying, tuple(sorted(constant)), tuple(sorted(seeds))))
    complete.sort(key=lambda d: (-len(d.varying), -len(d.seeds), -len(d.constant), d.varying, d.constant))
    return tuple(complete)


def factorial(
    cells: Cells, design: Design | None = None, *, benchmark: str = "", alpha: float = 0.05
) -> list[Contrast]:
    """Return one contrast for each non-empty set of varying factors, main effects first, corrected as one family.

    Args:
        cells: scores by seed of each cell.
        design: one of :func:`designs`; the first of them when unset.
        benchmark: name of the benchmark.
        alpha: significance level.

    Raises:
        ComparisonError: when no two cells differ by one factor and share a seed, when the design is not complete in the
            cells, or when a cell appears twice.
    """
    scores, complete = _by_set(cells), designs(cells)
    if not complete:
        raise ComparisonError("a factorial needs two cells that differ by one factor and share a seed")
    design = complete[0] if design is None else design
    if design not in complete:
        raise ComparisonError(f"the cells contain no complete factorial of {_name(design.varying)} on those seeds")
    table = {cell: scores[cell] for cell in design.cells}
    all_seeds = set().union(*table.values())
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
        effects.append(replace(effect, unpaired=tuple(sorted(all_seeds - set(design.seeds)))))
    return [
        Contrast(tuple(sorted(factors)), design, effect)
        for factors, effect in zip(_sets(design), adjust(effects), strict=True)
    ]


def _by_set(cells: Cells) -> dict[frozenset[str], Mapping[int, float]]:
    scores: dict[frozenset[str], Mapping[int, float]] = {}
    for key, by_seed in cells.items():
        if frozenset(key) in scores:
            raise ComparisonError(f"the cell of {_name(tuple(sorted(key))) or 'no factor'} appears twice")
        scores[frozenset(key)] = by_seed
    return scores


def _sets(design: Design) -> list[frozenset[str]]:
    return [factors for factors in _subsets(design.varying) if factors]


def _subsets(factors: tuple[str, ...] | list[str]) -> Iterator[frozenset[str]]:
    """Return all subsets, smaller subsets first."""
    return (frozenset(chosen) for size in range(len(factors) + 1) for chosen in combinations(factors, size))


def _name(factors: tuple[str, ...]) -> str:
    return " × ".join(factors)
