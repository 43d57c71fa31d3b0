"""The grade of a study folder: a checklist with visible weights, where each lost point has a reason.

The grade says how reliable results are, and not whether they are good. The same checklist grades a study folder and a
published table. What a source does not report counts as not done. What can be computed from the folder is computed.
"""

from __future__ import annotations

from collections.abc import Callable

from auxjepa.evidence.grade import design, integrity, measurement, tuned
from auxjepa.evidence.grade.criteria import MEANING, PASS, REQUIRED, VERSION, WEIGHTS, Criterion, Grade
from auxjepa.evidence.grade.design import grade_seeds
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.rows import Row

__all__ = ["MEANING", "PASS", "REQUIRED", "VERSION", "WEIGHTS", "Criterion", "Grade", "grade_seeds", "grade_study"]

RULES: dict[str, Callable[[Study, list[Row]], tuple[float, str]]] = {
    "paired seeds": design.grade_paired,
    "enough seeds": design.grade_study_seeds,
    "power": design.grade_power,
    "controls": measurement.grade_controls,
    "above random init": measurement.grade_above_random,
    "equal probes": measurement.grade_probes,
    "tuned on validation": measurement.grade_validation,
    "validation is not test": measurement.grade_splits,
    "settings inside grid": measurement.grade_grid,
    "tuned alike": tuned.grade_tuning,
    "reference healthy": measurement.grade_reference_health,
    "enough clips": measurement.grade_clips,
    "crossed interval": measurement.grade_crossed,
    "pre-registered": design.grade_registered,
    "published hash": design.grade_published_hash,
    "fresh networks": design.grade_fresh_networks,
    "complete": design.grade_complete,
    "test examples kept": integrity.grade_marks,
    "collapse counted": integrity.grade_collapse,
    "networks distinct": integrity.grade_distinct,
    "records agree": integrity.grade_records,
    "terms audited": integrity.grade_audited,
    "repeatable": integrity.grade_repeatable,
}
"""Rule of each criterion: it returns the share and the reason for a study and its scores of trained encoders."""


def grade_study(study: Study) -> Grade:
    """Return the grade of a study folder.

    Args:
        study: the study.
    """
    scored = [row for row in study.rows if row.control is None]
    criteria = tuple(Criterion(name, *RULES[name](study, scored)) for name in WEIGHTS)
    return Grade(study.name, criteria, (*study.left_out, *study.copies.notes))
