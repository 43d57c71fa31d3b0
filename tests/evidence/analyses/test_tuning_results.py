"""Results of a fabricated search: budgets, curves, sensitivity, edges, stages and warnings."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from auxjepa.evidence.analyses.tuning_results import TuningResults, VariantTuning, study_tuning
from auxjepa.evidence.study_folder.tuning import Choice, Trial, Tuning, read_tuning
from written_tuning import choices, search_settings, search_trials, write_search

VARIANTS = ["ld", "baseline"]


def results_of(trials: list[Trial], chosen: dict[str, Choice] | None = None, **tune: object) -> TuningResults:
    settings = search_settings(VARIANTS)
    settings["tune"] |= tune
    if chosen is None:
        chosen = {name: Choice.model_validate(content) for name, content in choices(trials).items()}
    results = study_tuning(Tuning(settings, tuple(trials), chosen, "d" * 16), "baseline")
    assert results is not None
    return results


@pytest.fixture(scope="session")
def trials() -> list[Trial]:
    return search_trials(VARIANTS)


def of(results: TuningResults, name: str) -> VariantTuning:
    return next(record for record in results.variants if record.variant == name)


def test_budgets_choices_and_curves(trials: list[Trial], tmp_path: Path) -> None:
    write_search(tmp_path, search_settings(VARIANTS), trials)
    results = study_tuning(read_tuning(tmp_path), "baseline")
    assert results is not None
    assert [record.variant for record in results.variants] == ["baseline", "ld"]
    assert (results.inequality, results.warnings, results.seeds) == ("", (), (900, 901))
    ld = of(results, "ld")
    assert [(s.trials, s.trainings, s.steps) for s in ld.budget.stages] == [(16, 16, 100), (5, 5, 300), (2, 4, 800)]
    assert (ld.budget.updates, ld.budget.seconds, ld.update_ratio) == (6300, 315.0, 1.0)
    assert ld.choice is not None
    assert set(ld.final) == {900, 901}
    assert ld.final_mean == pytest.approx(ld.choice.objective)
    assert ld.curve is not None
    first = [t.objective for t in trials if t.variant == "ld" and t.stage == 0 and t.recipe]
    assert ld.base_objective == next(t.objective for t in trials if t.variant == "ld" and not t.recipe)
    assert ld.curve.mean[1] == pytest.approx(np.mean([max(pair) for pair in combinations(first, 2)]))
    assert ld.curve.steps[-1] == 1500
    assert [a.trials for a in ld.agreements] == [5, 2]
    assert ld.agreements[0].rank is not None
    assert ld.agreements[1].rank is None


def test_the_field_that_matters_explains_most() -> None:
    planted = [
        t.model_copy(update={"objective": t.recipe.get("optim.weight_decay", 0.0) + 0.001 * t.trial})
        for t in search_trials(["ld"])
    ]
    record = of(results_of(planted), "ld")
    best = record.sensitivity[0]
    assert best.field == "optim.weight_decay"
    assert best.explained.share > 0.95
    assert best.explained.p < 0.01
    assert best.rank is not None
    assert best.rank > 0.9
    masks = next(s for s in record.sensitivity if s.field == "masks")
    assert masks.rank is None
    assert masks.explained.groups == 2
    lr = next(s for s in record.sensitivity if s.field == "optim.lr")
    assert lr.explained.groups == 4


def test_chosen_values_at_edges_are_named(trials: list[Trial]) -> None:
    recipe = {"optim.lr": 0.0159, "optim.weight_decay": 0.0, "masks": [{"kind": "other"}]}
    ld = of(results_of(trials, {"ld": Choice(trial=0, recipe=recipe, objective=0.5)}), "ld")
    assert [(e.field, e.edge) for e in ld.edges] == [
        ("optim.lr", "high"),
        ("optim.weight_decay", "low"),
        ("masks", "outside"),
    ]


def test_an_unequal_budget_is_described() -> None:
    results = results_of(search_trials(VARIANTS, extra={"ld": 8}))
    assert results.inequality == "baseline 16 trials and 6,300 updates; ld 24 trials and 7,100 updates"
    assert of(results, "ld").update_ratio == pytest.approx(7100 / 6300)


def test_failed_trials_are_counted_and_worst_in_the_curve(trials: list[Trial]) -> None:
    failed = [
        t.model_copy(update={"objective": None, "failed": "the loss is not finite"})
        if (t.variant, t.stage) == ("ld", 0) and t.trial < 3
        else t
        for t in trials
    ]
    results = results_of(failed)
    assert "3 trainings failed and have no score: ld 3 of 25" in results.warnings[0]
    assert results.inequality == ""
    ld = of(results, "ld")
    assert ld.curve is not None
    scored = [t.objective for t in failed if (t.variant, t.stage) == ("ld", 0) and t.objective is not None]
    assert ld.base_objective is None
    assert ld.curve.mean[0] == pytest.approx(np.mean([*scored, *[min(scored)] * 2]))


def test_choices_that_the_trials_contradict_are_named(trials: list[Trial]) -> None:
    chosen = {name: Choice.model_validate(content) for name, content in choices(trials).items()}
    last = [t for t in trials if t.variant == "ld" and t.stage == 2]
    worse = next(t for t in last if t.trial != chosen["ld"].trial)
    mean = float(np.mean([t.objective for t in last if t.trial == worse.trial]))
    results = results_of(trials, {**chosen, "ld": Choice(trial=worse.trial, recipe=worse.recipe, objective=mean)})
    assert len(results.warnings) == 1
    assert "another trial of the last stage has" in results.warnings[0]
    edited = chosen["ld"].model_copy(update={"objective": 0.99, "recipe": {"optim.lr": 0.5}})
    warnings = " ".join(results_of(trials, {**chosen, "ld": edited}).warnings)
    assert "is not the recipe of its trial" in warnings
    assert "is recorded with objective 0.99" in warnings
    absent = results_of(trials, {"ld": chosen["ld"].model_copy(update={"trial": 99})})
    assert "(trial 99) has no score in the last stage" in absent.warnings[0]
    assert "No recipe is chosen for baseline" in absent.warnings[1]


def test_other_samplers_and_an_unfinished_search(trials: list[Trial]) -> None:
    assert "not independent draws" in results_of(trials, sampler="tpe").warnings[0]
    started = results_of([t for t in trials if t.stage == 0], {})
    assert of(started, "ld").choice is None
    assert of(started, "ld").final_mean is None
    assert started.warnings == ()
    assert study_tuning(None) is None
    assert study_tuning(Tuning(), "baseline") is None
    without = study_tuning(Tuning({}, tuple(trials)), "other")
    assert without is not None
    assert without.reference == ""
    assert of(without, "ld").update_ratio is None
    assert of(without, "ld").sensitivity == ()
