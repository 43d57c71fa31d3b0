"""Completes a study from its rows: variants, seeds, benchmarks and reference; counts planned and missing scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auxjepa.lists import shorten_list
from auxjepa.rows import CONTROLS

if TYPE_CHECKING:
    from auxjepa.evidence.study_folder.folder import Study


def complete(study: Study, only: dict[str, Any]) -> None:
    """Fill in from the rows what study.yaml lacks, and note missing scores.

    Args:
        study: the study.
        only: variants of each regime that is not pretrained with all variants.
    """
    scored = [row for row in study.rows if row.control is None]
    for row in scored:
        if row.variant not in study.variants:
            study.variants.append(row.variant)
        if row.seed not in study.seeds:
            study.seeds.append(row.seed)
    for row in study.rows:
        if row.benchmark not in study.benchmarks:
            study.benchmarks.append(row.benchmark)
    if not study.reference and study.variants:
        study.reference = "baseline" if "baseline" in study.variants else study.variants[0]
        study.notes.append(f"study.yaml: no reference is named; {study.reference} is used")
    elif study.reference and study.reference not in study.variants:
        study.notes.append(f"the reference {study.reference} is not among the variants")
    present = {(row.regime, row.variant, row.seed, row.benchmark) for row in scored}
    regimes = list(study.regimes) or sorted({row.regime for row in scored}) or [""]
    planned = [
        (r, v, s, b)
        for r in regimes
        for v in study.variants
        for s in study.seeds
        for b in study.benchmarks
        if v in (texts_of(only[r]) if only.get(r) else study.variants)
    ]
    absent = [key for key in planned if key not in present]
    study.planned, study.absent = len(planned), len(absent)
    if absent and study.rows:
        names = [f"{v} seed {s} on {b}" + (f" ({r})" if len(regimes) > 1 else "") for r, v, s, b in absent]
        what = "planned scores are missing" if study.has_plan else "pairs of a run and a benchmark have no score"
        study.notes.append(f"{len(absent)} of {len(planned)} {what}: {shorten_list(names, 4, '; ')}")
    controls = {row.control for row in study.rows if row.control}
    expected = [info.get("controls", CONTROLS) for info in study.benchmark_info.values()] or [CONTROLS]
    absent_controls = [c for c in CONTROLS if c not in controls and any(c in names for names in expected)]
    if absent_controls and study.rows:
        study.notes.append(f"controls not scored: {', '.join(absent_controls)}")


def texts_of(value: Any) -> list[str]:
    """Return a value of ``study.yaml`` as texts: a list, the entries of a mapping, or one value.

    Args:
        value: any value.
    """
    if isinstance(value, dict):
        return [f"{key}: {item}" for key, item in value.items()] if value else []
    if isinstance(value, list | tuple):
        return [str(item.get("name", item)) if isinstance(item, dict) else str(item) for item in value]
    return [str(value)] if value else []
