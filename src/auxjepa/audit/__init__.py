"""The gradient audit: which networks the terms of a variant reach, how large their gradients are, and what they cost.

It detects the dead losses of the published study (docs/paper/findings.md: 1 to 4, 8, 9) before the first run. This room
measures and judges networks; claims of papers belong to :mod:`auxjepa.evidence`.
"""

from auxjepa.audit.paper_run import Base, paper
from auxjepa.audit.records import Audit, Finding, Spread, Term, ViewStats
from auxjepa.audit.run import audit

__all__ = ["Audit", "Base", "Finding", "Spread", "Term", "ViewStats", "audit", "paper"]
