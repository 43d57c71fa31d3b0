"""Grades of evidence: how far results can be relied on, with a reason for every lost point.

Checklists and their weights belong here. The results that they grade come from the other rooms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.evidence.grade.grade import grade_study

__all__ = [
    "grade_study",
]

_MODULES = {
    "auxjepa.evidence.grade.grade": ("grade_study",),
}
"""Module: its public names. They are imported on first use, because scipy takes a noticeable part of a second."""

__getattr__ = import_on_use(__name__, _MODULES)
