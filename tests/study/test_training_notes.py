"""Notes on training that plan, register and run print."""

from __future__ import annotations

from typing import Any

from auxjepa.study.plan import StudyConfig
from auxjepa.study.training_notes import training_notes
from auxjepa.train.teacher_advice import advise_teacher


def test_a_study_names_the_teacher_of_short_runs_once(content: dict[str, Any]) -> None:
    study = StudyConfig.model_validate(content)
    (note,) = training_notes(study)
    assert note == advise_teacher(study.configure("ld", study.base)) and "100%" in note


def test_variants_with_another_teacher_are_not_meant(content: dict[str, Any]) -> None:
    power = {"name": "power", "from": "ld", "teacher": {"schedule": "power"}}
    study = StudyConfig.model_validate(content | {"variants": ["baseline", "ld", power]})
    assert training_notes(study)[0].endswith("(2 of 3 variants, at most)")
    base = {**content["base"], "teacher": {"schedule": "power"}}
    assert training_notes(StudyConfig.model_validate(content | {"base": base})) == []


def test_terms_without_effect_are_notes(content: dict[str, Any]) -> None:
    base = {"teacher": {"schedule": "power"}, "objectives": {"latent_dynamics": {"weight": 0.5}}}
    study = StudyConfig.model_validate(content | {"base": base})
    assert training_notes(study) == study.describe_terms() != []
