"""Public data sets and formats for your own data: how their official files are read, prepared, checked and opened.

A reader of annotation files belongs here. How a media file is scanned or decoded belongs to
:mod:`auxjepa.data.manifest` and :mod:`auxjepa.data.media`.
"""

from __future__ import annotations

from auxjepa.data.sets.check import SetCheck, check_set
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Problem
from auxjepa.data.sets.prepare import prepare_set
from auxjepa.data.sets.prepared_set import Coverage, PreparedSet, number_classes, read_set
from auxjepa.data.sets.registry import SETS, find_set
from auxjepa.data.sets.set_manifest import open_set

__all__ = [
    "SETS",
    "Card",
    "Coverage",
    "DataSet",
    "Example",
    "Listing",
    "PreparedSet",
    "Problem",
    "SetCheck",
    "check_set",
    "find_set",
    "number_classes",
    "open_set",
    "prepare_set",
    "read_set",
]
