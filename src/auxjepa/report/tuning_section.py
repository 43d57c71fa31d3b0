"""The section on the search of recipes: budgets, curves, chosen recipes, sensitivity, and the two readings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from auxjepa.evidence.analyses.tuning_readings import ReadEffect, Reading
from auxjepa.evidence.analyses.tuning_results import TuningResults, VariantTuning
from auxjepa.evidence.statistics.tuning_records import FEWEST_TRIALS
from auxjepa.evidence.study_evidence import StudyEvidence
from auxjepa.evidence.wording import (
    DASH,
    format_count,
    format_effect,
    format_number,
    format_p,
    format_percent,
    format_signed,
    join_words,
)
from auxjepa.lists import shorten_list
from auxjepa.report.tuning_figures import curve_panels

Table = tuple[tuple[str, ...], list[list[str]]]
BUDGETS = ("variant", "recipes × steps", "trainings", "updates", "× reference", "seconds", "× reference ", "failed")
CHOICES = ("variant", "trial", "objective", "range over seeds", "before the search, first stage", "values at an edge")
SENSITIVITY = ("variant", "field", "variance explained", "by chance", "p", "rank correlation")
STAGES = ("variant", "stages", "recipes in both", "rank correlation", "same best recipe")
READINGS = ("benchmark", "variant", "at its own best recipe", "result", "at the recipe of {}", "result ", "readings")
EDGES = {"low": "low end", "high": "high end", "outside": "outside the space"}
BASE = "not changed"
"""Text in place of the value of a field that a recipe does not change."""
DIGITS = 3
"""Decimals of objectives."""


def sentences(results: TuningResults) -> list[str]:
    """Return how the recipes were searched and what the curves mean, in sentences.

    Args:
        results: results of the search.
    """
    first = results.variants[0].budget
    seeds = f"{'seed' if len(results.seeds) == 1 else 'seeds'} {join_words(map(str, results.seeds))}"
    if results.inequality:
        budget = f"The budgets of the variants differ, so their comparison is not fair: {results.inequality}."
    else:
        budget = (
            f"Each of {len(results.variants)} variants was tuned with the same budget: "
            f"{format_count(first.first_trials, 'recipe')}, {format_count(first.trainings, 'training')} and "
            f"{first.updates:,} updates."
        )
    goal = "the mean of all benchmarks" if results.objective == "mean" else results.objective
    out = [
        budget,
        f"Recipes were chosen on validation clips, with {seeds}. The search cannot read test clips.",
        f"The objective is {goal}, as a share of the way from chance (0) to 100 % (1).",
        "A curve shows the expected best objective of so many random recipes of the first stage: the mean over all "
        "subsets of the observed recipes. A curve that still rises at its end shows that more recipes would help.",
        "The band is a 95 % bootstrap interval over recipes. It is too narrow at the right end, because a resample "
        "cannot contain a better recipe than the best one."
        if any(record.curve and record.curve.has_interval for record in results.variants)
        else f"With fewer than {FEWEST_TRIALS} random recipes, or without spread, the curves have no interval.",
        "The objective of a chosen recipe is the best of several and therefore too high; the scores on test clips are "
        "not affected.",
    ]
    at_edge = [record.variant for record in results.variants if record.edges]
    if at_edge:
        out.append(
            f"A chosen value is at an edge of the space for {shorten_list(at_edge)}: a wider space may have a better "
            "recipe."
        )
    return out + [f"{warning}." for warning in results.warnings]


def budgets(results: TuningResults) -> Table:
    """Return heading and rows of the table of budgets, one row a variant.

    Args:
        results: results of the search.
    """
    return BUDGETS, [
        [
            record.variant,
            ", ".join(f"{stage.trials} × {stage.steps:,}" for stage in record.budget.stages),
            str(record.budget.trainings),
            f"{record.budget.updates:,}",
            _ratio(record.update_ratio),
            f"{record.budget.seconds:,.0f}",
            _ratio(record.second_ratio),
            str(record.budget.failed),
        ]
        for record in results.variants
    ]


def choices(results: TuningResults) -> Table:
    """Return heading and rows of the table of chosen recipes with their objectives, one row a variant.

    Args:
        results: results of the search.
    """
    return CHOICES, [_choice(record) for record in results.variants]


def recipes(results: TuningResults) -> Table:
    """Return heading and rows of the table of chosen values: one row a field, one column a variant.

    Args:
        results: results of the search.
    """
    chosen = {record.variant: record.choice.recipe for record in results.variants if record.choice}
    fields = dict.fromkeys(field for recipe in chosen.values() for field in recipe)
    body = [
        [field, *(value_text(recipe[field]) if field in recipe else BASE for recipe in chosen.values())]
        for field in fields
    ]
    return ("field", *chosen), body


def sensitivity(results: TuningResults) -> Table:
    """Return heading and rows of the table of sensitivity, one row a variant and field.

    Args:
        results: results of the search.
    """
    return SENSITIVITY, [
        [
            record.variant,
            line.field,
            format_percent(line.explained.share),
            format_percent(line.explained.by_chance),
            format_p(line.explained.p),
            DASH if line.rank is None else format_signed(line.rank, 2),
        ]
        for record in results.variants
        for line in record.sensitivity
    ]


def stages(results: TuningResults) -> Table:
    """Return heading and rows of the table of consecutive stages.

    Args:
        results: results of the search.
    """
    return STAGES, [
        [
            record.variant,
            f"{line.first_steps:,} → {line.second_steps:,} steps",
            str(line.trials),
            DASH if line.rank is None else format_signed(line.rank, 2),
            "yes" if line.is_same_best else "no",
        ]
        for record in results.variants
        for line in record.agreements
    ]


def readings(pairs: Sequence[Reading], reference: str) -> Table:
    """Return heading and rows of the table of both readings, one row a benchmark and variant.

    Args:
        pairs: both readings of each variant and benchmark.
        reference: the reference.
    """
    body = []
    for pair in pairs:
        shared = ["the same recipe", ""] if pair.has_equal_recipes else _effect(pair.shared, pair.decimals)
        words = f"differ in {pair.disagreement}" if pair.disagreement else "agree" if pair.own and pair.shared else DASH
        body.append([pair.title, pair.variant, *_effect(pair.own, pair.decimals), *shared, words])
    return tuple(name.format(reference) for name in READINGS), body


def reading_sentences(pairs: Sequence[Reading], reference: str) -> list[str]:
    """Return how the two readings compare: one sentence for each benchmark on which they disagree.

    Args:
        pairs: both readings of each variant and benchmark.
        reference: the reference.
    """
    both = [pair for pair in pairs if pair.own and pair.shared]
    if not pairs:
        return [
            f"No tuned variant can be compared with {reference or 'a reference'} on test clips yet, so this section "
            "shows the search alone."
        ]
    differing: dict[str, list[str]] = {}
    for pair in both:
        if pair.disagreement and pair.own and pair.shared:
            own, shared = (format_effect(side.effect, pair.decimals) for side in (pair.own, pair.shared))
            differing.setdefault(pair.title, []).append(
                f"{pair.variant} is {own} at its own best recipe ({pair.own.label}) and {shared} at the recipe of "
                f"{reference} ({pair.shared.label})"
            )
    agreeing = len(both) - sum(map(len, differing.values()))
    out = [
        "The difference from the reference is read twice: every variant at its own best recipe, and every variant at "
        f"the best recipe of {reference}. The two readings agree in sign and in decidedness on {agreeing} of "
        f"{format_count(len(both), 'comparison')}."
    ]
    out += [f"On {title} the readings disagree: {'; '.join(lines)}." for title, lines in differing.items()]
    if single := len(pairs) - len(both):
        out.append(f"{format_count(single, 'comparison')} can be read in one way only.")
    return out


def section(evidence: StudyEvidence, colours: Mapping[str, int]) -> dict[str, Any] | None:
    """Return the content of the section; None without a search.

    Args:
        evidence: the evidence on the study.
        colours: index of every variant with scores.
    """
    results = evidence.tuning
    if results is None:
        return None
    name = results.reference or evidence.study.reference
    return {
        "sentences": sentences(results),
        "figures": curve_panels(results, colours),
        "budgets": budgets(results),
        "choices": choices(results),
        "recipes": recipes(results),
        "sensitivity": sensitivity(results),
        "stages": stages(results),
        "reading_sentences": reading_sentences(evidence.readings, name),
        "readings": readings(evidence.readings, name),
    }


def value_text(value: Any) -> str:
    """Return a value of a recipe in a short form: '0.0045', 'random_tube(ratio 0.75)', '0.99, 1'.

    Args:
        value: the value.
    """
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float):
        return f"{value:.4g}"
    if isinstance(value, list):
        joint = " + " if value and all(isinstance(item, dict) for item in value) else ", "
        return joint.join(map(value_text, value)) or "none"
    if isinstance(value, dict):
        kind, args = value.get("kind"), value.get("args", {})
        rest = {k: v for k, v in value.items() if k not in ("kind", "args")} if kind else value
        inner = ", ".join(f"{key} {value_text(item)}" for key, item in {**(args if kind else {}), **rest}.items())
        return f"{kind}({inner})" if kind and inner else str(kind) if kind else inner
    return str(value)


def _choice(record: VariantTuning) -> list[str]:
    base = DASH if record.base_objective is None else format_number(record.base_objective, DIGITS)
    if record.choice is None or record.final_mean is None:
        return [
            record.variant,
            "not chosen yet" if record.choice is None else str(record.choice.trial),
            *[DASH] * 2,
            base,
            DASH,
        ]
    low, high = min(record.final.values()), max(record.final.values())
    spread = (
        f"{format_number(low, DIGITS)} to {format_number(high, DIGITS)} ({format_count(len(record.final), 'seed')})"
    )
    edges = [f"{edge.field} {value_text(edge.value)} ({EDGES[edge.edge]})" for edge in record.edges]
    trial = str(record.choice.trial) if record.choice.recipe else f"{record.choice.trial} (the study's own recipe)"
    return [record.variant, trial, format_number(record.final_mean, DIGITS), spread, base, "; ".join(edges) or "none"]


def _effect(side: ReadEffect | None, decimals: int) -> list[str]:
    return [DASH, ""] if side is None else [format_effect(side.effect, decimals), side.label]


def _ratio(value: float | None) -> str:
    return DASH if value is None else f"{value:.2f}"
