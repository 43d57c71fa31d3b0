"""Planned and missing scores."""

from __future__ import annotations

from auxjepa.evidence.study_folder.completion import complete, texts_of
from auxjepa.evidence.study_folder.folder import Study


def test_a_young_study_has_planned_scores() -> None:
    study = Study("s", reference="a", variants=["a", "b"], seeds=[0, 1], benchmarks=["x"], has_plan=True)
    study.regimes = {"world": {}, "web": {}}
    complete(study, {"web": ["a"]})
    assert (study.planned, study.absent, study.notes) == (6, 6, [])


def test_values_of_the_study_file() -> None:
    assert texts_of({"a": 1}) == ["a: 1"] and texts_of([{"name": "x"}, "y"]) == ["x", "y"]
    assert texts_of("z") == ["z"] and texts_of(None) == []
