"""Recipes drawn by the samplers of Optuna."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from auxjepa import variants
from auxjepa.config import RunConfig
from auxjepa.study.tuning.sampling import RecipeSampler, restrict
from auxjepa.study.tuning.settings import Tune

SPACE = {
    "optim.lr": {"low": 0.001, "high": 0.016, "log": True},
    "model.predictor_depth": {"low": 1, "high": 4, "whole": True},
    "teacher.momentum": [[0.9, 1.0], [0.99, 1.0]],
    "objectives.prediction.args.exponent": [1, 2],
}
OWN = {"ld": {"objectives.latent_dynamics.weight": {"low": 0.25, "high": 4, "log": True}}}


def recipes(variant: str, count: int = 12, **fields: Any) -> list[dict[str, Any]]:
    tune = Tune.model_validate({"space": SPACE, "variant_space": OWN, "seeds": [900]} | fields)
    sampler = RecipeSampler(tune, variant, partial(variants.apply, variant), RunConfig())
    out = []
    for number in range(count):
        out.append(sampler.draw(number))
        sampler.learn(number, -abs(out[-1].get("optim.lr", 0) - 0.004))
    return out


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_recipes_repeat_and_stay_in_their_space(sampler: str) -> None:
    drawn = recipes("ld", sampler=sampler)
    assert drawn == recipes("ld", sampler=sampler) and drawn[0] == {}
    assert drawn != recipes("ld", sampler=sampler, seed=1)
    for recipe in drawn[1:]:
        assert 0.001 <= recipe["optim.lr"] <= 0.016 and recipe["model.predictor_depth"] in (1, 2, 3, 4)
        assert recipe["teacher.momentum"] in SPACE["teacher.momentum"]
    assert len({recipe["optim.lr"] for recipe in drawn[1:]}) == 11


def test_random_recipes_have_equal_common_fields_for_every_variant() -> None:
    for own, reference in zip(recipes("ld")[1:], recipes("baseline")[1:], strict=True):
        assert {key: own[key] for key in reference} == reference and len(own) == len(reference) + 1
    for own, reference in zip(recipes("ld_only")[1:], recipes("baseline")[1:], strict=True):
        assert own == {key: value for key, value in reference.items() if key != "objectives.prediction.args.exponent"}


def test_a_sampler_that_learns_comes_nearer_to_the_best() -> None:
    drawn = recipes("baseline", 60, sampler="tpe")
    first, last = ([abs(one["optim.lr"] - 0.004) for one in part] for part in (drawn[1:11], drawn[50:]))
    assert sum(last) / len(last) < sum(first) / len(first) / 2


def test_a_recipe_is_restricted_to_the_terms_of_a_run() -> None:
    recipe = {"optim.lr": 0.1, "objectives.latent_dynamics.weight": 2.0}
    assert restrict(recipe, partial(variants.apply, "baseline"), RunConfig()) == {"optim.lr": 0.1}


def test_listed_recipes_come_first_and_shift_no_drawn_recipe() -> None:
    listed = [{"optim.lr": 0.5, "objectives.latent_dynamics.weight": 2.0}, {"teacher.schedule": "power"}]
    drawn, plain = recipes("baseline", recipes=listed), recipes("baseline")
    assert drawn[:3] == [{}, {"optim.lr": 0.5}, {"teacher.schedule": "power"}] and drawn[3:] == plain[3:]
    assert recipes("ld", recipes=listed)[1] == listed[0]


def test_a_field_that_a_variant_lacks_shifts_no_other_field() -> None:
    space = {"objectives.latent_dynamics.weight": {"low": 0.25, "high": 4}, "optim.lr": SPACE["optim.lr"]}
    for own, reference in zip(recipes("ld", space=space), recipes("baseline", space=space), strict=True):
        assert own.get("optim.lr") == reference.get("optim.lr")


def test_a_field_that_a_variant_sets_itself_is_not_part_of_its_recipe() -> None:
    listed = [{"teacher.momentum": [0.5, 1.0], "teacher.enabled": False, "optim.lr": 0.5}]
    drawn = recipes("sigreg_no_ema", recipes=listed)
    assert drawn[1] == {"teacher.enabled": False, "optim.lr": 0.5}
    assert all("teacher.momentum" not in recipe and "optim.lr" in recipe for recipe in drawn[1:])
    assert all("teacher.momentum" in recipe for recipe in recipes("baseline", recipes=listed)[1:])


def test_a_listed_value_of_the_base_stays_in_the_recipe() -> None:
    masks = [mask.model_dump(mode="json", exclude_defaults=True) for mask in RunConfig().masks]
    listed = [{"masks": masks, "optim.lr": 0.5}]
    assert recipes("baseline", recipes=listed)[1] == listed[0]
