"""Evidence from scores: effects, intervals, tests, decisions, the ledger of claims, grades, and the folders they read.

Everything here works on rows and files, computes and decides, and writes no page: pages belong to
:mod:`auxjepa.report`. Nothing here imports torch, trains or probes.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auxjepa.evidence.decision import decide_hypotheses
    from auxjepa.evidence.effects import adjust, compare, paired_effect
    from auxjepa.evidence.folder import Study, load
    from auxjepa.evidence.grade import grade_study
    from auxjepa.evidence.ledger import verify
    from auxjepa.evidence.records import ComparisonError, Effect, Estimate, ProtocolMismatch
    from auxjepa.evidence.registration import Hypothesis, Registration
    from auxjepa.evidence.results import Results
    from auxjepa.evidence.study_evidence import StudyEvidence, collect_evidence
    from auxjepa.evidence.study_results import collect_results
    from auxjepa.evidence.verdicts import Verdict, decide, decide_equivalence

__all__ = [
    "ComparisonError",
    "Effect",
    "Estimate",
    "Hypothesis",
    "ProtocolMismatch",
    "Registration",
    "Results",
    "Study",
    "StudyEvidence",
    "Verdict",
    "adjust",
    "collect_evidence",
    "collect_results",
    "compare",
    "decide",
    "decide_equivalence",
    "decide_hypotheses",
    "grade_study",
    "load",
    "paired_effect",
    "verify",
]

_MODULES = {
    "auxjepa.evidence.decision": ("decide_hypotheses",),
    "auxjepa.evidence.effects": ("adjust", "compare", "paired_effect"),
    "auxjepa.evidence.folder": ("Study", "load"),
    "auxjepa.evidence.grade": ("grade_study",),
    "auxjepa.evidence.ledger": ("verify",),
    "auxjepa.evidence.records": ("ComparisonError", "Effect", "Estimate", "ProtocolMismatch"),
    "auxjepa.evidence.registration": ("Hypothesis", "Registration"),
    "auxjepa.evidence.results": ("Results",),
    "auxjepa.evidence.study_evidence": ("StudyEvidence", "collect_evidence"),
    "auxjepa.evidence.study_results": ("collect_results",),
    "auxjepa.evidence.verdicts": ("Verdict", "decide", "decide_equivalence"),
}
"""Module: its public names. They are imported on first use, because scipy takes a noticeable part of a second."""


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
