"""Is this machine fit for AuxJEPA? Checks of software, devices, media, memory, disk, data sets and a training run."""

from __future__ import annotations

from auxjepa.doctor.check import Check, Probe, Report, Settings
from auxjepa.doctor.run import examine

__all__ = ["Check", "Probe", "Report", "Settings", "examine"]
