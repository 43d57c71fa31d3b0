"""Properties of every reviewer."""

from __future__ import annotations

import random

import pytest

from auxjepa.config import ConfigError
from auxjepa_review.records import Document, Dossier, Review, Work
from auxjepa_review.reviewers import REVIEWERS, review
from miniatures import dossiers

every = pytest.mark.parametrize("name", REVIEWERS)


def garbage() -> str:
    rng = random.Random(0)
    return "".join(chr(rng.choice([*range(32, 127), 10, 9, 0x2212, 0xFFFD, 0x1F600])) for _ in range(4000))


@every
@pytest.mark.parametrize("text", ["", " ", "\f", garbage(), "Limitations\n", "References\n- x" * 50])
def test_empty_and_senseless_documents_get_a_review(name: str, text: str) -> None:
    result = review(name, Dossier(document=Document(id="x", work=Work(title=""), pages=(text,))))
    if name == "numerical_consistency":
        assert result is None, "there is nothing to compare with results"
    else:
        assert result is not None and 0 <= result.score <= 5, "what is not reported counts as not done"


@every
def test_a_review_has_reasons_and_is_repeatable(name: str) -> None:
    case = dossiers.dossier("supported", "contradicted")
    result = review(name, case)
    assert result is not None and result == review(name, case)
    assert (result.reviewer, result.document) == (name, "made-up")
    assert all(0 <= mark.points <= mark.possible for mark in result.marks)
    assert all(mark.reason for mark in result.marks)
    assert len({mark.criterion for mark in result.marks}) == len(result.marks)
    assert Review.model_validate_json(result.model_dump_json()) == result


@every
def test_reviewers_see_the_document_and_no_other(name: str) -> None:
    """Findings on another document change no mark."""
    case = dossiers.dossier("supported", "contradicted")
    another = dossiers.document(name="another")
    strange = tuple(dossiers.finding(another, n, "contradicted", value=9.0) for n in (1, 2))
    assert review(name, case) == review(name, case.model_copy(update={"findings": (*case.findings, *strange)}))


@every
def test_an_unrelated_sentence_changes_nothing(name: str) -> None:
    before = dossiers.dossier("supported", "supported")
    text = dossiers.TEXT.replace("We compare two objectives.", "We compare two objectives. The weather was mild.")
    after = dossiers.dossier("supported", "supported", of=dossiers.document(text))
    first, second = review(name, before), review(name, after)
    assert first is not None and second is not None
    assert [(m.criterion, m.points) for m in first.marks] == [(m.criterion, m.points) for m in second.marks]


def test_an_unknown_reviewer_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"no reviewer 'second' \(known: numerical"):
        review("second", dossiers.dossier("supported"))
