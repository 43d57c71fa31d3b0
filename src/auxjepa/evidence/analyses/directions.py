"""Directions of effects in sentences: higher or lower by simultaneous intervals, leaning by a single interval.

At most 5 % of pages without any effect have a sentence with "higher" or "lower", because the family is every comparison
about which the page writes a sentence. A single 95 % interval that excludes zero only leans.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from auxjepa.evidence.analyses.results import Results
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
    """Return the effects on capabilities without those that consist of registered hypotheses only.

    Args:
        study: the study.
        results: the table of results.
    """
    registered = {
        (o.hypothesis.variant, o.hypothesis.benchmark, o.hypothesis.regime)
        for o in study.outcomes
        if study.decides and o.hypothesis.reference == study.reference
    }
    undecided = {}
    for (name, capability), effect in results.pooled.items():
        columns = [column for column in results.columns if column.capability == capability]
        if not all({(name, c.benchmark, c.regime), (name, c.benchmark, "")} & registered for c in columns):
            undecided[name, capability] = effect
    return undecided
