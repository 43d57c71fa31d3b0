"""Reviewers' scores in a report."""

from __future__ import annotations

from auxjepa_review.outcome import Outcome
from auxjepa_review.report import reviews
from auxjepa_review.report.blocks import Bullets, Fold, Grid, Prose
from auxjepa_review.reviewers.quality import Panel


def test_scores_of_every_document_by_every_reviewer_best_first(outcome: Outcome) -> None:
    grid, agree = reviews.overview(outcome.panel)
    assert isinstance(grid, Grid) and isinstance(agree, Prose)
    names = [r.reviewer.replace("_", " ") for r in outcome.panel.qualities[0].reviews]
    assert list(grid.head[3:]) == names and len(names) >= 4
    scores = [float(row[1]) for row in grid.body]
    assert scores == sorted(scores, reverse=True) and {row[0] for row in grid.body} == {d.id for d in outcome.documents}
    for row in grid.body:
        low, high = map(float, row[2].split(" to "))
        assert low <= float(row[1]) <= high
    assert agree.text.startswith(outcome.panel.agreement)


def test_every_lost_point_has_its_reason(outcome: Outcome) -> None:
    for quality, fold in zip(outcome.panel.qualities, reviews.blocks(outcome.panel), strict=True):
        assert isinstance(fold, Fold)
        assert fold.title == f"{quality.document}: {quality.score:.1f} of 10"
        (losses,) = [b for b in fold.blocks if isinstance(b, Bullets)]
        assert len(losses.items) == len(quality.losses)
        for item, (reviewer, mark) in zip(losses.items, quality.losses, strict=True):
            assert item.startswith(reviewer.replace("_", " ")) and mark.reason in item
            assert item.endswith((".", "!", "?", "”"))
        full_marks = sum(len(r.marks) for r in quality.reviews) - len(quality.losses)
        assert f"All points on {full_marks} other criteria." in [b.text for b in fold.blocks if isinstance(b, Prose)]


def test_no_document_no_review() -> None:
    panel = Panel(qualities=())
    assert reviews.overview(panel) == () and reviews.blocks(panel) == ()
