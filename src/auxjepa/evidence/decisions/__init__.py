"""Registered hypotheses and how they are decided: registrations, deviations, verdicts and families.

Rules that turn effects into verdicts belong here. The effects are computed in ``statistics``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.evidence.decisions.decision import decide_hypotheses
    from auxjepa.evidence.decisions.registration import Hypothesis, Registration, Rule
    from auxjepa.evidence.decisions.verdicts import Verdict, decide, decide_equivalence

__all__ = [
    "Hypothesis",
    "Registration",
    "Rule",
    "Verdict",
    "decide",
    "decide_equivalence",
    "decide_hypotheses",
]

_MODULES = {
    "auxjepa.evidence.decisions.decision": ("decide_hypotheses",),
    "auxjepa.evidence.decisions.registration": (
        "Hypothesis",
        "Registration",
        "Rule",
    ),
    "auxjepa.evidence.decisions.verdicts": (
        "Verdict",
        "decide",
        "decide_equivalence",
    ),
}
"""Module: its public names. They are imported on first use, because scipy takes a noticeable part of a second."""

__getattr__ = import_on_use(__name__, _MODULES)
