"""Versions of the probes of benchmarks. A version is a set of protocols. Each score stores the hash of its protocol.

Version 1 has the grids of the published evidence: two or three learning rates and one weight decay. Version 2 has wider
grids for the protocols in :data:`SECOND`, and prefers the inner part of a grid where validation clips show no
difference. All other protocols are the same in both versions (docs/evidence/probe_grid.md).
"""

from __future__ import annotations

from collections.abc import Mapping

from auxjepa.benchmarks import motion_discrimination, world
from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.diagnostics import requests
from auxjepa.probes.protocol import Protocol
from auxjepa.probes.wide_grids import ATTENTIVE_GRID, LINEAR_GRID

SECOND: Mapping[str, Protocol] = {
    first.digest(): first.model_copy(update={**grid, **changes})
    for first, grid, changes in (
        (world.LINEAR, LINEAR_GRID, {}),
        (world.ATTENTIVE, ATTENTIVE_GRID, {"epochs": 20}),
        (motion_discrimination.FEW, ATTENTIVE_GRID, {}),
        (requests.ATTENTIVE, ATTENTIVE_GRID, {}),
    )
}
"""Protocols of version 2 by the hash of their first version."""


def at_version(benchmark: Benchmark, version: int) -> Benchmark:
    """Return a benchmark with the probe of a version.

    Args:
        benchmark: the benchmark, with the probe of its first version.
        version: version of the probes.
    """
    second = SECOND.get(benchmark.protocol.digest())
    return benchmark.model_copy(update={"protocol": second}) if version >= 2 and second is not None else benchmark
