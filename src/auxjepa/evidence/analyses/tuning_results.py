"""Results of a tuning search: budgets, chosen recipes, curves, sensitivity, edges and agreement between stages."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from auxjepa.evidence.analyses.tuning_budget import Budget, budget_of, describe_inequality
from auxjepa.evidence.statistics.expected_best import expected_best
from auxjepa.evidence.statistics.tuning_records import ExpectedBest, ExplainedVariance
from auxjepa.evidence.statistics.variance_explained import (
    explained_variance,
    quantile_bins,
    rank_correlation,
)
from auxjepa.evidence.study_folder.tuning import Choice, Trial, Tuning, objectives_by_trial, trials_by_variant
from auxjepa.evidence.study_folder.tuning_space import Edge, SpaceField, is_number, mapping_in, read_space, text_of
from auxjepa.evidence.wording import format_count
from auxjepa.lists import shorten_list


@dataclass(frozen=True)
class Sensitivity:
    """Part of one field in the spread of the objective in the first stage.

    Args:
        field: dotted name of the field.
        explained: share of the variance between its values, or between 4 quantile bins of a range.
        rank: Spearman correlation of value and objective; None for values that are no numbers.
    """

    field: str
    explained: ExplainedVariance
    rank: float | None


@dataclass(frozen=True)
class EdgeValue:
    """A chosen value at an edge of the space.

    Args:
        field: dotted name of the field.
        value: the chosen value.
        edge: ``low``, ``high``, or ``outside`` where the space does not contain it.
    """

    field: str
    value: Any
    edge: Edge


@dataclass(frozen=True)
class StageAgreement:
    """Rank correlation of the trials that two consecutive stages share.

    Args:
        first_steps: steps of the earlier stage.
        second_steps: steps of the later stage.
        trials: number of trials that both stages scored.
        rank: Spearman correlation of their objectives; None with fewer than 3 trials or without spread.
        is_same_best: whether the best of these trials is the same in both stages.
    """

    first_steps: int
    second_steps: int
    trials: int
    rank: float | None
    is_same_best: bool


@dataclass(frozen=True)
class VariantTuning:
    """Search of one variant.

    Args:
        variant: the variant.
        budget: trials, updates and seconds.
        update_ratio: updates divided by those of the reference; None without a reference.
        second_ratio: seconds divided by those of the reference; None without a reference.
        choice: the chosen recipe; None while the search is not finished.
        final: objective of the chosen trial in the last stage, by seed.
        base_objective: objective of the study's own recipe in the first stage; None where it has none. This recipe is
            changed in no field and is no random draw, so the curve and the sensitivity leave it out.
        curve: expected best objective of the random recipes of the first stage; None without a scored one.
        sensitivity: fields by explained share, largest first.
        edges: chosen values at an edge.
        agreements: rank correlations between consecutive stages.
    """

    variant: str
    budget: Budget
    update_ratio: float | None
    second_ratio: float | None
    choice: Choice | None
    final: Mapping[int, float]
    base_objective: float | None
    curve: ExpectedBest | None
    sensitivity: tuple[Sensitivity, ...]
    edges: tuple[EdgeValue, ...]
    agreements: tuple[StageAgreement, ...]

    @property
    def final_mean(self) -> float | None:
        """Mean objective of the chosen trial over the seeds of the last stage; None without one."""
        return statistics.fmean(self.final.values()) if self.final else None


@dataclass(frozen=True)
class TuningResults:
    """Results of the search of a study.

    Args:
        reference: the reference; empty where the search did not tune it.
        objective: name of the objective.
        sampler: name of the sampler.
        seeds: seeds of the search.
        benchmarks: benchmarks with validation scores.
        variants: one record a variant, the reference first.
        inequality: in what the budgets differ; empty where all are equal.
        digest: digest of settings and trials.
        contradictions: choices that the trials contradict, one line each.
        warnings: contradictions, failed trials and what cannot be shown, one line each.
    """

    reference: str
    objective: str
    sampler: str
    seeds: tuple[int, ...]
    benchmarks: tuple[str, ...]
    variants: tuple[VariantTuning, ...]
    inequality: str
    digest: str
    contradictions: tuple[str, ...]
    warnings: tuple[str, ...]


def study_tuning(tuning: Tuning | None, reference: str = "") -> TuningResults | None:
    """Return the results of a search; None where there is no trial.

    Args:
        tuning: content of the tuning folder; None without one.
        reference: the reference of the study.
    """
    if tuning is None or not tuning.trials:
        return None
    search = mapping_in(tuning.settings, "tune")
    by_variant = trials_by_variant(tuning.trials)
    names = sorted(by_variant, key=lambda name: name != reference)
    budgets = {name: budget_of(by_variant[name]) for name in names}
    records = tuple(
        _variant(
            name, by_variant[name], budgets[name], budgets.get(reference), tuning.chosen.get(name), tuning.settings
        )
        for name in names
    )
    sampler = str(search.get("sampler") or "random")
    contradictions = _contradictions(records, by_variant)
    warnings = [*contradictions, *_failures(budgets)]
    if missing := [name for name in names if tuning.chosen and name not in tuning.chosen]:
        warnings.append(f"No recipe is chosen for {shorten_list(missing)}")
    if sampler != "random":
        warnings.append(
            f"The sampler is {sampler}: its trials are not independent draws, so the curves and their intervals "
            "describe this search and do not hold exactly for another one"
        )
    return TuningResults(
        reference=reference if reference in by_variant else "",
        objective=str(search.get("objective") or "mean"),
        sampler=sampler,
        seeds=tuple(sorted({trial.seed for trial in tuning.trials})),
        benchmarks=tuple(dict.fromkeys(name for trial in tuning.trials for name in trial.scores)),
        variants=records,
        inequality=describe_inequality(budgets),
        digest=tuning.digest,
        contradictions=tuple(contradictions),
        warnings=tuple(warnings),
    )


def _variant(
    name: str,
    trials: Sequence[Trial],
    budget: Budget,
    reference: Budget | None,
    choice: Choice | None,
    settings: Mapping[str, Any],
) -> VariantTuning:
    stages = sorted({trial.stage for trial in trials})
    space = read_space(settings, name)
    final = {
        trial.seed: trial.objective
        for trial in trials
        if choice and trial.objective is not None and (trial.stage, trial.trial) == (stages[-1], choice.trial)
    }
    edges = [
        EdgeValue(f.name, choice.recipe[f.name], f.edge_of(choice.recipe[f.name]))
        for f in space
        if choice and f.name in choice.recipe
    ]
    first = [trial for trial in trials if trial.stage == stages[0]]
    listed = len(mapping_in(settings, "tune").get("recipes") or ())  # listed recipes aren't drawn at random
    base = objectives_by_trial(trial for trial in first if not trial.recipe)
    return VariantTuning(
        variant=name,
        budget=budget,
        update_ratio=_ratio(budget.updates, reference.updates if reference else 0),
        second_ratio=_ratio(budget.seconds, reference.seconds if reference else 0),
        choice=choice,
        final=dict(sorted(final.items())),
        base_objective=next(iter(base.values()), None),
        curve=_curve([trial for trial in first if trial.recipe and trial.trial > listed]),
        sensitivity=_sensitivity(first, space),
        edges=tuple(edge for edge in edges if edge.edge),
        agreements=tuple(_agreement(trials, *pair) for pair in pairwise(stages)),
    )


def _curve(first: Sequence[Trial]) -> ExpectedBest | None:
    """Return the curve of the first stage. A failed trial counts as the lowest objective of the stage."""
    scored = objectives_by_trial(first)
    if not scored:
        return None
    failed = len({trial.trial for trial in first} - scored.keys())
    steps = sum(trial.steps for trial in first) // (len(scored) + failed)
    return expected_best([*scored.values(), *[min(scored.values())] * failed], steps)


def _sensitivity(first: Sequence[Trial], space: Sequence[SpaceField]) -> tuple[Sensitivity, ...]:
    objectives = objectives_by_trial(first)
    recipes = {trial.trial: trial.recipe for trial in first}
    records = []
    for field in space:
        members = [number for number in objectives if field.name in recipes[number]]
        settings = [recipes[number][field.name] for number in members]
        is_range = not field.choices and all(is_number(value) for value in settings)
        groups = quantile_bins(settings) if is_range and settings else [text_of(value) for value in settings]
        values = [objectives[number] for number in members]
        explained = explained_variance(values, groups)
        if explained is not None:
            is_ranked = field.is_number and all(is_number(value) for value in settings)
            records.append(
                Sensitivity(field.name, explained, rank_correlation(settings, values) if is_ranked else None)
            )
    return tuple(sorted(records, key=lambda record: -record.explained.share))


def _agreement(trials: Sequence[Trial], first: int, second: int) -> StageAgreement:
    sides = [objectives_by_trial([t for t in trials if t.stage == stage]) for stage in (first, second)]
    shared = [number for number in sides[0] if number in sides[1]]
    values = [[side[number] for number in shared] for side in sides]
    steps = [max(t.steps for t in trials if t.stage == stage) for stage in (first, second)]
    is_same = bool(shared) and values[0][values[1].index(max(values[1]))] == max(values[0])
    return StageAgreement(steps[0], steps[1], len(shared), rank_correlation(*values), is_same)


def _ratio(value: int | float, reference: int | float) -> float | None:
    return value / reference if reference > 0 else None


def _failures(budgets: Mapping[str, Budget]) -> list[str]:
    failed = {name: budget.failed for name, budget in budgets.items() if budget.failed}
    listed = [f"{name} {count} of {budgets[name].trainings}" for name, count in failed.items()]
    if not listed:
        return []
    return [
        f"{format_count(sum(failed.values()), 'training')} failed and have no score: {shorten_list(listed)}; in the "
        "curves they count as the lowest objective of their stage"
    ]


def _contradictions(records: Sequence[VariantTuning], trials: Mapping[str, Sequence[Trial]]) -> list[str]:
    """Return a line for each choice that the trials contradict."""
    lines = []
    for record in records:
        choice = record.choice
        if choice is None:
            continue
        last = max(trial.stage for trial in trials[record.variant])
        final = [trial for trial in trials[record.variant] if trial.stage == last]
        means, mean = objectives_by_trial(final), record.final_mean
        name = f"The chosen recipe of {record.variant}"
        if mean is None:
            lines.append(f"{name} (trial {choice.trial}) has no score in the last stage")
            continue
        if any(t.trial == choice.trial and t.recipe != choice.recipe for t in final):
            lines.append(f"{name} is not the recipe of its trial {choice.trial}")
        if not math.isclose(mean, choice.objective, rel_tol=1e-6, abs_tol=1e-6):
            lines.append(f"{name} is recorded with objective {choice.objective:.4g}, but its trial has {mean:.4g}")
        if (best := max(means.values())) > mean + 1e-9:
            lines.append(f"{name} has objective {mean:.4g}, but another trial of the last stage has {best:.4g}")
    return lines
