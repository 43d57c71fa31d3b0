"""Points, percent and relative changes of printed numbers, and their comparison with a table."""

from __future__ import annotations

import pytest

from auxjepa_review.claims import extract, merge
from auxjepa_review.records import Document, Finding, Work
from auxjepa_review.verify import verify
from auxjepa_review.verify.units import find_unit

NEAR = "Auxiliary Objectives for Video JEPA"
TAIL = "on ImageNet-100 in mixed-dataset pretraining"


def findings(*texts: str) -> list[Finding]:
    documents = [Document(id=f"d{i}", work=Work(title=NEAR), pages=(text,)) for i, text in enumerate(texts)]
    return verify(merge([m for d in documents for m in extract(d)]), documents=documents)


def check(finding: Finding, name: str) -> tuple[str, str]:
    return next(((c.state, c.message) for c in finding.checks if c.name == name), ("", ""))


@pytest.mark.parametrize(
    ("text", "numbers", "expected"),
    [
        ("gains 5.92 percentage points on", [5.92], "points"),
        ("gains 5.92 percent points on", [5.92], "points"),
        ("gains +5.92 pp on IN", [5.92], "points"),
        ("gains 5.92 percent on", [5.92], "percent"),
        ("gains 5.92 per cent on", [5.92], "percent"),
        ("gains +5.92% on", [5.92], "%"),
        ("gains +5.92 on", [5.92], ""),
        ("loses 1.5–1.7 percent", [1.5, 1.7], "percent"),
        ("loses 1.5% to 1.7%", [1.5, 1.7], "%"),
        ("gains 5.02 and 3.21 points", [5.02], "points"),
        ("+5.92 percent on A and +3.21 percentage points on B", [5.92], "percent"),
        ("+5.92 percent on A and +3.21 percentage points on B", [3.21], "points"),
        ("5.92 percent (5.92 points)", [5.92], "points"),
        ("gains five points", [5.0], "points"),
        ("from 8.39 % to 13.41 %", [5.02], "levels"),
    ],
)
def test_the_unit_of_a_claims_own_number(text: str, numbers: list[float], expected: str) -> None:
    assert find_unit(numbers, text) == expected


def test_points_that_are_called_percent_hold_with_a_problem() -> None:
    (finding,) = findings(f"FWM-HW-LD gains +5.92 percent {TAIL}.")
    assert finding.word == "supported"
    state, message = check(finding, "unit")
    assert state == "problem" and "5.92 percent” is read as percentage points" in message and "+23.8 %" in message


def test_the_percent_sign_is_shorthand() -> None:
    (finding,) = findings(f"FWM-HW-LD gains +5.92% {TAIL}.")
    assert finding.word == "supported"
    assert check(finding, "unit") == ("unknown", "“%” is read as shorthand for percentage points")


@pytest.mark.parametrize("amount", ["23.8 percent relative", "23.8 % (relative)", "23.8 % in relative terms"])
def test_a_relative_change_is_computed_from_the_levels(amount: str) -> None:
    (finding,) = findings(f"FWM-HW-LD improves ImageNet-100 by {amount} in mixed-dataset pretraining.")
    assert finding.word == "supported"
    assert check(finding, "unit") == ("ok", "+23.8 % relative: the table has +23.8 % (24.86 to 30.78)")


@pytest.mark.parametrize(
    ("amount", "why"), [("5.92 % relative", "points, not relative"), ("41.0 % relative", "not +41")]
)
def test_a_relative_change_that_the_levels_exclude(amount: str, why: str) -> None:
    (finding,) = findings(f"FWM-HW-LD improves ImageNet-100 by {amount} in mixed-dataset pretraining.")
    assert finding.word == "contradicted" and finding.probability < 0.5
    assert check(finding, "unit")[0] == "problem"
    assert why in finding.reason and "+23.8 %" in finding.reason


def test_relative_to_the_baseline_is_a_comparison() -> None:
    """The phrase does not determine the unit of the percentage, so only its direction is judged."""
    (finding,) = findings(f"FWM-HW-LD gains +5.92 % relative to the baseline {TAIL}.")
    assert (finding.statement.claim.kind, finding.word, check(finding, "unit")) == ("direction", "supported", ("", ""))


def test_percent_that_fits_only_as_a_relative_change_is_read_as_one() -> None:
    (finding,) = findings(f"FWM-HW-LD gains +23.8% {TAIL}.")
    assert finding.word == "supported" and "relative" in finding.reason
    (finding,) = findings(f"FWM-HW-LD gains +23.8 points {TAIL}.")
    assert finding.word == "contradicted"


def test_another_documents_relative_change_doesnt_condemn_a_true_direction() -> None:
    finding, *others = findings(
        "FWM-HW-LD improves ImageNet-100 in mixed-dataset pretraining.",
        "FWM-HW-LD improves ImageNet-100 by 5.92 % relative in mixed-dataset pretraining.",
    )
    assert not others and finding.word == "supported"
    assert check(finding, "unit")[0] == "problem" and "d1" in check(finding, "unit")[1]
