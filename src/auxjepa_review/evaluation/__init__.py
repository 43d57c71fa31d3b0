"""Measure how many planted defects a review detects, and how many harmless edits it reports by mistake.

The room edits copies of documents and runs whole reviews on them. Measurements of single steps are in the rooms of
these steps (`claims.accuracy`, `verify.accuracy`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa_review.evaluation.defects import DEFECTS, HARMLESS, Edit, Target, plant
    from auxjepa_review.evaluation.detection import Assessment, Trial, assess, attempt, run_trials

__all__ = [
    "DEFECTS",
    "HARMLESS",
    "Assessment",
    "Edit",
    "Target",
    "Trial",
    "assess",
    "attempt",
    "plant",
    "run_trials",
]

_MODULES = {
    "auxjepa_review.evaluation.defects": ("DEFECTS", "Edit", "HARMLESS", "Target", "plant"),
    "auxjepa_review.evaluation.detection": ("Assessment", "Trial", "assess", "attempt", "run_trials"),
}
"""Module: its public names. They are imported on first use, so that the script `detection` is not imported twice."""

__getattr__ = import_on_use(__name__, _MODULES)
