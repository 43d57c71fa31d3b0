"""Sentences on the registration of a study, the same in every form of the report."""

from __future__ import annotations

from auxjepa.evidence.study_folder.folder import Registered
from auxjepa.evidence.wording import CORRECTION_NAMES
from auxjepa.report.sentences import Sentence, Strong

DEVIATIONS = "Deviations from the registration"
"""Heading of the list of deviations."""
UNCHANGED: Sentence = [
    Strong("No deviation"),
    " from the registration: hypotheses, rule, seeds, runs, measures and versions are the same, and no score is older "
    "than the registration. Only a hash that was published elsewhere shows that the registration came first; this "
    "folder does not show it.",
]


def statement(registered: Registered) -> list[Sentence]:
    """Return whether the registration binds, when it was written, and the family of its hypotheses.

    Args:
        registered: the registration of a study.
    """
    record = registered.registration
    rule = f"{CORRECTION_NAMES[record.rule.correction]}, alpha {record.rule.alpha:g}"
    family: Sentence = [
        f"Registered at {record.created}, under SHA-256 {registered.hash}. All hypotheses are one family: their p "
        f"values are corrected together ({rule})."
    ]
    return [[Strong(f"Nothing is decided: {registered.void}.")], family] if registered.void else [family]


def unchanged(registered: Registered) -> list[Sentence]:
    """Return that nothing differs from the registration; nothing where something does.

    Args:
        registered: the registration of a study.
    """
    return [] if registered.deviations else [UNCHANGED]
