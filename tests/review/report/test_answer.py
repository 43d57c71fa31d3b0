from __future__ import annotations

import pytest

from auxjepa_review.outcome import Outcome
from auxjepa_review.report.answer import answer, is_about, list_statements, subjects
from auxjepa_review.search.concepts import parse_question


def asking(outcome: Outcome, question: str) -> str:
    return answer(outcome.model_copy(update={"question": question}))


def test_it_counts_and_tells_the_statements_on_the_question(outcome: Outcome) -> None:
    told = answer(outcome)
    assert told.startswith(f"Of {len(outcome.findings)} statements in 2 documents, compared with {outcome.evidence}: ")
    assert sum(outcome.tally.values()) == len(outcome.findings)
    assert "1 supported, 1 contradicted, 1 not testable" in told
    assert "2 statements on the question: Motion-guided masking gains 0.30 points on Diving-48 (supported)" in told


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("What of robustness to corruption on EPIC-Kitchens-100?", "this corpus does not answer"),
        ("Does Motion-Guided Masking help on Diving-48 and on SSv2?", "does not answer it."),
        ("Is bread good?", "No statement has most of the question's words"),
    ],
)
def test_what_the_corpus_does_not_answer_is_said(outcome: Outcome, question: str, line: str) -> None:
    assert line in asking(outcome, question)


def test_nothing_found_is_an_answer(empty: Outcome) -> None:
    told = answer(empty)
    assert told.startswith("No document was found.") and told.endswith("The question stays open.")


def test_a_question_without_known_concepts_is_matched_by_its_words(outcome: Outcome) -> None:
    told = asking(outcome, "Motion guided gains?")
    line = "with most of the question's words: Motion-guided masking gains 0.30 points on Diving-48 (supported)"
    assert line in told


def test_documents_without_a_readable_claim_and_works_that_do_not_belong(outcome: Outcome, empty: Outcome) -> None:
    told = answer(outcome.model_copy(update={"findings": ()}))
    assert "The rules can read no claim in 2 documents" in told and told.endswith("The question stays open.")
    left = outcome.model_copy(update={"findings": (), "documents": ()})
    assert left.protocol is not None
    assert answer(left).startswith(f"None of {len(left.protocol.decisions)} works belongs to the question (")


def test_an_answer_of_its_own_and_the_study_that_decides(empty: Outcome) -> None:
    assert answer(empty.model_copy(update={"answer": "So it is."})) == "So it is."
    assert answer(empty.model_copy(update={"decides": "auxjepa study run x"})).endswith(
        "`auxjepa study run x` answers it with measurements."
    )


def test_a_statement_speaks_of_what_it_names(outcome: Outcome) -> None:
    diving, ssv2 = (parse_question(f"V-JEPA on {name}?").of("benchmark")[0] for name in ("Diving-48", "SSv2"))
    about = {f.statement.claim.benchmarks[0]: f for f in outcome.findings}
    assert is_about(about["diving48"], diving) and not is_about(about["diving48"], ssv2)
    assert is_about(about["ssv2"], ssv2)


def test_long_lists_are_cut_and_say_so(outcome: Outcome) -> None:
    (first, *_) = outcome.findings
    assert list_statements([first] * 5).endswith("; and 2 more") and "more" not in list_statements([first] * 3)
    assert subjects("Does V-JEPA work on Diving-48?") == ["V-JEPA", "Diving-48"]
