"""Compare claims with results and passages: checks, a word, and a calibrated probability.

The room also measures its own accuracy on labelled cases. It extracts no claim (`claims`) and gives no marks
(`reviewers`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa_review.verify.ledger_documents import (
        combine_words,
        group_by_row,
        load_facts,
        load_ledger_documents,
        row_probability,
    )
    from auxjepa_review.verify.verdict import Results, verify

__all__ = [
    "Results",
    "combine_words",
    "group_by_row",
    "load_facts",
    "load_ledger_documents",
    "row_probability",
    "verify",
]

_MODULES = {
    "auxjepa_review.verify.ledger_documents": (
        "combine_words",
        "group_by_row",
        "load_facts",
        "load_ledger_documents",
        "row_probability",
    ),
    "auxjepa_review.verify.verdict": ("Results", "verify"),
}
"""Module: its public names. They are imported on first use, because scipy takes a noticeable part of a second."""

__getattr__ = import_on_use(__name__, _MODULES)
