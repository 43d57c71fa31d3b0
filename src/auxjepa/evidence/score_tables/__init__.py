"""Reads tables of scores that other frameworks measured, and writes them as a folder of rows that a report reads.

Code that recognises columns, formats and units of such tables belongs here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.evidence.score_tables.reading_options import ReadingOptions
    from auxjepa.evidence.score_tables.score_folder import default_folder, write_folder
    from auxjepa.evidence.score_tables.scores import ScoreTable, read_scores

__all__ = ["ReadingOptions", "ScoreTable", "default_folder", "read_scores", "write_folder"]

_MODULES = {
    "auxjepa.evidence.score_tables.reading_options": ("ReadingOptions",),
    "auxjepa.evidence.score_tables.score_folder": ("default_folder", "write_folder"),
    "auxjepa.evidence.score_tables.scores": ("ScoreTable", "read_scores"),
}
"""Module: its public names, which are imported on first use."""

__getattr__ = import_on_use(__name__, _MODULES)
