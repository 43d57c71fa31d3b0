"""Reads study folders: rows, marks of test clips, runs, samples, audits and similarities.

Code that turns files of a study into records belongs here. Statistics over the records are in the other rooms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.evidence.study_folder.artifacts import Audit, Run, Samples
    from auxjepa.evidence.study_folder.clip_marks import ClipMarksReader, marks_each_clip
    from auxjepa.evidence.study_folder.folder import Study, load
    from auxjepa.evidence.study_folder.similarity import Similarity

__all__ = [
    "Audit",
    "ClipMarksReader",
    "Run",
    "Samples",
    "Similarity",
    "Study",
    "load",
    "marks_each_clip",
]

_MODULES = {
    "auxjepa.evidence.study_folder.artifacts": (
        "Audit",
        "Run",
        "Samples",
    ),
    "auxjepa.evidence.study_folder.clip_marks": (
        "ClipMarksReader",
        "marks_each_clip",
    ),
    "auxjepa.evidence.study_folder.folder": (
        "Study",
        "load",
    ),
    "auxjepa.evidence.study_folder.similarity": ("Similarity",),
}
"""Module: its public names. They are imported on first use, because scipy takes a noticeable part of a second."""

__getattr__ = import_on_use(__name__, _MODULES)
