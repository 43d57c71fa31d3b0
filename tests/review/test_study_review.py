from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.config import ConfigError
from auxjepa.rows import RowStore
from auxjepa_review.outcome import Outcome
from auxjepa_review.study_review import review_study
from written_study import HYPOTHESES, register


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> Outcome:
    folder = write_study(tmp_path_factory.mktemp("own") / "study", seeds=8, steps=4)
    register(folder)
    return review_study(folder, command="auxjepa review --from-study study")


def test_hypotheses_have_the_words_of_their_decision(own: Outcome) -> None:
    found = {f.statement.claim.id: f for f in own.findings}
    assert {h[0] for h in HYPOTHESES} <= set(found)
    assert found["ld-order"].word == "supported" and found["ld-order"].probability > 0.99  # 43.5 against 20.1
    assert found["fwm-order"].word == "contradicted" and found["fwm-order"].probability < 0.01  # 20.1 against 43.5
    assert (
        found["fwm-appearance"].word == "supported" and found["fwm-appearance"].probability > 0.95
    )  # 30.3 and 30.0, margin 2
    undecided = found["fwm-motion"]  # 6.9 and 7.2, noise of 0.6
    assert undecided.word == "not testable" and undecided.entry is not None
    assert undecided.entry.word in ("inconclusive", "not testable")


def test_probabilities_are_those_of_the_claimed_sign(own: Outcome) -> None:
    for finding in own.findings:
        assert 0 <= finding.probability <= 1
        if finding.word == "contradicted":
            assert finding.probability < 0.5, finding.statement.claim.id


def test_every_finding_has_reason_place_and_checks(own: Outcome) -> None:
    (document,) = own.documents
    hypotheses = [f for f in own.findings if f.stated_in(document.id)]
    assert len(hypotheses) == len(HYPOTHESES)
    for finding in hypotheses:
        span = finding.statement.mentions[0].span
        assert finding.reason and finding.checks and span.document == document.id == "quick"
        assert document.pages[0][span.start : span.end] == span.text == finding.statement.claim.statement


def test_the_outcome_says_whose_it_is(own: Outcome) -> None:
    assert own.protocol is None and own.evidence == "the rows of the study quick" and own.answer
    assert own.question.startswith("Which auxiliary objective") and own.notes
    assert own.decides == "auxjepa study run quick --out demo"
    assert [q.document for q in own.panel.qualities] == ["quick"]


def test_a_study_without_hypotheses_has_the_ledgers_claims_or_none(study: Path) -> None:
    made = review_study(study, question="Is it so?")
    assert made.question == "Is it so?" and made.answer
    assert all(f.entry is not None and f.entry.arithmetic != "not in table" for f in made.findings)


def test_a_folder_without_scores_is_one_line(tmp_path: Path, study: Path) -> None:
    with pytest.raises(ConfigError, match="no such study folder"):
        review_study(tmp_path / "none")
    (tmp_path / "study.yaml").write_bytes((study / "study.yaml").read_bytes())
    assert not list(RowStore(tmp_path))
    with pytest.raises(ConfigError, match="no score yet"):
        review_study(tmp_path)
