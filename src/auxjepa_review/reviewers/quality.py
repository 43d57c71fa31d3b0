"""Run all reviewers on all documents: scores with their reasons, and the reviewers' agreement."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from pydantic import Field

from auxjepa.config import Typed
from auxjepa_review.records import Dossier, Mark, Review
from auxjepa_review.reviewers import REVIEWERS, agreement, review


class Quality(Typed):
    """The reviews of a document. Every reviewer has the same weight."""

    document: str
    reviews: tuple[Review, ...] = Field(min_length=1)

    @property
    def score(self) -> float:
        """Mean of the reviewers' scores, 0 to 10."""
        return fmean(r.score for r in self.reviews)

    @property
    def marks(self) -> dict[str, float]:
        """Scores by reviewer, without reviewers that had nothing to judge."""
        return {r.reviewer: r.score for r in self.reviews}

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest mean with one reviewer left out, which shows the effect of a single reviewer."""
        if len(self.reviews) < 2:
            return self.score, self.score
        means = [fmean(r.score for r in self.reviews if r is not left_out) for left_out in self.reviews]
        return min(means), max(means)

    @property
    def losses(self) -> list[tuple[str, Mark]]:
        """Every mark below its possible points with its reviewer, the largest losses first."""
        total = {r.reviewer: sum(m.possible for m in r.marks) for r in self.reviews}
        marks = [(r.reviewer, m) for r in self.reviews for m in r.marks if m.points < m.possible]
        return sorted(marks, key=lambda pair: (pair[1].points - pair[1].possible) / total[pair[0]])


class Panel(Typed):
    """Reviews of several documents, and the reviewers' agreement over them."""

    qualities: tuple[Quality, ...]
    alpha: float | None = Field(default=None, description="Krippendorff's, interval; None where it isn't defined")
    interval: tuple[float, float] | None = Field(default=None, description="95 %, bootstrap over documents")

    @property
    def agreement(self) -> str:
        """Alpha as a sentence."""
        if self.alpha is None:
            return "Agreement isn't defined: it needs two documents with different scores."
        within = f" [{self.interval[0]:.2f}, {self.interval[1]:.2f}]" if self.interval else ""
        return (
            f"Krippendorff's alpha {self.alpha:.2f}{within} over {len(self.qualities)} documents "
            f"and {len({name for q in self.qualities for name in q.marks})} reviewers (1 is agreement, 0 is chance)."
        )


def judge(dossiers: Sequence[Dossier], reviewers: Sequence[str] = tuple(REVIEWERS)) -> Panel:
    """Run every reviewer on every document. No reviewer sees another review.

    Args:
        dossiers: documents with the findings on them.
        reviewers: names of the reviewers.

    Raises:
        ConfigError: there is no such reviewer, or the library `krippendorff` is not installed.
    """
    qualities = [
        Quality(document=d.document.id, reviews=tuple(r for r in (review(name, d) for name in reviewers) if r))
        for d in dossiers
    ]
    ratings = [[q.marks.get(name) for q in qualities] for name in reviewers]
    return Panel(qualities=tuple(qualities), alpha=agreement.alpha(ratings), interval=agreement.interval(ratings))
