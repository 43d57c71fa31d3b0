"""The answer of a review in sentences."""

from __future__ import annotations

import pytest

from auxjepa_review.outcome import Outcome
from auxjepa_review.report.answer import answer, is_about, list_statements, subjects
from auxjepa_review.search.concepts import parse_question


def answer_to(outcome: Outcome, question: str) -> str:
    return answer(outcome.model_copy(update={"question": question}))


def test_it_counts_statements_and_lists_those_on_the_question(outcome: Outcome) -> None:
    text = answer(outcome)
    assert text.startswith(f"Of {len(outcome.findings)} statements in 2 documents, compared with {outcome.evidence}: ")
    assert sum(outcome.tally.values()) == len(outcome.findings)
    assert "1 supported, 1 contradicted, 1 not testable" in text
    assert "2 statements on the question: Motion-guided masking gains 0.30 points on Diving-48 (supported)" in text


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("What of robustness to corruption on EPIC-Kitchens-100?", "this corpus does not answer"),
        ("Does Motion-Guided Masking help on Diving-48 and on SSv2?", "does not answer it."),
        ("Is bread good?", "No statement has most of the question's words"),
    ],
)
def test_a_question_that_the_corpus_does_not_answer(outcome: Outcome, question: str, line: str) -> None:
    assert line in answer_to(outcome, question)


def test_an_empty_review_has_an_answer(empty: Outcome) -> None:
    text = answer(empty)
    assert text.startswith("No document was found.") and text.endswith("The question stays open.")


def test_a_question_without_known_concepts_is_matched_by_its_words(outcome: Outcome) -> None:
    text = answer_to(outcome, "Motion guided gains?")
    line = "with most of the question's words: Motion-guided masking gains 0.30 points on Diving-48 (supported)"
    assert line in text


def test_documents_without_a_readable_claim_and_works_that_do_not_belong(outcome: Outcome, empty: Outcome) -> None:
    text = answer(outcome.model_copy(update={"findings": ()}))
    assert "The rules can read no claim in 2 documents" in text and text.endswith("The question stays open.")
    left = outcome.model_copy(update={"findings": (), "documents": ()})
    assert left.protocol is not None
    assert answer(left).startswith(f"None of {len(left.protocol.decisions)} works belongs to the question (")


def test_a_given_answer_and_the_study_that_decides(empty: Outcome) -> None:
    assert answer(empty.model_copy(update={"answer": "So it is."})) == "So it is."
    assert answer(empty.model_copy(update={"decides": "auxjepa study run x"})).endswith(
        "`auxjepa study run x` answers it with measurements."
    )


def test_a_statement_is_about_the_concepts_that_it_names(outcome: Outcome) -> None:
    diving, ssv2 = (parse_question(f"V-JEPA on {name}?").of("benchmark")[0] for name in ("Diving-48", "SSv2"))
    about = {f.statement.claim.benchmarks[0]: f for f in outcome.findings}
    assert is_about(about["diving48"], diving) and not is_about(about["diving48"], ssv2)
    assert is_about(about["ssv2"], ssv2)


def test_long_lists_are_shortened_with_a_count(outcome: Outcome) -> None:
    (first, *_) = outcome.findings
    assert list_statements([first] * 5).endswith("; and 2 more") and "more" not in list_statements([first] * 3)
    assert subjects("Does V-JEPA work on Diving-48?") == ["V-JEPA", "Diving-48"]
