"""``benchmarks.json`` and ``protocols.json``: the benchmarks and protocols that the hashes in rows name."""

from __future__ import annotations

from typing import Any

from auxjepa.benchmarks import Benchmark
from auxjepa.config import DataConfig
from auxjepa.probes.protocol import Protocol

BENCHMARKS, PROTOCOLS = "benchmarks.json", "protocols.json"
"""File names, in a study folder and in a folder that ``auxjepa probe`` writes."""
UNITS = {"r2": "R², %"}
"""Unit of each metric that isn't a share of test clips. The evidence never averages different units."""


def benchmark_record(benchmark: Benchmark, data: DataConfig) -> dict[str, Any]:
    """Return the record of a benchmark.

    Args:
        benchmark: the benchmark.
        data: how clips are cut; part of the benchmark's hash.
    """
    unit = {"unit": UNITS[benchmark.metric]} if benchmark.metric in UNITS else {}
    return {
        "title": benchmark.title,
        "capability": benchmark.capability,
        "suite": benchmark.suite,
        "marks_each_clip": benchmark.marks_each_clip,
        "hash": benchmark.hash_on(data),
        "n_test": benchmark.test,
        "n_classes": benchmark.classes,
        "n_train": benchmark.train,
        "n_validation": benchmark.validation,
        "controls": list(benchmark.controls),
        **unit,
    }


def protocol_record(protocol: Protocol) -> dict[str, Any]:
    """Return the record of a protocol.

    Args:
        protocol: how frozen features are read.
    """
    return {"hash": protocol.digest(), "record": protocol.model_dump(mode="json")}
