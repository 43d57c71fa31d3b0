"""Sizes of benchmarks in a study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from auxjepa.config import Count, Typed

if TYPE_CHECKING:
    from auxjepa.benchmarks import Benchmark


class Sizes(Typed):
    """Sizes that replace those of the benchmarks. Scores of other sizes have other hashes and are not compared."""

    train: Count | None = Field(default=None, description="clips that probes are trained on")
    validation: Count | None = Field(default=None, description="clips that hyperparameters are chosen on")
    test: Count | None = Field(default=None, description="clips that are scored once")
    epochs: Count | None = Field(default=None, description="of trained probes")

    def on(self, benchmark: Benchmark) -> Benchmark:
        """Return the benchmark in these sizes."""
        has_fixed_clips = ":" in benchmark.source and not benchmark.source.startswith("synthetic:")
        update: dict[str, Any] = {} if has_fixed_clips else self.model_dump(exclude={"epochs"}, exclude_none=True)
        if self.epochs is not None:
            update["protocol"] = benchmark.protocol.model_copy(update={"epochs": self.epochs})
        return benchmark.model_copy(update=update)
