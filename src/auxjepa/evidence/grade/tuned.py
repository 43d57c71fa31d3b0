"""Criterion on tuning: the reference was tuned with the budget of the variants, by a search that can be checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auxjepa.evidence.analyses.tuning_budget import budgets_of, describe_inequality
from auxjepa.evidence.analyses.tuning_readings import are_equal_recipes
from auxjepa.evidence.analyses.tuning_results import TuningResults, study_tuning
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.study_folder.tuning import AT, TUNING, Choice, Tuning, at_reference
from auxjepa.evidence.study_folder.tuning_space import mapping_in
from auxjepa.lists import shorten_list
from auxjepa.rows import Row

SEARCH_FIELDS = ("space", "stages")
"""Fields of ``tune`` in ``study.yaml`` that only a search has; a stated number of trials has none of them."""
DIGEST = "tuning_digest"
ONE_READING = 0.5
"""Share without the second reading."""


def grade_tuning(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "tuned alike".

    A search is checked (``tuning/``). Without one, ``tune`` in ``study.yaml`` can state a number of trials by variant.

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    record = study.settings.get("tune")
    is_search = isinstance(record, dict) and any(field in record for field in SEARCH_FIELDS)
    if not (is_search or study.tuning or study.settings.get(DIGEST)):
        return _grade_statement(record, {row.variant for row in scored}, study.reference)
    if study.tuning is None:
        return 0.0, f"{TUNING}/ is missing, so nothing shows how the recipes were chosen"
    if not scored:
        return 0.0, "no score yet"
    results = study_tuning(study.tuning, study.reference)
    if results is None:
        return 0.0, f"{TUNING}/ has no trial"
    names = sorted({row.variant for row in scored})
    faults = [
        *_digest_faults(study, study.tuning),
        *_budget_faults(study.tuning, names, study.reference),
        *_choice_faults(study, study.tuning, results, names),
        *_overlap_faults(study.tuning, results, scored, study.seeds),
    ]
    if faults:
        return 0.0, shorten_list(faults, 3, "; ")
    return _grade_readings(study.tuning.chosen, results, names)


def _grade_statement(record: Any, names: set[str], reference: str) -> tuple[float, str]:
    """Return share and reason of a stated number of trials by variant."""
    record = record.get("trials", record) if isinstance(record, dict) else record
    if not isinstance(record, dict) or not record:
        return 0.0, "no record of how the reference and the variants were tuned (tune: in study.yaml)"
    trials = {name: record.get(name) for name in names}
    numbers = {name: n for name, n in trials.items() if isinstance(n, int) and not isinstance(n, bool) and n > 0}
    if len(numbers) < len(names) or reference not in numbers:
        return 0.0, f"the record names the trials of {len(numbers)} of {len(names)} variants"
    most = max(numbers.values())
    stated = numbers[reference]
    return min(1.0, stated / most), f"stated, not checked: {stated} trials of {reference}, at most {most} of a variant"


def _digest_faults(study: Study, tuning: Tuning) -> list[str]:
    """Return why the search is not shown to be the one that chose the recipes; empty where it is."""
    if not tuning.recorded_digest:
        return ["the search is not finished, or its digest is missing"]
    if tuning.is_edited:
        return [f"the search was edited: its digest is {tuning.digest} instead of {tuning.recorded_digest}"]
    places = {"study.yaml": study.settings.get(DIGEST)}
    if study.registered is not None:
        places["the registration"] = study.registered.registration.design.get(DIGEST)
    faults = []
    for place, digest in places.items():
        if not digest:
            faults.append(f"{place} does not contain the digest of the search")
        elif digest != tuning.digest:
            faults.append(f"{place} names another search ({digest} instead of {tuning.digest})")
    return faults


def _budget_faults(tuning: Tuning, names: list[str], reference: str) -> list[str]:
    """Return which variants were not tuned, and in what budgets differ."""
    budgets = budgets_of(tuning.trials)
    tuned = {name: budgets[name] for name in map(_without_recipe, names) if name in budgets}
    missing = [name for name in names if _without_recipe(name) not in budgets]
    faults = [f"not tuned: {shorten_list(missing)}"] if missing else []
    if reference not in tuned:
        faults.append(f"the reference ({reference}) has no tuned score")
    if inequality := describe_inequality(tuned):
        faults.append(f"unequal budgets: {inequality}")
    return faults


def _choice_faults(study: Study, tuning: Tuning, results: TuningResults, names: list[str]) -> list[str]:
    """Return which recipes are not the best of the search, or are not those of the study."""
    recipes = {name: dict(mapping_in(mapping_in(study.settings, "recipes"), name)) for name in names}
    chosen = {name: choice.recipe for name, choice in tuning.chosen.items()}
    different = [name for name in names if name in chosen and recipes[name] != chosen[name]]
    shared = chosen.get(study.reference, {})
    different += [name for name in names if AT in name and not are_equal_recipes(recipes[name], shared)]
    absent = [name for name in map(_without_recipe, names) if name not in tuning.chosen]
    faults = [f"no recipe is chosen for {shorten_list(absent)}"] if absent else []
    faults += [f"study.yaml has other recipes than the search chose: {shorten_list(different)}"] if different else []
    return faults + list(results.contradictions)


def _overlap_faults(tuning: Tuning, results: TuningResults, scored: list[Row], seeds: list[int]) -> list[str]:
    """Return which seeds and networks of the search are scored."""
    shared = sorted(set(results.seeds) & {*seeds, *(row.seed for row in scored)})
    networks = {trial.run for trial in tuning.trials} & {row.run for row in scored} - {""}
    faults = [f"the search used scored seeds: {shorten_list([str(seed) for seed in shared])}"] if shared else []
    return faults + ([f"networks of the search have scores: {len(networks)}"] if networks else [])


def _grade_readings(chosen: Mapping[str, Choice], results: TuningResults, names: list[str]) -> tuple[float, str]:
    """Return share and reason of a search without faults: full with both readings of every variant."""
    reference = results.reference
    single = [
        name
        for name in names
        if AT not in name
        and name != reference
        and at_reference(name, reference) not in names
        and not are_equal_recipes(chosen[name].recipe, chosen[reference].recipe)
    ]
    first = results.variants[0].budget
    reason = (
        f"checked: {first.first_trials} recipes and {first.updates:,} updates for each of {len(results.variants)} "
        f"variants, chosen on validation clips, seeds and digest agree"
    )
    if at_edge := [record.variant for record in results.variants if record.edges]:
        reason += f"; a chosen value is at an edge for {shorten_list(at_edge)}"
    if not single:
        return 1.0, f"{reason}; both readings"
    return ONE_READING, f"{reason}; not scored at the recipe of {reference}: {shorten_list(single)}"


def _without_recipe(name: str) -> str:
    """Return the variant of a name such as ``ld@baseline``."""
    return name.split(AT)[0]
