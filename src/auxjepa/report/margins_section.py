"""The table of margins of equivalence that a screen suggests."""

from __future__ import annotations

from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.statistics.margins import PLANNED_SEEDS, MarginBounds, suggest_margin
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.study_folder.units import PERCENT
from auxjepa.evidence.wording import DASH

HEAD = (
    "variant",
    "benchmark",
    "noise of seeds, sd",
    "noise of test clips, ±",
    f"shown by {PLANNED_SEEDS} seeds, ±",
    "reference above chance",
    "suggested margin, ±",
)


def rows(study: Study, results: Results) -> list[list[str]]:
    """Return one row a variant and benchmark in percent (columns: ``HEAD``); nothing for a study with hypotheses.

    Args:
        study: the study.
        results: the table of results.
    """
    if study.decides:
        return []
    table = []
    for line in results.variants:
        for cell, column in zip(line.cells, results.columns, strict=True):
            if cell.effect is None or column.unit != PERCENT or cell.effect.n < 2:
                continue
            chance = column.chance if column.is_share else None
            bounds = suggest_margin(cell.effect, column.n_test if column.is_share else 0, chance)
            table.append([line.name, column.title, *_numbers(bounds)])
    return table


def _numbers(bounds: MarginBounds) -> list[str]:
    values = (bounds.seed_noise, bounds.clip_noise, bounds.by_seeds, bounds.floor, bounds.suggestion)
    return [DASH if value is None else f"{value:.1f}" for value in values]
