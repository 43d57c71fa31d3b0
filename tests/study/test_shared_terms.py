"""Changes of terms that a study makes once for all its variants, under ``base.objectives``."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from auxjepa import variants
from auxjepa.config import ConfigError, ObjectiveConfig, RunConfig, to_yaml
from auxjepa.study.own_study import resolve_study
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.study.shared_terms import take_terms
from auxjepa.yaml_text import load

SQUARED = {"prediction": {"args": {"exponent": 2}}}


def study(terms: Any, *entries: Any, **base: Any) -> StudyConfig:
    names = entries or ("baseline", "ld", "ld_only")
    content = {"name": "terms", "variants": [*names], "seeds": [0], "benchmarks": ["world_order"]}
    if "baseline" not in names:
        content["reference"] = names[0]
    return StudyConfig.model_validate(content | {"base": {"objectives": terms, **base}})


def term(own: StudyConfig, variant: str, key: str = "prediction") -> ObjectiveConfig:
    return own.configure(variant, own.base).objectives[key]


@pytest.mark.parametrize(
    ("field", "value"),
    [("weight", 0.5), ("args", {"exponent": 2}), ("schedule", {"kind": "linear", "first": 0.5})],
)
def test_every_field_of_the_prediction_term_reaches_the_variants_that_have_it(field: str, value: Any) -> None:
    own = study({"prediction": {field: value}})
    expected = getattr(ObjectiveConfig.model_validate({field: value}), field)
    assert getattr(term(own, "baseline"), field) == getattr(term(own, "ld"), field) == expected
    plain = study({})
    keys, unchanged = ({run.config.variant: run.key for run in plan(one)} for one in (own, plain))
    assert {name for name in keys if keys[name] != unchanged[name]} == {"baseline", "ld"}
    assert own.differences(plain) and not own.differences(StudyConfig.model_validate(load(to_yaml(own))))


def test_variants_without_the_term_are_named() -> None:
    (note,) = study(SQUARED, "baseline", "ld", "ld_only", "mae").describe_terms()
    assert note == "base.objectives.prediction: no effect on ld_only and mae, which do not have this term"
    assert study(SQUARED, "baseline", "ld").describe_terms() == []


def test_a_change_keeps_the_other_settings_of_a_term() -> None:
    own = study({"hard_region": {"args": {"temperature": 0.5}}}, "baseline", "hw", "fwm_hw_ld")
    for name in ("hw", "fwm_hw_ld"):
        registered = variants.find(name).objectives["hard_region"]
        assert term(own, name, "hard_region").weight == registered.weight
        assert term(own, name, "hard_region").args == registered.args | {"temperature": 0.5}


def test_a_weight_that_is_the_default_of_terms_is_a_change_too() -> None:
    """The weight of hw is 0.3; 1 is the default of every term."""
    own = study({"hard_region": {"weight": 1}}, "baseline", "hw")
    assert term(own, "hw", "hard_region").weight == 1
    again = StudyConfig.model_validate(load(to_yaml(own)))
    assert again == own and term(again, "hw", "hard_region").weight == 1


def test_the_record_of_a_variant_comes_after_the_study() -> None:
    records = (
        {"name": "cubic", "from": "ld", "objectives": {"prediction": {"args": {"exponent": 3}}}},
        {"name": "alone", "objectives": {"prediction": {"weight": 5}}},
        {"name": "renamed", "objectives": {"main": {"name": "prediction"}}},
        {"name": "wide", "from": "baseline", "optim": {"lr": 0.1}},
        {"from": "baseline", "sweep": {"objectives.prediction.weight": [3, 4]}},
        {"name": "none", "from": "ld", "objectives": {"prediction": None}},
    )
    own = study({"prediction": {"args": {"exponent": 2}, "weight": 2}}, "baseline", *records)
    settings = {
        name: (term(own, name, key).args["exponent"], term(own, name, key).weight)
        for name, key in [(name, "main" if name == "renamed" else "prediction") for name in own.variants[:-1]]
    }
    assert settings == {
        "baseline": (2, 2),
        "cubic": (3, 2),
        "alone": (2, 5),
        "renamed": (2, 2),
        "wide": (2, 2),
        "baseline:prediction.weight=3": (2, 3),
        "baseline:prediction.weight=4": (2, 4),
    }
    assert "prediction" not in own.configure("none", own.base).objectives


def test_a_variant_with_the_settings_of_the_study_is_refused() -> None:
    same = {"name": "same", "from": "baseline", "objectives": SQUARED}
    with pytest.raises(ValidationError, match="'baseline' and 'same' have equal settings"):
        study(SQUARED, "baseline", same)
    assert study({}, "baseline", same).variants == ("baseline", "same")


def test_flags_change_the_terms_of_the_file() -> None:
    content = study({}).model_dump(mode="json") | {"base": {"objectives": {"prediction": {"weight": 3}}}}
    flags = {"base": {"objectives": {"prediction": {"weight": 1.0, "args": {"exponent": 2}}}}}
    own = resolve_study(content, flags, StudyConfig.model_validate)
    assert (term(own, "ld").weight, term(own, "ld").args) == (1, {"exponent": 2})
    assert list(own.scale_notes) == own.describe_terms() != []
    assert term(resolve_study(content, {}, StudyConfig.model_validate), "ld").weight == 3


def test_a_run_configuration_in_python_has_the_same_meaning() -> None:
    base = RunConfig(objectives={"prediction": ObjectiveConfig(args={"exponent": 2})})
    content = {"name": "terms", "variants": ["baseline", "ld"], "seeds": [0], "benchmarks": ["world_order"]}
    own = StudyConfig.model_validate({**content, "base": base})
    assert term(own, "ld").args == {"exponent": 2} and own == study(SQUARED, "baseline", "ld")


def test_default_terms_and_context_are_what_they_were() -> None:
    assert study({"prediction": {}}) == study({}) == study(RunConfig().model_dump(mode="json")["objectives"])
    dense = {"dense": {"name": "context", "weight": 0.5}}
    own = study({**dense, **SQUARED})
    assert own.base.objectives.keys() == {"prediction", "dense"} and own.terms == SQUARED
    assert {*own.configure("ld_only", own.base).objectives} == {"latent_dynamics", "dense"}
    assert take_terms({"name": "x"}) == {"name": "x"}


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"delta": {}}, "base.objectives.delta isn't used: no variant of the study has this term; their terms are "),
        ({"predicton": {"weight": 2}}, "base.objectives.predicton isn't used.*did you mean 'prediction'"),
        ({"prediction": None}, "base.objectives.prediction must list changed fields"),
        ({"prediction": {"weigth": 2}}, "base.objectives.prediction.weigth isn't used.*did you mean 'weight'"),
        ({"prediction": {"weight": -1}}, "base.objectives.prediction.weight"),
        ({"prediction": {"name": "delta"}}, "base.objectives.prediction.name isn't used"),
        ({"prediction": {"args": 3}}, "base.objectives.prediction.args"),
        ([], "base.objectives must list terms by name"),
    ],
)
def test_mistakes_are_one_line_that_names_the_field(terms: Any, words: str) -> None:
    with pytest.raises((ValidationError, ConfigError), match=words.replace("?", r"\?")) as caught:
        study(terms)
    assert "\n" not in str(caught.value.errors()[0]["msg"])  # type: ignore[union-attr]
