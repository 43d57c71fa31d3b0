"""Reviews of several documents together."""

from __future__ import annotations

import pytest

from auxjepa_review.records import Mark, Review
from auxjepa_review.report.blocks import Grid
from auxjepa_review.report.reviews import overview
from auxjepa_review.reviewers import REVIEWERS
from auxjepa_review.reviewers.quality import Panel, Quality, judge
from miniatures import dossiers


def make_quality(**scores: float) -> Quality:
    reviews = [
        Review(reviewer=n, document="x", marks=(Mark(criterion=n, points=s, possible=10, reason="because"),))
        for n, s in scores.items()
    ]
    return Quality(document="x", reviews=tuple(reviews))


def test_a_score_with_its_range_and_losses() -> None:
    quality = make_quality(a=10, b=4, c=7)
    assert quality.score == 7
    assert quality.range == (5.5, 8.5)
    assert [mark.criterion for _, mark in quality.losses] == ["b", "c"]
    assert make_quality(a=3).range == (3, 3)


def test_every_reviewer_judges_every_document_and_a_false_one_scores_lower() -> None:
    good = dossiers.dossier("supported", "contradicted")
    bad = dossiers.dossier("contradicted", "supported", of=dossiers.document(name="made-up"))
    renamed = bad.document.model_copy(update={"id": "worse"})
    assert {r.reviewer for r in judge([good]).qualities[0].reviews} == set(REVIEWERS)
    first, second = judge([good]).qualities[0].score, judge([bad]).qualities[0].score
    assert second < first
    panel = judge([good, dossiers.dossier(of=renamed)])
    assert [q.document for q in panel.qualities] == ["made-up", "worse"]
    assert "alpha" in panel.agreement
    assert Panel.model_validate_json(panel.model_dump_json()) == panel


def test_one_document_has_no_agreement() -> None:
    panel = judge([dossiers.dossier("supported")])
    assert panel.interval is None
    assert panel.agreement.startswith("Krippendorff") or panel.agreement.startswith("Agreement isn't defined")
    assert pytest.approx(panel.qualities[0].score) == panel.qualities[0].score


def test_a_reviewer_with_nothing_to_judge_is_left_out() -> None:
    decided, open_ = (
        dossiers.dossier("supported", "contradicted"),
        dossiers.dossier(of=dossiers.document("Nothing.", ())),
    )
    complete, partial = judge([decided, open_]).qualities
    assert set(complete.marks) - set(partial.marks) == {"numerical_consistency"}
    (grid, _) = overview(judge([decided, open_]))
    assert isinstance(grid, Grid) and {"–" in row for row in grid.body} == {True, False}
