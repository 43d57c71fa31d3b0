"""Diagnostics: benchmarks whose labels are made from the clips, so that any folder of videos has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.benchmarks.diagnostics.diagnostic import DIAGNOSTICS, Diagnostic, find_diagnostic
from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.benchmarks.diagnostics.requests import benchmark_of, request

__all__ = ["DIAGNOSTICS", "Diagnostic", "benchmark_of", "find_diagnostic", "request"]

# Benchmarks import the room that opens diagnostics, so that requests are imported on first use.
__getattr__ = import_on_use(__name__, {"auxjepa.benchmarks.diagnostics.requests": ("benchmark_of", "request")})
