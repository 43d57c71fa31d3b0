"""Recipes laid over runs."""

from __future__ import annotations

import pytest

from auxjepa import variants
from auxjepa.config import ConfigError, RunConfig
from auxjepa.study.tuning.recipe import change_fields, configure, has_field


def variant(name: str, recipe: dict[str, object]) -> RunConfig:
    return configure(lambda base: variants.apply(name, base), RunConfig(), recipe)


def test_fields_of_the_run_and_of_its_terms_are_changed() -> None:
    recipe = {"optim.lr": 0.5, "objectives.latent_dynamics.weight": 0.25, "model.predictor_depth": 3}
    run = variant("ld", recipe)
    plain = variants.apply("ld", RunConfig())
    assert (run.optim.lr, run.objectives["latent_dynamics"].weight, run.model.predictor_depth) == (0.5, 0.25, 3)
    assert run.objectives["prediction"] == plain.objectives["prediction"] and run.teacher == plain.teacher
    assert configure(lambda base: variants.apply("ld", base), RunConfig(), {}) == plain


def test_what_defines_a_variant_stays() -> None:
    masks = [{"kind": "random_tube", "args": {"ratio": 0.5}}]
    own = next(name for name in variants.VARIANTS if variants.find(name).masks is not None)
    assert variant("baseline", {"masks": masks}).masks[0].kind == "random_tube"
    assert variant(own, {"masks": masks}).masks[0].kind == variants.apply(own, RunConfig()).masks[0].kind


def test_a_missing_term_and_a_wrong_value_are_named() -> None:
    assert not has_field(variants.apply("baseline", RunConfig()), "objectives.latent_dynamics.weight")
    with pytest.raises(ConfigError, match=r"objectives\.latent_dynamics\.weight: baseline has no such term"):
        variant("baseline", {"objectives.latent_dynamics.weight": 1.0})
    with pytest.raises(ConfigError, match=r"recipe: .*lr"):
        change_fields(RunConfig(), {"optim.lr": -1})
