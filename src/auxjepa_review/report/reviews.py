"""Reviewers' scores in a report, and the reason for every point that was lost."""

from __future__ import annotations

from auxjepa_review.records import Mark
from auxjepa_review.report.blocks import Block, Bullets, Fold, Grid, Prose
from auxjepa_review.reviewers.quality import Panel, Quality


def overview(panel: Panel) -> tuple[Block, ...]:
    """Scores of every document by every reviewer, and how far they agree."""
    if not panel.qualities:
        return ()
    names = list(dict.fromkeys(name for q in panel.qualities for name in q.marks))
    body = tuple(
        (q.document, f"{q.score:.1f}", f"{q.range[0]:.1f} to {q.range[1]:.1f}",
         *(f"{q.marks[name]:.1f}" if name in q.marks else "–" for name in names))
        for q in sorted(panel.qualities, key=lambda q: -q.score)
    )  # fmt: skip
    head = ("document", "score", "one reviewer left out", *(name.replace("_", " ") for name in names))
    agree = (
        f"{panel.agreement} Reviewers look at different things, so agreement isn't the aim: where it is low, one "
        "number stands for little, and the reasons count."
    )
    return (Grid(head, body, "Reviewers' scores, 0 to 10; the score is their mean"), Prose(agree))


def blocks(panel: Panel) -> tuple[Block, ...]:
    """Every document's lost points, those that cost most first."""
    return tuple(_fold(q) for q in panel.qualities)


def _fold(quality: Quality) -> Fold:
    lost = tuple(f"{reviewer.replace('_', ' ')}, {_told(mark)}" for reviewer, mark in quality.lost)
    kept = sum(mark.points == mark.possible for review in quality.reviews for mark in review.marks)
    made: tuple[Block, ...] = (Bullets(lost),) if lost else ()
    title = f"{quality.document}: {quality.score:.1f} of 10"
    return Fold(f"review-{quality.document}", title, "", (*made, Prose(f"All points on {kept} other criteria.")))


def _told(mark: Mark) -> str:
    stop = "" if mark.reason.endswith((".", "!", "?", "”")) else "."
    return f"{mark.criterion}: {mark.points:.1f} of {mark.possible:g}. {mark.reason}{stop}"
