"""The audit raises the findings of docs/paper/findings.md for the released variants, and no other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.audit import Audit, rules
from auxjepa.audit.records import Spread

Get = Callable[[str], Audit]


def numbers(audit: Audit) -> list[int]:
    return [finding.number for finding in audit.findings]


def test_the_released_headline_variant(audited: Get) -> None:
    audit = audited("fwm_hw_ld_released")
    assert numbers(audit) == [1, 3, 4, 8]
    dead, depth, even, late = audit.findings
    assert dead.terms == ["latent_dynamics"] and "no trainable parameter" in dead.message
    assert set(depth.terms) == {"static_appearance", "cross_covariance", "latent_dynamics"}
    assert "1, 1, 0, 0" in depth.message and "static_appearance never reaches it" in depth.message
    assert "hard_region" in even.terms
    assert late.terms == ["context"] and "50 %" in late.message


def test_the_released_kinematic_variant(audited: Get) -> None:
    audit = audited("kinematic_released")
    assert numbers(audit) == [2, 8]
    assert "teacher" in audit.findings[0].message and "random initialisation" in audit.findings[0].message
    assert audit.updated == {"student": True, "predictor": True}


def test_together_they_are_exactly_the_published_findings(audited: Get) -> None:
    both = {*numbers(audited("fwm_hw_ld_released")), *numbers(audited("kinematic_released"))}
    assert both == {1, 2, 3, 4, 8}


def test_the_described_headline_variant_has_no_dead_term(audited: Get) -> None:
    audit = audited("fwm_hw_ld")
    assert set(numbers(audit)) <= {4}  # at temperature 1 the weights are what they are
    assert audit.updated == {"student": True, "predictor": True, "teacher": True}
    dynamics = next(term for term in audit.terms if term.name == "latent_dynamics")
    assert dynamics.student > 0 and dynamics.heads and not dynamics.idle


def test_the_kinematic_split_by_depth_and_batchwise_motion(audited: Get) -> None:
    assert numbers(audited("kinematic_split_released")) == [2, 3, 8]
    assert numbers(audited("mgm_released")) == [8, 9]
    assert numbers(audited("mgm")) == []


def test_channels_divided_level_by_level_are_no_finding(audited: Get) -> None:
    audit = audited("fwm_hw_ld")
    divided = [term for term in audit.terms if term.appearance]
    assert {term.name for term in divided} == {"static_appearance", "cross_covariance", "latent_dynamics"}
    assert all(term.appearance == [0.5] * 4 for term in divided)


def changed(audit: Audit, name: str, **values: object) -> Audit:
    terms = [t.model_copy(update=values) if t.name == name else t for t in audit.terms]
    return audit.model_copy(update={"terms": terms})


@pytest.mark.parametrize(("ratio", "said"), [(1.0, True), (1.49, True), (1.5, False), (4.0, False)])
def test_limit_of_uniform_weights(audited: Get, ratio: float, said: bool) -> None:
    spread = Spread(max_over_mean=ratio, top_tenth=0.1, effective=1.0)
    audit = changed(audited("fwm_hw_ld"), "hard_region", spread=spread)
    assert any("hard_region" in f.terms for f in rules.findings(audit) if f.number == 4) == said


@pytest.mark.parametrize(("off", "said"), [(0.1, False), (0.24, False), (0.25, True), (1.0, True)])
def test_limit_of_terms_that_are_off(audited: Get, off: float, said: bool) -> None:
    audit = changed(audited("fwm_hw_ld"), "context", off=off)
    assert (8 in [f.number for f in rules.findings(audit)]) == said


def test_a_term_that_is_only_logged_is_off_and_not_dead(audited: Get) -> None:
    audit = changed(audited("fwm_hw_ld"), "context", weight=0.0, off=1.0, parameters=0)
    assert [f.number for f in rules.findings(audit) if "context" in f.terms] == [8]


def test_an_idle_head_and_an_undefined_term_differ_from_a_dead_one(audited: Get) -> None:
    idle = rules.findings(changed(audited("fwm_hw_ld"), "latent_dynamics", idle=["head.0.weight"]))
    assert idle[0].number == 1 and "head.0.weight" in idle[0].message
    empty = rules.findings(changed(audited("fwm_hw_ld"), "latent_dynamics", value=0.0, parameters=0))
    assert empty[0].number == 1 and "defined nowhere" in empty[0].message


def test_a_teacher_that_never_moves_is_untrained(audited: Get) -> None:
    audit = audited("fwm_hw_ld").model_copy(
        update={"evaluates": "teacher", "updated": {"student": True, "teacher": False}}
    )
    found = [f for f in rules.findings(audit) if f.number == 2]
    assert len(found) == 1 and "no training step changes it" in found[0].message
