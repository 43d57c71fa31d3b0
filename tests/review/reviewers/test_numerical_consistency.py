"""Numbers against results, own verdicts, counts, and each other."""

from __future__ import annotations

import pytest

from auxjepa_review.records import Dossier
from auxjepa_review.reviewers.numerical_consistency import review
from miniatures import dossiers


def marks(case: Dossier) -> dict[str, tuple[float, str]]:
    return {m.criterion: (m.points / m.possible, m.reason) for m in review(case)}


def test_a_consistent_document_keeps_every_point() -> None:
    by_criterion = marks(dossiers.dossier("supported", "contradicted"))
    assert by_criterion["own verdicts are right"][0] == 1
    assert by_criterion["counts agree with the table"] == (1, "2 counts agree with the table")
    assert by_criterion["says the same throughout"][0] == 1
    assert by_criterion["numbers agree with results"][0] == 0.5


def test_own_verdicts_that_are_wrong_are_named() -> None:
    share, reason = marks(dossiers.dossier("contradicted", "contradicted"))["own verdicts are right"]
    assert share == 0.5 and "row 1 (verified, but contradicted)" in reason


def test_undecided_statements_do_not_count() -> None:
    by_criterion = marks(dossiers.dossier("not testable", "contradicted"))
    assert by_criterion["numbers agree with results"][1].startswith("0 of 1 ")
    assert "numbers agree with results" not in marks(dossiers.dossier("not found", "not testable"))


def test_counts_that_are_not_in_the_table() -> None:
    text = dossiers.TEXT.replace("2 claims extracted; 1", "3 claims extracted; 1")
    share, reason = marks(dossiers.dossier("supported", of=dossiers.document(text)))["counts agree with the table"]
    assert share == 0.5 and reason == "3 claims in the text, 2 in the table"


def test_a_total_with_two_values() -> None:
    text = dossiers.TEXT.replace("yielded 4 papers", "yielded 5 papers")
    share, reason = marks(dossiers.dossier("supported", of=dossiers.document(text)))["says the same throughout"]
    assert share == 0 and reason == "papers retrieved: 4 and 5"


def test_a_comparison_with_two_numbers_in_one_document() -> None:
    of = dossiers.document()
    twice = Dossier(document=of, findings=tuple(dossiers.finding(of, 1, "not found", value=v) for v in (1.0, 2.0)))
    assert marks(twice)["says the same throughout"][0] == 0


@pytest.mark.parametrize(
    ("text", "share", "reason"),
    [
        ("ZAP gains 2.50 points on Toys-20.", 1, "1 of 1 decided statements agree"),
        ("ZAP gains 2.50% on Toys-20.", 1, "1 of 1 decided statements agree"),
        ("ZAP gains 2.50 on Toys-20.", 1, "1 of 1 decided statements agree"),
        (
            "ZAP gains 2.50 percent on Toys-20.",
            0.5,
            "1 of 1 decided statements agree; points that are called percent count half: "
            "ZAP gains 2.50 percent on Toys-20.",
        ),
    ],
)
def test_points_that_are_called_percent_count_half(text: str, share: float, reason: str) -> None:
    of = dossiers.document(text, rows=((text, True, 0.9),))
    case = Dossier(document=of, findings=(dossiers.finding(of, 1, "supported", value=2.5),))
    assert marks(case)["numbers agree with results"] == (share, reason)


def test_a_false_statement_isnt_charged_for_its_unit_too() -> None:
    text = "ZAP gains 2.50 percent on Toys-20."
    of = dossiers.document(text, rows=((text, True, 0.9),))
    case = Dossier(document=of, findings=(dossiers.finding(of, 1, "contradicted", value=2.5),))
    share, reason = marks(case)["numbers agree with results"]
    assert share == 0 and "percent" not in reason.replace(text, "")
