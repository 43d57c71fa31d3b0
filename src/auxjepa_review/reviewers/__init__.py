"""Six reviewers, each a small rubric of its own, who see a document's dossier and nothing of each other."""

from __future__ import annotations

from auxjepa.config import ConfigError
from auxjepa_review.records import Dossier, Review
from auxjepa_review.reviewers import (
    numerical_consistency,
    protocol_fairness,
    reproducibility,
    scope,
    source_support,
    statistical_validity,
)
from auxjepa_review.reviewers.reviewer import Reviewer

REVIEWERS: dict[str, Reviewer] = {
    "numerical_consistency": numerical_consistency.review,
    "source_support": source_support.review,
    "statistical_validity": statistical_validity.review,
    "reproducibility": reproducibility.review,
    "protocol_fairness": protocol_fairness.review,
    "scope": scope.review,
}


def review(name: str, dossier: Dossier) -> Review | None:
    """One reviewer's marks; None where none of its criteria can apply to the document.

    Raises:
        ConfigError: when there is no such reviewer.
    """
    if name not in REVIEWERS:
        raise ConfigError(f"no reviewer {name!r} (known: {', '.join(REVIEWERS)})")
    marks = tuple(REVIEWERS[name](dossier))
    return Review(reviewer=name, document=dossier.document.id, marks=marks) if marks else None
