"""Settings that say what a table of scores does not say."""

from __future__ import annotations

from pydantic import Field

from auxjepa.config import Typed


class ReadingOptions(Typed):
    """Settings of the reading of a table of scores. A column of the table wins over a setting."""

    reference: str = Field(default="", description="variant that the others are compared with; 'baseline' when unset")
    unit: str = Field(default="", description="unit of the scores: %, share (0 to 1), or any other name")
    metric: str = Field(default="", description="metric of the scores; top1 if they are shares of correct examples")
    lower_is_better: tuple[str, ...] = Field(default=(), description="benchmarks or metrics where less is better")
    higher_is_better: tuple[str, ...] = Field(default=(), description="benchmarks or metrics where more is better")
    benchmarks: tuple[str, ...] = Field(default=(), description="columns of a wide table, or benchmarks, that are read")
    variant_column: str = Field(default="", description="column with the names of the variants")
    seed_column: str = Field(default="", description="column with the seeds")
