"""The published study as a reviewed document: the ledger's claims, the table, and the reviewers of tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.cli import main
from auxjepa.config import ConfigError
from auxjepa.evidence.ledger import claims, published
from auxjepa_review.outcome import Outcome
from auxjepa_review.published_review import TABLE_REVIEWERS, review_published
from auxjepa_review.reviewers.quality import judge


@pytest.fixture(scope="session")
def outcome() -> Outcome:
    return review_published()


def test_every_claim_of_the_ledger_is_in_the_document_and_compared_with_the_table(outcome: Outcome):
    ledger_claims = {c.id: c for c in claims.load().claims if c.kind != "question"}
    assert {f.statement.claim.id for f in outcome.findings} == set(ledger_claims)
    (document,) = outcome.documents
    for finding in outcome.findings:
        span = finding.statement.mentions[0].span
        assert span.text == finding.statement.claim.statement == document.pages[0][span.start : span.end]
    words = {f.statement.claim.id: f.word for f in outcome.findings}
    assert words["fwm_hw_ld_imagenet100"] == "supported" and words["imagenet100_losers"] == "contradicted"
    assert len(document.pages[1].splitlines()) == len(published.load()) == 88


def test_only_reviewers_of_tables_give_marks(outcome: Outcome):
    (quality,) = outcome.panel.qualities
    assert tuple(r.reviewer for r in quality.reviews) == TABLE_REVIEWERS
    marks = {m.criterion: m for r in quality.reviews for m in r.marks}
    assert marks["controls accompany the scores"].points < 1 and marks["test size is reported"].points == 1
    assert marks["uncertainty is reported"].points == 0
    assert any("source support, reproducibility" in note for note in outcome.notes)


def test_an_unknown_reviewer_is_named():
    with pytest.raises(ConfigError, match="no reviewer 'tenth'"):
        judge(_dossiers(), ("tenth",))


def _dossiers():
    from auxjepa_review.records import Document, Dossier, Work

    return [Dossier(document=Document(id="a", work=Work(title="a"), pages=("x",)))]


def test_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    assert main(["review", "--from-study", "published", "--out", "out"]) == 0
    printed = capsys.readouterr().out
    assert "arXiv 2605.17165" in printed and "supported" in printed
    assert "every score has one seed" in (tmp_path / "out" / "review.md").read_text()
