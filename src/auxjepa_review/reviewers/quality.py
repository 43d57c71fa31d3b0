"""All reviewers on all documents: scores with their reasons, and how far the reviewers agree."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from pydantic import Field

from auxjepa.config import Typed
from auxjepa_review.records import Dossier, Mark, Review
from auxjepa_review.reviewers import REVIEWERS, agreement, review


class Quality(Typed):
    """A document's reviews. Every reviewer counts alike, however many criteria it has."""

    document: str
    reviews: tuple[Review, ...] = Field(min_length=1)

    @property
    def score(self) -> float:
        """Mean of the reviewers' scores, 0 to 10."""
        return fmean(r.score for r in self.reviews)

    @property
    def marks(self) -> dict[str, float]:
        """Scores by reviewer; one who had nothing to judge is left out."""
        return {r.reviewer: r.score for r in self.reviews}

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest mean with one reviewer left out: what a single opinion decides."""
        if len(self.reviews) < 2:
            return self.score, self.score
        left = [fmean(r.score for r in self.reviews if r is not out) for out in self.reviews]
        return min(left), max(left)

    @property
    def lost(self) -> list[tuple[str, Mark]]:
        """Every mark below its possible points and its reviewer; what costs the document most comes first."""
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
        """Alpha in a sentence."""
        if self.alpha is None:
            return "Agreement isn't defined: it takes two documents with different scores."
        within = f" [{self.interval[0]:.2f}, {self.interval[1]:.2f}]" if self.interval else ""
        return (
            f"Krippendorff's alpha {self.alpha:.2f}{within} over {len(self.qualities)} documents "
            f"and {len({name for q in self.qualities for name in q.marks})} reviewers (1 is agreement, 0 is chance)."
        )


def judge(dossiers: Sequence[Dossier], reviewers: Sequence[str] = tuple(REVIEWERS)) -> Panel:
    """Every reviewer on every document, each blind to the others.

    Raises:
        ConfigError: when there is no such reviewer.
    """
    qualities = [
        Quality(document=d.document.id, reviews=tuple(r for r in (review(name, d) for name in reviewers) if r))
        for d in dossiers
    ]
    ratings = [[q.marks.get(name) for q in qualities] for name in reviewers]
    return Panel(qualities=tuple(qualities), alpha=agreement.alpha(ratings), interval=agreement.interval(ratings))
