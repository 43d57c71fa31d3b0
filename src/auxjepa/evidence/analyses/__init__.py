"""Analyses of a whole study: the table of results, ablation, domains, transfer, robustness, mixing, cost and training.

Code that collects what a section of the report shows belongs here. The statistics are in ``statistics``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.evidence.analyses.results import Results
    from auxjepa.evidence.analyses.study_results import collect_results

__all__ = [
    "Results",
    "collect_results",
]

_MODULES = {
    "auxjepa.evidence.analyses.results": ("Results",),
    "auxjepa.evidence.analyses.study_results": ("collect_results",),
}
"""Module: its public names. They are imported on first use, because scipy takes a noticeable part of a second."""

__getattr__ = import_on_use(__name__, _MODULES)
