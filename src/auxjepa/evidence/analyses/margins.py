"""Margins of equivalence of a study: what a screen suggests, and what is against registered margins."""

from __future__ import annotations

from typing import NamedTuple

from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.statistics.margins import PLANNED_SEEDS, MarginBounds, object_to_margin, suggest_margin
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.study_folder.units import PERCENT

__all__ = ["PLANNED_SEEDS", "MarginBounds", "SuggestedMargin", "object_to_margins", "suggested_margins"]


class SuggestedMargin(NamedTuple):
    """Margin that a screen suggests for one comparison with the reference.

    Args:
        variant: the variant.
        title: heading of the benchmark.
        bounds: bounds of the margin, and the suggestion.
    """

    variant: str
    title: str
    bounds: MarginBounds


def suggested_margins(study: Study, results: Results) -> list[SuggestedMargin]:
    """Return one margin a variant and benchmark in percent; nothing for a study with hypotheses.

    Args:
        study: the study.
        results: the table of results.
    """
    if study.decides:
        return []
    margins = []
    for line in results.variants:
        for cell, column in zip(line.cells, results.columns, strict=True):
            if cell.effect is None or column.unit != PERCENT or cell.effect.n < 2:
                continue
            chance = column.chance if column.is_share else None
            bounds = suggest_margin(cell.effect, column.n_test if column.is_share else 0, chance)
            margins.append(SuggestedMargin(line.name, column.title, bounds))
    return margins


def object_to_margins(study: Study, results: Results) -> list[str]:
    """Return what is against the registered margins, by the measured noise and the distance to chance.

    Args:
        study: the study.
        results: the table of results.
    """
    lines = []
    for outcome in study.outcomes:
        h, effect = outcome.hypothesis, outcome.effect
        columns = [
            c for c in results.columns if c.benchmark == h.benchmark and h.regime in ("", c.regime) and c.is_share
        ]
        if h.margin is None or effect is None or not columns:
            continue
        bounds = suggest_margin(effect, columns[0].n_test, columns[0].chance)
        if why := object_to_margin(h.margin, bounds.clip_noise, bounds.floor):
            lines.append(f"Hypothesis {h.id}: {why}.")
    return lines
