"""Review documents on a question: search, claims, verification against evidence, reviewers, and a report.

The package imports `auxjepa.evidence` and `auxjepa.report`, and nothing in `auxjepa` imports it. It imports no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa_review.outcome import Outcome
    from auxjepa_review.published_review import review_published
    from auxjepa_review.records import (
        ClaimRow,
        Document,
        Dossier,
        Finding,
        Mark,
        Mention,
        Passage,
        Review,
        Span,
        Statement,
        Word,
        Work,
    )
    from auxjepa_review.review import run_review
    from auxjepa_review.study_review import review_study

__all__ = [
    "ClaimRow",
    "Document",
    "Dossier",
    "Finding",
    "Mark",
    "Mention",
    "Outcome",
    "Passage",
    "Review",
    "Span",
    "Statement",
    "Word",
    "Work",
    "review_published",
    "review_study",
    "run_review",
]

_MODULES = {
    "auxjepa_review.outcome": ("Outcome",),
    "auxjepa_review.published_review": ("review_published",),
    "auxjepa_review.records": (
        "ClaimRow",
        "Document",
        "Dossier",
        "Finding",
        "Mark",
        "Mention",
        "Passage",
        "Review",
        "Span",
        "Statement",
        "Word",
        "Work",
    ),
    "auxjepa_review.review": ("run_review",),
    "auxjepa_review.study_review": ("review_study",),
}
"""Module: its public names. They are imported on first use, because child processes import this package too."""

__getattr__ = import_on_use(__name__, _MODULES)
