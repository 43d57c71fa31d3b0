"""Directions of effects in sentences: higher or lower by simultaneous intervals, leaning by a single interval.

At most 5 % of pages without any effect have a sentence with "higher" or "lower", because the family is every comparison
about which the page writes a sentence. A single 95 % interval that excludes zero only leans.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from auxjepa.evidence.analyses.results import Column, Results
from auxjepa.evidence.statistics.records import Effect
from auxjepa.evidence.statistics.simultaneous import simultaneous_direction
from auxjepa.evidence.study_folder.folder import Study


class Directions(NamedTuple):
    """Effects by direction, largest first.

    Args:
        up: effects that are higher, by the simultaneous interval.
        down: effects that are lower, by the simultaneous interval.
        leans_up: other effects whose single interval is above zero.
        leans_down: other effects whose single interval is below zero.
        unclear: all other effects.
    """

    up: list[Effect]
    down: list[Effect]
    leans_up: list[Effect]
    leans_down: list[Effect]
    unclear: list[Effect]


def group_by_direction(effects: Iterable[Effect], comparisons: int) -> Directions:
    """Return effects by direction.

    Args:
        effects: the effects.
        comparisons: number of comparisons about which the page writes sentences.
    """
    groups = Directions([], [], [], [], [])
    for effect in sorted(effects, key=lambda e: -abs(e.mean)):
        direction = simultaneous_direction(effect, comparisons)
        if direction != "unclear":
            group = groups.up if direction == "up" else groups.down
        elif effect.direction != "unclear":
            group = groups.leans_up if effect.direction == "up" else groups.leans_down
        else:
            group = groups.unclear
        group.append(effect)
    return groups


def undecided_effects(study: Study, results: Results) -> dict[tuple[str, str], Effect]:
    """Return the effects on capabilities without those that consist of registered comparisons only.

    A capability of several benchmarks stays if one of them is not registered, because their mean is not registered.

    Args:
        study: the study.
        results: the table of results.
    """
    if not study.decides:
        return dict(results.pooled)
    hypotheses = [outcome.hypothesis for outcome in study.outcomes]

    def is_compared(name: str, column: Column) -> bool:
        sides = (name, study.reference)
        return any(h.compares(s, column.benchmark, column.regime) for h in hypotheses for s in (sides, sides[::-1]))

    def is_registered(name: str, capability: str) -> bool:
        return all(is_compared(name, column) for column in results.columns if column.capability == capability)

    return {pair: effect for pair, effect in results.pooled.items() if not is_registered(*pair)}
