"""Checks whether a machine can run AuxJEPA: software, devices, media, memory, disk, data sets and a small training run.

Checks of a single configuration before its run belong to :mod:`auxjepa.train.checks`.
"""

from __future__ import annotations

from auxjepa.doctor.check import Check, Probe, Report, Settings
from auxjepa.doctor.run import examine

__all__ = ["Check", "Probe", "Report", "Settings", "examine"]
