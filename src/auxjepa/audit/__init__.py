"""The gradient audit: which term of a variant reaches which network, how strongly, at what cost.

It would have caught the published study's dead losses (docs/paper/findings.md: 1 to 4, 8, 9) before the first run.
"""

from auxjepa.audit.finding import Base, paper
from auxjepa.audit.records import Audit, Finding, Spread, Term, ViewStats
from auxjepa.audit.run import audit

__all__ = ["Audit", "Base", "Finding", "Spread", "Term", "ViewStats", "audit", "paper"]
