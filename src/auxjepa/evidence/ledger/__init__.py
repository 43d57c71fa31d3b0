"""The ledger of claims about the published study: claims, the published table, checks, anomalies and verdicts.

Code that compares a claim with numbers belongs here. Reviews of whole documents are in ``auxjepa_review``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.evidence.ledger.claims import Claim
    from auxjepa.evidence.ledger.ledger import verify

__all__ = [
    "Claim",
    "verify",
]

_MODULES = {
    "auxjepa.evidence.ledger.claims": ("Claim",),
    "auxjepa.evidence.ledger.ledger": ("verify",),
}
"""Module: its public names. They are imported on first use, because scipy takes a noticeable part of a second."""

__getattr__ = import_on_use(__name__, _MODULES)
