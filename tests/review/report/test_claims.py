"""Statements in a report."""

from __future__ import annotations

from auxjepa_review.outcome import Outcome
from auxjepa_review.records import ClaimRow, Finding
from auxjepa_review.report import claims
from auxjepa_review.report.blocks import Bullets, Code, Fold, Grid, Prose
from miniatures import dossiers


def folds(findings: tuple[Finding, ...]) -> dict[str, Fold]:
    return {b.id: b for b in claims.blocks(findings) if isinstance(b, Fold)}


def test_every_row_of_the_table_has_its_fold_and_no_other(outcome: Outcome) -> None:
    table, *others = claims.blocks(outcome.findings)
    assert isinstance(table, Grid) and table.name == "claim" and len(others) == len(table.body)
    assert [f"claim-{row[0]}" for row in table.body] == list(folds(outcome.findings))
    assert all(len(row) == len(table.head) for row in table.body)
    assert claims.blocks(()) == ()


def test_a_fold_quotes_each_mention_with_page_and_offset(outcome: Outcome) -> None:
    pages = {d.id: d.pages for d in outcome.documents}
    for finding in outcome.findings:
        fold = folds(outcome.findings)[f"claim-{finding.statement.claim.id}"]
        assert fold.word == finding.word
        quotes = "\n".join(item for b in fold.blocks if isinstance(b, Bullets) for item in b.items)
        for mention in finding.statement.mentions:
            span = mention.span
            assert f"{span.document}, page {span.page}, characters {span.start}–{span.end}: “" in quotes
            assert pages[span.document][span.page - 1][span.start : span.end] == span.text
            assert " ".join(span.text.split()) in quotes
        prose = " ".join(b.text for b in fold.blocks if isinstance(b, Prose))
        assert finding.reason in prose and f"{finding.probability:.2f}" in prose


def test_the_deciding_command_and_the_checks_are_in_the_fold(outcome: Outcome) -> None:
    (first, *_) = outcome.findings
    fold = folds((first.model_copy(update={"command": "auxjepa study run x"}),))[f"claim-{first.statement.claim.id}"]
    assert Code("auxjepa study run x") in fold.blocks
    assert first.checks
    (grid,) = [b for b in fold.blocks if isinstance(b, Grid)]
    assert [row[1:] for row in grid.body] == [(c.name, c.message) for c in first.checks]
    assert {row[0] for row in grid.body} <= set("✓✗?")


def test_the_summary_counts_by_word(outcome: Outcome) -> None:
    text = claims.summary(outcome.findings)
    assert (
        text.startswith("3 statements: 1 supported (mean probability")
        and "; 1 contradicted (" in text
        and "; 1 not testable (" in text
    )
    assert claims.summary(()) == "No claim that could be checked was found."


def test_statements_are_counted_by_document(outcome: Outcome) -> None:
    grid = claims.by_document(outcome.documents, outcome.findings)
    assert grid is not None and {row[0]: row[1] for row in grid.body} == {"a_b": "2", "a b": "1"}
    assert all(int(row[1]) == sum(map(int, row[2:])) for row in grid.body)
    assert claims.by_document(outcome.documents, ()) is None


def test_contradictions_name_both_documents(outcome: Outcome) -> None:
    (first, second) = claims.contradictions(outcome.findings)
    assert "a b: " in first and "a_b: " in second and "the numbers differ" in first


def test_own_verdicts_are_compared_with_the_evidence() -> None:
    false = dossiers.dossier("supported", "contradicted")  # the document calls the first verified, the second not
    assert [row.verified for row in false.document.rows] == [True, False]
    grid = claims.own_verdicts([false.document], false.findings)
    assert grid is not None and grid.body == (("made-up", "2", "1", "2", "2 of 2", "1 of 1"),)
    wrong = dossiers.dossier("contradicted", "supported")
    grid = claims.own_verdicts([wrong.document], wrong.findings)
    assert grid is not None and grid.body[0][4:] == ("0 of 2", "0 of 1")
    silent: tuple[ClaimRow, ...] = tuple(r.model_copy(update={"verified": None}) for r in false.document.rows)
    assert claims.own_verdicts([false.document.model_copy(update={"rows": silent})], false.findings) is None
