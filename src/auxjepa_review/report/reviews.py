"""Show reviewers' scores in a report, and the reason for every lost point."""

from __future__ import annotations

from auxjepa_review.records import Mark
from auxjepa_review.report.blocks import Block, Bullets, Fold, Grid, Prose
from auxjepa_review.reviewers.quality import Panel, Quality


def overview(panel: Panel) -> tuple[Block, ...]:
    """Return the scores of every document by every reviewer, and the reviewers' agreement."""
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
        f"{panel.agreement} Reviewers judge different properties, so agreement is not the aim. If it is low, one "
        "number summarises little, and the reasons count."
    )
    return (Grid(head, body, "Reviewers' scores, 0 to 10; the score is their mean"), Prose(agree))


def blocks(panel: Panel) -> tuple[Block, ...]:
    """Return the lost points of every document, the largest losses first."""
    return tuple(_fold(q) for q in panel.qualities)


def _fold(quality: Quality) -> Fold:
    losses = tuple(f"{reviewer.replace('_', ' ')}, {_describe_loss(mark)}" for reviewer, mark in quality.losses)
    full_marks = sum(mark.points == mark.possible for review in quality.reviews for mark in review.marks)
    blocks: tuple[Block, ...] = (Bullets(losses),) if losses else ()
    title = f"{quality.document}: {quality.score:.1f} of 10"
    return Fold(
        f"review-{quality.document}", title, "", (*blocks, Prose(f"All points on {full_marks} other criteria."))
    )


def _describe_loss(mark: Mark) -> str:
    stop = "" if mark.reason.endswith((".", "!", "?", "”")) else "."
    return f"{mark.criterion}: {mark.points:.1f} of {mark.possible:g}. {mark.reason}{stop}"
