"""Searches that do not fit their study are refused before anything is trained."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from auxjepa.study.plan import StudyConfig


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seeds": [0, 900]}, "seed 0 is scored or was screened on"),
        ({"seeds": [77]}, "seed 77 is scored or was screened on"),
        ({"benchmarks": ["world_order"]}, "'world_order' is no benchmark of the study"),
        ({"objective": "world_order"}, "'world_order' is no benchmark of the study"),
        ({"variant_space": {"mae": {"optim.lr": [0.1, 0.2]}}}, "names 'mae', which is no variant"),
        ({"stages": [{"steps": 5, "trials": 2}]}, "the last stage has 5 steps, and a run of the study has 3"),
        ({"space": {"objectives.infonce.weight": [0.1, 0.2]}}, "no variant has objectives.infonce.weight"),
        ({"variant_space": {"ld": {"objectives.infonce.weight": [0.1, 0.2]}}}, "ld has no objectives.infonce.weight"),
        ({"space": {"optim.lr": [0.1, -1]}}, "baseline: optim.lr can't be -1"),
        ({"space": {"optim.clip": {"low": -1, "high": 1}}}, "optim.clip can't be -1"),
        ({"recipes": [{"optim.lr": -2}]}, "optim.lr can't be -2"),
        ({"recipes": [{"objectives.latent_dynamic.weight": 1}]}, "no variant has objectives.latent_dynamic.weight"),
        ({"space": {"model.predictor_depth": {"low": 1, "high": 4}}}, "model.predictor_depth can't be 2.11"),
        ({"space": {"masks": [[{"kind": "multiblock"}], [{"blocks": 0}]]}}, "masks can't be"),
    ],
)
def test_a_search_that_does_not_fit_is_refused(tuned_content: dict[str, Any], changes: Any, words: str) -> None:
    record = tuned_content | {"screened_seeds": [77], "tune": tuned_content["tune"] | changes}
    with pytest.raises(ValidationError, match=words):
        StudyConfig.model_validate(record)


def test_a_field_that_changes_no_variant_is_refused(tuned_content: dict[str, Any]) -> None:
    momentum = {"teacher.momentum": [[0.9, 1.0], [0.99, 1.0]]}
    record = tuned_content | {"hypotheses": []}

    def refusal(variants: list[str], **tune: Any) -> str:
        changes = {"variant_space": {}} | tune
        content = record | {"variants": variants, "reference": variants[0], "tune": tuned_content["tune"] | changes}
        with pytest.raises(ValidationError) as caught:
            StudyConfig.model_validate(content)
        return str(caught.value)

    without_teacher = ["sigreg_no_ema", "sigreg_no_ema_released"]
    assert "no variant has teacher.momentum" in refusal(without_teacher, space=momentum)
    assert "sigreg_no_ema has no teacher.momentum" in refusal(
        ["sigreg_no_ema", "ld"], variant_space={"sigreg_no_ema": momentum}
    )
    fixed = {"masks": [[{"kind": "causal"}], [{"kind": "multiblock"}]]}
    assert "masks changes no variant" in refusal(["ld_causal"], space=fixed)
    assert "ld_causal sets masks itself" in refusal(["ld_causal", "ld"], variant_space={"ld_causal": fixed})


def test_recipes_of_other_variants_are_refused(content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="recipes names 'mae', which is no variant"):
        StudyConfig.model_validate(content | {"recipes": {"mae": {"optim.lr": 0.1}}})


def test_a_study_without_a_search_has_the_hash_that_it_had(content: dict[str, Any]) -> None:
    written = StudyConfig.model_validate(content).model_dump(mode="json")
    assert not {"tune", "recipes", "tuning_digest"} & written.keys()


def test_hypotheses_can_name_variants_at_the_recipe_of_the_reference(tuned_content: dict[str, Any]) -> None:
    claim = {"id": "a", "variant": "ld@baseline", "claim": "above", "reference": "baseline"}
    record = tuned_content | {"phase": "confirm", "hypotheses": [claim | {"benchmark": "world_direction"}]}
    assert StudyConfig.model_validate(record).hypotheses[0].variant == "ld@baseline"
    with pytest.raises(ValidationError, match="ld@baseline"):
        StudyConfig.model_validate({key: value for key, value in record.items() if key != "tune"})
