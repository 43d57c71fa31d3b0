"""Warnings about designs that cannot decide what they register, before anything runs."""

from __future__ import annotations

from typing import Any

import pytest

from auxjepa.study.design_warnings import describe_power, design_warnings
from auxjepa.study.plan import StudyConfig

BENCHMARK = "world_direction"


def confirming(content: dict[str, Any], seeds: int, number: int = 1, **rule: Any) -> StudyConfig:
    hypotheses = [
        {"id": f"h{i}", "variant": "ld", "claim": "above", "reference": "baseline", "benchmark": BENCHMARK}
        for i in range(number)
    ]
    settings = {"phase": "confirm", "seeds": list(range(10, 10 + seeds)), "hypotheses": hypotheses, "rule": rule}
    return StudyConfig.model_validate(content | settings)


def test_a_design_that_decides_nothing_names_the_number_of_seeds_that_could(content: dict[str, Any]) -> None:
    (line,) = design_warnings(confirming(content, 3, 12))
    assert line.startswith("warning: 3 seeds cannot decide all 12 hypotheses at 0.05 after Holm")
    assert line.endswith("at least 9 seeds are needed")
    assert "5 seeds cannot decide 1 hypothesis" in design_warnings(confirming(content, 5))[0]


@pytest.mark.parametrize(
    ("seeds", "number", "rule", "is_enough"),
    [
        (6, 1, {}, True),
        (7, 4, {}, False),
        (8, 4, {}, True),
        (6, 4, {"correction": "benjamini_hochberg"}, True),
        (6, 1, {"alpha": 0.01}, False),
    ],
)
def test_the_rule_of_the_study_counts(
    content: dict[str, Any], seeds: int, number: int, rule: dict[str, Any], is_enough: bool
) -> None:
    study = confirming(content, seeds, number, **rule)
    assert (design_warnings(study) == []) == is_enough
    assert (describe_power(study) != []) == is_enough


def test_a_screen_has_no_warning(content: dict[str, Any]) -> None:
    assert design_warnings(StudyConfig.model_validate(content)) == []
    assert describe_power(StudyConfig.model_validate(content)) == []


def test_power_is_that_of_the_exact_test(content: dict[str, Any]) -> None:
    assert "an effect of 1.8 standard deviations" in describe_power(confirming(content, 6))[0]


def test_power_of_a_hypothesis_that_needs_others_is_no_infinite_effect(content: dict[str, Any]) -> None:
    (line,) = describe_power(confirming(content, 6, 4, correction="benjamini_hochberg"))
    assert "only if others of the family are decided too" in line and line.endswith("8 seeds can decide it alone")


def test_equivalence_in_a_study_with_looks_is_corrected_for_them(content: dict[str, Any]) -> None:
    h = {"id": "same", "variant": "ld", "claim": "equivalent", "reference": "baseline", "benchmark": BENCHMARK}
    settings = {"phase": "confirm", "seeds": list(range(10, 16)), "hypotheses": [h | {"margin": 20.0}]}
    study = content | {"sizes": {"test": 1000}} | settings
    assert design_warnings(StudyConfig.model_validate(study)) == []
    (line,) = design_warnings(StudyConfig.model_validate(study | {"rule": {"looks": [2, 3, 4, 6]}}))
    assert "6 seeds cannot decide 1 hypothesis" in line and line.endswith("at least 7 seeds are needed")


def test_margins_need_more_than_the_noise_of_the_clips(content: dict[str, Any]) -> None:
    h = {"id": "same", "variant": "ld", "claim": "equivalent", "reference": "baseline", "benchmark": BENCHMARK}

    def warnings(margin: float, seeds: int = 6) -> list[str]:
        settings = {"phase": "confirm", "seeds": list(range(10, 10 + seeds)), "hypotheses": [h | {"margin": margin}]}
        return design_warnings(StudyConfig.model_validate(content | {"sizes": {"test": 1000}} | settings))

    assert warnings(4.0) == []
    assert "'same' on world_direction: the margin ±1 is below the noise of the test clips (±3.1" in warnings(1.0)[0]
    assert "±90 is not below the distance to chance (87.5 points)" in warnings(90.0)[0]
    assert "4 seeds cannot decide 1 hypothesis" in warnings(4.0, seeds=4)[0]
