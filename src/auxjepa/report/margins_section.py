"""The table of margins of equivalence that a screen suggests."""

from __future__ import annotations

from auxjepa.evidence.analyses.margins import PLANNED_SEEDS, MarginBounds, suggested_margins
from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.study_folder.folder import Study
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
    margins = suggested_margins(study, results)
    return [[margin.variant, margin.title, *_numbers(margin.bounds)] for margin in margins]


def _numbers(bounds: MarginBounds) -> list[str]:
    values = (bounds.seed_noise, bounds.clip_noise, bounds.by_seeds, bounds.floor, bounds.suggestion)
    return [DASH if value is None else f"{value:.1f}" for value in values]
