"""Reviews of study folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.config import ConfigError
from auxjepa.rows import RowStore
from auxjepa_review.outcome import Outcome
from auxjepa_review.study_review import review_study
from written_study import HYPOTHESES, register


@pytest.fixture(scope="session")
def outcome(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> Outcome:
    folder = write_study(tmp_path_factory.mktemp("own") / "study", seeds=8, steps=4)
    register(folder)
    return review_study(folder, command="auxjepa review --from-study study")


def test_hypotheses_have_the_words_of_their_decision(outcome: Outcome) -> None:
    by_id = {f.statement.claim.id: f for f in outcome.findings}
    assert {h[0] for h in HYPOTHESES} <= set(by_id)
    assert by_id["ld-order"].word == "not testable"  # 43.5 against 20.1, but the reference is below random init
    assert by_id["ld-order"].entry is not None and by_id["ld-order"].entry.word == "flagged"
    assert by_id["fwm-order"].word == "contradicted" and by_id["fwm-order"].probability < 0.01  # 20.1 against 43.5
    assert (
        by_id["fwm-appearance"].word == "supported" and by_id["fwm-appearance"].probability > 0.95
    )  # 30.3 and 30.0, margin 2
    undecided = by_id["fwm-motion"]  # 6.9 and 7.2, noise of 0.6
    assert undecided.word == "not testable" and undecided.entry is not None
    assert undecided.entry.word in ("inconclusive", "not testable")


def test_probabilities_are_those_of_the_claimed_sign(outcome: Outcome) -> None:
    for finding in outcome.findings:
        assert 0 <= finding.probability <= 1
        if finding.word == "contradicted":
            assert finding.probability < 0.5, finding.statement.claim.id


def test_every_finding_has_reason_place_and_checks(outcome: Outcome) -> None:
    (document,) = outcome.documents
    hypotheses = [f for f in outcome.findings if f.stated_in(document.id)]
    assert len(hypotheses) == len(HYPOTHESES)
    for finding in hypotheses:
        span = finding.statement.mentions[0].span
        assert finding.reason and finding.checks and span.document == document.id == "quick"
        assert document.pages[0][span.start : span.end] == span.text == finding.statement.claim.statement


def test_the_outcome_names_its_study(outcome: Outcome) -> None:
    assert outcome.protocol is None and outcome.evidence == "the rows of the study quick" and outcome.answer
    assert outcome.question.startswith("Which auxiliary objective") and outcome.notes
    assert outcome.decides == "auxjepa study run quick --out demo"
    assert [q.document for q in outcome.panel.qualities] == ["quick"]


def test_a_study_without_hypotheses_has_the_ledgers_claims_or_none(study: Path) -> None:
    outcome = review_study(study, question="Is it so?")
    assert outcome.question == "Is it so?" and outcome.answer
    assert all(f.entry is not None and f.entry.arithmetic != "not in table" for f in outcome.findings)


def test_a_folder_without_scores_is_one_line(tmp_path: Path, study: Path) -> None:
    with pytest.raises(ConfigError, match="no such study folder"):
        review_study(tmp_path / "none")
    (tmp_path / "study.yaml").write_bytes((study / "study.yaml").read_bytes())
    assert not list(RowStore(tmp_path))
    with pytest.raises(ConfigError, match="no score yet"):
        review_study(tmp_path)
