from __future__ import annotations

from auxjepa_review.outcome import Outcome
from auxjepa_review.records import ClaimRow, Finding
from auxjepa_review.report import claims
from auxjepa_review.report.blocks import Bullets, Code, Fold, Grid, Prose
from miniatures import dossiers


def folds(findings: tuple[Finding, ...]) -> dict[str, Fold]:
    return {b.id: b for b in claims.blocks(findings) if isinstance(b, Fold)}


def test_every_row_of_the_table_has_its_fold_and_no_other(outcome: Outcome) -> None:
    table, *rest = claims.blocks(outcome.findings)
    assert isinstance(table, Grid) and table.name == "claim" and len(rest) == len(table.body)
    assert [f"claim-{row[0]}" for row in table.body] == list(folds(outcome.findings))
    assert all(len(row) == len(table.head) for row in table.body)
    assert claims.blocks(()) == ()


def test_a_fold_quotes_where_it_is_said_with_page_and_offset(outcome: Outcome) -> None:
    pages = {d.id: d.pages for d in outcome.documents}
    for finding in outcome.findings:
        fold = folds(outcome.findings)[f"claim-{finding.statement.claim.id}"]
        assert fold.word == finding.word
        said = "\n".join(item for b in fold.blocks if isinstance(b, Bullets) for item in b.items)
        for mention in finding.statement.mentions:
            span = mention.span
            assert f"{span.document}, page {span.page}, characters {span.start}–{span.end}: “" in said
            assert pages[span.document][span.page - 1][span.start : span.end] == span.text
            assert " ".join(span.text.split()) in said
        told = " ".join(b.text for b in fold.blocks if isinstance(b, Prose))
        assert finding.reason in told and f"{finding.probability:.2f}" in told


def test_what_would_decide_it_and_what_was_checked_are_in_the_fold(outcome: Outcome) -> None:
    (first, *_) = outcome.findings
    fold = folds((first.model_copy(update={"command": "auxjepa study run x"}),))[f"claim-{first.statement.claim.id}"]
    assert Code("auxjepa study run x") in fold.blocks
    assert first.checks
    (grid,) = [b for b in fold.blocks if isinstance(b, Grid)]
    assert [row[1:] for row in grid.body] == [(c.name, c.message) for c in first.checks]
    assert {row[0] for row in grid.body} <= set("✓✗?")


def test_the_summary_counts_by_word(outcome: Outcome) -> None:
    told = claims.summary(outcome.findings)
    assert (
        told.startswith("3 statements: 1 supported (mean probability")
        and "; 1 contradicted (" in told
        and "; 1 not testable (" in told
    )
    assert claims.summary(()) == "No claim that could be checked was found."


def test_statements_are_counted_by_document(outcome: Outcome) -> None:
    grid = claims.by_document(outcome.documents, outcome.findings)
    assert grid is not None and {row[0]: row[1] for row in grid.body} == {"a_b": "2", "a b": "1"}
    assert all(int(row[1]) == sum(map(int, row[2:])) for row in grid.body)
    assert claims.by_document(outcome.documents, ()) is None


def test_contradictions_name_both_documents(outcome: Outcome) -> None:
    (one, other) = claims.contradictions(outcome.findings)
    assert "a b: " in one and "a_b: " in other and "the numbers differ" in one


def test_own_verdicts_are_held_against_the_evidence() -> None:
    false = dossiers.dossier("supported", "contradicted")  # the document calls the first verified, the second not
    assert [row.verified for row in false.document.rows] == [True, False]
    grid = claims.own_verdicts([false.document], false.findings)
    assert grid is not None and grid.body == (("made-up", "2", "1", "2", "2 of 2", "1 of 1"),)
    wrong = dossiers.dossier("contradicted", "supported")
    grid = claims.own_verdicts([wrong.document], wrong.findings)
    assert grid is not None and grid.body[0][4:] == ("0 of 2", "0 of 1")
    silent: tuple[ClaimRow, ...] = tuple(r.model_copy(update={"verified": None}) for r in false.document.rows)
    assert claims.own_verdicts([false.document.model_copy(update={"rows": silent})], false.findings) is None
