"""Evidence from scores: effects, intervals, tests, decisions, the ledger of claims, grades, and the folders they read.

Everything here works on rows and files, computes and decides, and writes no page: pages belong to
:mod:`auxjepa.report`. Nothing here imports torch, trains or probes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.evidence.analyses.results import Results
    from auxjepa.evidence.analyses.study_results import collect_results
    from auxjepa.evidence.decisions.decision import decide_hypotheses
    from auxjepa.evidence.decisions.registration import Hypothesis, Registration
    from auxjepa.evidence.decisions.verdicts import Verdict, decide, decide_equivalence
    from auxjepa.evidence.grade.grade import grade_study
    from auxjepa.evidence.ledger.ledger import verify
    from auxjepa.evidence.statistics.effects import adjust, compare, paired_effect
    from auxjepa.evidence.statistics.records import ComparisonError, Effect, Estimate, ProtocolMismatch
    from auxjepa.evidence.study_evidence import StudyEvidence, collect_evidence
    from auxjepa.evidence.study_folder.folder import Study, load

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
    "auxjepa.evidence.decisions.decision": ("decide_hypotheses",),
    "auxjepa.evidence.statistics.effects": ("adjust", "compare", "paired_effect"),
    "auxjepa.evidence.study_folder.folder": ("Study", "load"),
    "auxjepa.evidence.grade.grade": ("grade_study",),
    "auxjepa.evidence.ledger.ledger": ("verify",),
    "auxjepa.evidence.statistics.records": ("ComparisonError", "Effect", "Estimate", "ProtocolMismatch"),
    "auxjepa.evidence.decisions.registration": ("Hypothesis", "Registration"),
    "auxjepa.evidence.analyses.results": ("Results",),
    "auxjepa.evidence.study_evidence": ("StudyEvidence", "collect_evidence"),
    "auxjepa.evidence.analyses.study_results": ("collect_results",),
    "auxjepa.evidence.decisions.verdicts": ("Verdict", "decide", "decide_equivalence"),
}
"""Module: its public names. They are imported on first use, because scipy takes a noticeable part of a second."""

__getattr__ = import_on_use(__name__, _MODULES)
