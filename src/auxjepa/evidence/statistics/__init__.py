"""Statistics of paired scores: effects, intervals, tests, power, equivalence, aggregates and factorial designs.

Functions of numbers and rows belong here. They read no files, and they decide nothing about hypotheses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.evidence.statistics.effects import adjust, compare, paired_effect
    from auxjepa.evidence.statistics.equivalence import seeds_to_show
    from auxjepa.evidence.statistics.intervals import clustered_wilson, effective_size
    from auxjepa.evidence.statistics.records import ComparisonError, Effect, Estimate, ProtocolMismatch
    from auxjepa.evidence.statistics.significance import seeds_to_test

__all__ = [
    "ComparisonError",
    "Effect",
    "Estimate",
    "ProtocolMismatch",
    "adjust",
    "clustered_wilson",
    "compare",
    "effective_size",
    "paired_effect",
    "seeds_to_show",
    "seeds_to_test",
]

_MODULES = {
    "auxjepa.evidence.statistics.effects": (
        "adjust",
        "compare",
        "paired_effect",
    ),
    "auxjepa.evidence.statistics.equivalence": ("seeds_to_show",),
    "auxjepa.evidence.statistics.intervals": (
        "clustered_wilson",
        "effective_size",
    ),
    "auxjepa.evidence.statistics.records": (
        "ComparisonError",
        "Effect",
        "Estimate",
        "ProtocolMismatch",
    ),
    "auxjepa.evidence.statistics.significance": ("seeds_to_test",),
}
"""Module: its public names. They are imported on first use, because scipy takes a noticeable part of a second."""

__getattr__ = import_on_use(__name__, _MODULES)
