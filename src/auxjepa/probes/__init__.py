"""Frozen features and the heads that read them: extraction, fits, few-shot episodes, retrieval and similarity.

Code that works on tokens of a frozen encoder belongs here. Which clips and labels are measured is in ``benchmarks``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.probes.features import encode, extract
    from auxjepa.probes.fit import Fitted, Score, Split, fit_probe, probe
    from auxjepa.probes.protocol import Protocol

__all__ = ["Fitted", "Protocol", "Score", "Split", "encode", "extract", "fit_probe", "probe"]

_MODULES = {
    "auxjepa.probes.features": ("encode", "extract"),
    "auxjepa.probes.fit": ("Fitted", "Score", "Split", "fit_probe", "probe"),
    "auxjepa.probes.protocol": ("Protocol",),
}
"""Module: its public names. They are imported on first use, because torch takes seconds to import."""

__getattr__ = import_on_use(__name__, _MODULES)
