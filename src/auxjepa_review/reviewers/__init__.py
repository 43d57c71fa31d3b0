"""Six reviewers, each with a small rubric, that mark a document from its dossier.

A reviewer sees a document and the findings on it, and no other review. Reviewers search nothing and verify nothing:
findings come from `verify`.
"""

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

__all__ = ["REVIEWERS", "Reviewer", "review"]

REVIEWERS: dict[str, Reviewer] = {
    "numerical_consistency": numerical_consistency.review,
    "source_support": source_support.review,
    "statistical_validity": statistical_validity.review,
    "reproducibility": reproducibility.review,
    "protocol_fairness": protocol_fairness.review,
    "scope": scope.review,
}


def review(name: str, dossier: Dossier) -> Review | None:
    """Return one reviewer's marks; None if none of its criteria applies to the document.

    Args:
        name: name of the reviewer.
        dossier: the document and the findings on it.

    Raises:
        ConfigError: there is no such reviewer.
    """
    if name not in REVIEWERS:
        raise ConfigError(f"no reviewer {name!r} (known: {', '.join(REVIEWERS)})")
    marks = tuple(REVIEWERS[name](dossier))
    return Review(reviewer=name, document=dossier.document.id, marks=marks) if marks else None
