"""Variants that a study file defines: changes, complete variants, sweeps, and their hashes."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from auxjepa import variants
from auxjepa.config import RunConfig, to_yaml
from auxjepa.study.own_variants import families
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.yaml_text import load

HALF = {"name": "ld_half", "from": "ld", "objectives": {"latent_dynamics": {"weight": 0.5}}}


def study(*entries: Any, **fields: Any) -> StudyConfig:
    content = {"name": "own", "variants": ["baseline", *entries], "seeds": [0], "benchmarks": ["world_order"]}
    return StudyConfig.model_validate(content | fields)


def fault(*entries: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        study(*entries)
    (error,) = caught.value.errors()
    assert "\n" not in error["msg"]
    return error["msg"].removeprefix("Value error, ")


def test_a_change_keeps_everything_else_of_the_registered_variant() -> None:
    own = study("ld", HALF).configure("ld_half", RunConfig())
    registered = variants.apply("ld", RunConfig())
    assert own.objectives["latent_dynamics"].weight == 0.5 and own.variant == "ld_half"
    restored = own.model_copy(
        update={"objectives": {**own.objectives, "latent_dynamics": registered.objectives["latent_dynamics"]}}
    )
    assert restored.content_hash() == registered.content_hash() != own.content_hash()


def test_every_field_that_a_variant_may_change() -> None:
    own = study(
        {
            "name": "mine",
            "from": "ld",
            "objectives": {
                "latent_dynamics": {"schedule": {"kind": "linear", "first": 0.0}},
                "delta": {"weight": 0.25},
                "prediction": None,
            },
            "masks": [{"blocks": 2}, {"scale": 0.5}],
            "teacher": {"momentum": [0.9, 1.0]},
            "optim": {"lr": 0.01},
        }
    ).configure("mine", RunConfig())
    assert {*own.objectives} == {"latent_dynamics", "delta"} and own.objectives["delta"].weight == 0.25
    assert own.objectives["latent_dynamics"].schedule.kind == "linear"
    assert [(mask.blocks, mask.scale) for mask in own.masks] == [(2, 0.15), (3, 0.5)]
    assert own.teacher.momentum == (0.9, 1.0) and own.optim.lr == 0.01 and own.optim.steps == RunConfig().optim.steps


def test_a_complete_variant_has_its_terms_alone_and_the_context_term_of_the_study() -> None:
    base = {"objectives": {"prediction": {}, "context": {"weight": 0.5}}}
    own = study({"name": "mine", "objectives": {"delta": {}}}, base=base)
    assert {*own.configure("mine", own.base).objectives} == {"delta", "context"}


def test_one_change_of_every_mask_keeps_their_number() -> None:
    own = study({"name": "causal", "from": "baseline", "masks": {"kind": "causal"}}, base={"masks": [{}, {}]})
    assert [mask.kind for mask in own.configure("causal", own.base).masks] == ["causal", "causal"]


def test_a_sweep_gives_one_variant_for_each_combination_and_one_family() -> None:
    sweep = {"objectives.latent_dynamics.weight": [0.1, 0.3], "optim.lr": [0.001, 0.002]}
    own = study({"from": "ld", "sweep": sweep})
    names = [
        f"ld:latent_dynamics.weight={weight},lr={rate}" for weight in ("0.1", "0.3") for rate in ("0.001", "0.002")
    ]
    assert list(own.variants) == ["baseline", *names]
    assert families(own.definitions) == {"ld:latent_dynamics.weight,lr": names}
    run = own.configure(names[1], RunConfig())
    assert (run.objectives["latent_dynamics"].weight, run.optim.lr) == (0.1, 0.002)


def test_a_sweep_reaches_arguments_of_a_term() -> None:
    own = study({"name": "sharp", "from": "hw", "sweep": {"objectives.hard_region.args.temperature": [0.1, 0.5]}})
    assert list(own.variants)[1:] == ["sharp:hard_region.temperature=0.1", "sharp:hard_region.temperature=0.5"]
    run = own.configure(own.variants[1], RunConfig())
    assert run.objectives["hard_region"].args["temperature"] == 0.1
    assert {**run.objectives["hard_region"].args, "temperature": 0} == {
        **variants.apply("hw", RunConfig()).objectives["hard_region"].args,
        "temperature": 0,
    }


def test_the_file_of_a_study_folder_gives_the_same_study() -> None:
    own = study(HALF, {"from": "ld", "sweep": {"optim.lr": [0.001, 0.003]}})
    again = StudyConfig.model_validate(load(to_yaml(own)))
    assert again == own and not own.differences(again) and [r.key for r in plan(own)] == [r.key for r in plan(again)]


def test_other_settings_of_a_definition_are_another_study() -> None:
    other = HALF | {"objectives": {"latent_dynamics": {"weight": 0.6}}}
    (difference,) = study(HALF).differences(study(other))
    assert difference == "definitions.ld_half.objectives.latent_dynamics.weight is 0.5 here and 0.6 there"


def test_a_selection_of_variants_leaves_unused_definitions_out() -> None:
    own = study("ld", HALF)
    fewer = StudyConfig.model_validate(own.model_dump(mode="json") | {"variants": ["baseline", "ld"]})
    assert fewer.definitions == {} and not fewer.differences(study("ld"))


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([{"from": "ld"}], "a record needs a name"),
        ([HALF | {"name": "ld"}], "'ld' is a registered variant"),
        ([HALF | {"name": "chance"}], "'chance' is the name of a control"),
        ([HALF | {"name": "a\nb"}], "can't be the name of a variant"),
        ([HALF | {"name": 3}], "a name is a text, got 3"),
        ([HALF, HALF], "two records have the name 'ld_half'"),
        ([HALF | {"from": "lq"}], "no variant is called 'lq'; did you mean"),
        ([HALF | {"objectives": {"delta": None}}], "objectives.delta: ld has no such term to remove"),
        ([HALF | {"objectives": {"latent_dynamics": {"weight": -1}}}], "variant 'ld_half': objectives.latent_dynamics"),
        ([HALF | {"optim": {"lrr": 1}}], "optim.lrr"),
        ([HALF | {"masks": {"kindd": "causal"}}], "masks"),
        (["ld", {"name": "same", "from": "ld"}], "variants 'ld' and 'same' have equal settings"),
        ([{"from": "ld", "sweep": {"model.size": ["nano", "tiny"]}}], "a sweep can't change 'model.size'"),
        ([{"from": "ld", "sweep": {"optim.lr": [0.1]}}], "needs a list of two or more values"),
        ([{"from": "ld", "sweep": {"optim.lr": [0.1, 0.1]}}], "lists a value twice"),
        ([{"from": "ld", "sweep": 3}], "must list values by field"),
        ([{"sweep": {"optim.lr": [0.1, 0.2]}}], "a sweep needs `from`, or a name"),
        ([{"from": "ld", "sweep": {"optim.lr": list(range(1, 1100))}}], "gives 1,099 variants"),
    ],
)
def test_mistakes_are_one_line(entries: list[Any], words: str) -> None:
    assert words in fault(*entries)


def test_an_unknown_field_of_a_record_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        study(HALF | {"modle": {}})
