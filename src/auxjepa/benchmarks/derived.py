"""A benchmark that reads the clips of another benchmark in a changed way."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import PrivateAttr

from auxjepa.benchmarks.benchmark import Benchmark


class DerivedBenchmark(Benchmark):
    """A benchmark with the fields of another one, whose clips it opens. It reads one view of each clip."""

    _benchmark: Benchmark = PrivateAttr()


D = TypeVar("D", bound=DerivedBenchmark)


def derive(kind: type[D], benchmark: Benchmark, **private: Any) -> D:
    """Return a derived benchmark that opens the clips of another one.

    Args:
        kind: class of the derived benchmark.
        benchmark: the other benchmark.
        private: further private attributes by name.
    """
    suite = "" if benchmark.suite == "recognition" else benchmark.suite
    derived = kind.model_validate(benchmark.model_dump() | {"suite": suite})
    for name, value in {"_benchmark": benchmark, **private}.items():
        setattr(derived, name, value)
    return derived
