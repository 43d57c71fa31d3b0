"""The question and the statements, limitations, strong words, and cut sentences."""

from __future__ import annotations

import pytest

from auxjepa_review.records import Dossier
from auxjepa_review.reviewers.scope import review, subjects
from miniatures import dossiers


def marks(case: Dossier) -> dict[str, tuple[float, str]]:
    return {m.criterion: (m.points / m.possible, m.reason) for m in review(case)}


def test_subjects_of_a_question() -> None:
    question = "Does contrastive training in Video-JEPA help few-shot learning on EPIC-Kitchens-100 and Kinetics-700"
    assert subjects(question) == ["EPIC-Kitchens-100", "Kinetics-700", "few-shot", "contrastive"]
    assert subjects("Is it better") == []


def test_a_question_that_no_statement_is_about() -> None:
    share, reason = marks(dossiers.dossier("supported"))["answers its question"]
    assert 0 < share < 1 and reason.endswith("not few-shot")
    off = dossiers.document(rows=(("Something else entirely.", True, 0.9),))
    assert marks(dossiers.dossier(of=off))["answers its question"][0] == 0


@pytest.mark.parametrize(
    ("text", "is_marked"),
    [
        ("Research question: Does ZAP help on Toys-20?", True),
        ("We review.\n\nResearch\nquestion: Does ZAP help on Toys-20?", True),
        ("## Question: Does ZAP help on Toys-20?", True),
        ("We review it. Question: Does ZAP help on Toys-20?", True),
        ("| a | An open question: Toys-20 would answer it. | b |\n| c | Does ZAP help? |", False),
        ("This is a further question: Toys-20 or Boxes-9?", False),
    ],
)
def test_only_a_label_gives_the_documents_question(text: str, is_marked: bool) -> None:
    assert ("answers its question" in marks(dossiers.dossier(of=dossiers.document(text, ())))) is is_marked


@pytest.mark.parametrize(
    ("limits", "share"),
    [("All numbers come from one seed and one dataset.", 1), ("Errors may occur.", pytest.approx(1 / 3)), ("", 0)],
)
def test_limitations(limits: str, share: float) -> None:
    head, _, tail = dossiers.TEXT.partition("All numbers come from one seed and a test set of 500 test clips.")
    assert marks(dossiers.dossier(of=dossiers.document(head + limits + tail)))["limitations are named"][0] == share


def test_strong_words_and_cut_sentences() -> None:
    strong = dossiers.document(rows=(("This confirms that ZAP works.", True, 0.9), dossiers.ROWS[1]))
    assert marks(dossiers.dossier(of=strong))["no overstatement"] == (
        0.5,
        "1 of 2 statements claim no more than they measure; confirms",
    )
    complete = dossiers.document()
    cut = complete.model_copy(update={"rows": (complete.rows[0].model_copy(update={"cut": True}), complete.rows[1])})
    assert marks(dossiers.dossier(of=complete))["sentences are whole"][0] == 1
    share, reason = marks(dossiers.dossier(of=cut))["sentences are whole"]
    assert share == pytest.approx(2 / 3) and reason == "cut off in mid-sentence: row 1"
