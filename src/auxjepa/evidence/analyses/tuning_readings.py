"""Two readings of a tuned study: every variant at its own best recipe, and all at the recipe of the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from auxjepa.evidence.analyses.results import Cell, Results
from auxjepa.evidence.statistics.records import Effect
from auxjepa.evidence.study_folder.tuning import Choice, at_reference

Disagreement = Literal["", "sign", "decidedness", "sign and decidedness"]


@dataclass(frozen=True)
class ReadEffect:
    """Difference from the reference in one reading.

    Args:
        variant: name of the variant in the rows.
        effect: the effect.
        direction: 'up', 'down' or 'unclear'.
        label: verdict of a registered hypothesis, or result of the screen.
    """

    variant: str
    effect: Effect
    direction: str
    label: str


@dataclass(frozen=True)
class Reading:
    """Both readings of one variant on one benchmark.

    Args:
        variant: the variant.
        title: heading of the benchmark's column.
        decimals: number of decimals of its scores.
        unit: unit of its scores.
        own: difference at the variant's own best recipe; None where it is not scored.
        shared: difference at the recipe of the reference; None where it is not scored.
        has_equal_recipes: whether the variant's best recipe is that of the reference, so that both readings are one.
    """

    variant: str
    title: str
    decimals: int
    unit: str
    own: ReadEffect | None
    shared: ReadEffect | None
    has_equal_recipes: bool

    @property
    def disagreement(self) -> Disagreement:
        """Return in what the two readings differ; empty where they agree or where one is missing.

        The sign is that of the mean difference. The decidedness is whether an effect has a direction.
        """
        if self.own is None or self.shared is None:
            return ""
        is_opposite = self.own.effect.mean * self.shared.effect.mean < 0
        is_decided = [side.direction != "unclear" for side in (self.own, self.shared)]
        if is_opposite:
            return "sign" if is_decided[0] == is_decided[1] else "sign and decidedness"
        return "decidedness" if is_decided[0] != is_decided[1] else ""


def are_equal_recipes(recipe: Mapping[str, Any], reference: Mapping[str, Any]) -> bool:
    """Check whether a recipe is that of the reference, without the fields that only the reference has.

    Args:
        recipe: recipe of a variant.
        reference: recipe of the reference.
    """
    return bool(recipe) == bool(reference) and all(
        field in reference and reference[field] == value for field, value in recipe.items()
    )


def study_readings(results: Results, chosen: Mapping[str, Choice]) -> list[Reading]:
    """Return both readings of every tuned variant with a score, benchmark by benchmark; none without a reference.

    Args:
        results: the table of results.
        chosen: chosen recipe by variant.
    """
    reference = results.reference
    if reference is None or reference.name not in chosen:
        return []
    cells = {line.name: line.cells for line in results.variants}
    readings = []
    for i, column in enumerate(results.columns):
        for variant in chosen:
            name = at_reference(variant, reference.name)
            if variant == reference.name or not (variant in cells or name in cells):
                continue
            has_equal = are_equal_recipes(chosen[variant].recipe, chosen[reference.name].recipe)
            own = _read(variant, cells, i)
            shared = _read(name, cells, i) or (own if has_equal else None)
            if own or shared:
                readings.append(Reading(variant, column.title, column.decimals, column.unit, own, shared, has_equal))
    return readings


def _read(name: str, cells: Mapping[str, list[Cell]], i: int) -> ReadEffect | None:
    cell = cells[name][i] if name in cells else None
    return None if cell is None or cell.effect is None else ReadEffect(name, cell.effect, cell.direction, cell.label)
