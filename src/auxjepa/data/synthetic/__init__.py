"""Synthetic benchmarks that are drawn from a seed on demand and have no video files.

The scenes of these benchmarks and how they are drawn belong here. The synthetic world, which has files, belongs to
:mod:`auxjepa.data.world`.
"""

from __future__ import annotations

from auxjepa.data.synthetic.sources import PREFIX, SOURCES, SyntheticSource, find_source, open_synthetic

__all__ = ["PREFIX", "SOURCES", "SyntheticSource", "find_source", "open_synthetic"]
