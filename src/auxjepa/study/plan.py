"""A study as a typed file, and its expansion into runs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from auxjepa import benchmarks, variants
from auxjepa.benchmarks import Benchmark
from auxjepa.config import ConfigError, Count, DataConfig, RunConfig, Typed

CONTROLS = ("random_init", "raw_pixels", "majority", "chance")


class StudyConfig(Typed):
    """What a study asks and does. Every run is ``base`` with a variant, a regime's data and a seed put in."""

    name: str
    question: str = ""
    answer_template: str = ""
    phase: Literal["screen", "confirm"] = "screen"
    reference: str = "baseline"
    variants: tuple[str, ...] = Field(min_length=1)
    seeds: tuple[int, ...] = Field(min_length=1)
    benchmarks: tuple[str, ...] = Field(min_length=1)
    regimes: dict[str, DataConfig] = Field(default={"world": DataConfig()}, description="pretraining data by name")
    base: RunConfig = RunConfig()
    controls: tuple[Literal["random_init", "raw_pixels", "majority", "chance"], ...] = CONTROLS
    scale_notes: tuple[str, ...] = Field(default=(), description="what a reader should know about its size")

    @model_validator(mode="after")
    def _known(self) -> StudyConfig:
        for what, names in (("variants", self.variants), ("seeds", self.seeds), ("benchmarks", self.benchmarks)):
            if len(set(names)) < len(names):
                raise ValueError(f"{what} lists something twice")
        if self.reference not in self.variants:
            raise ValueError(f"the reference {self.reference!r} is not among the variants")
        try:
            for name in self.variants:
                variants.find(name)
            for name in self.benchmarks:
                benchmarks.get(name)
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return self

    def chosen_benchmarks(self) -> list[Benchmark]:
        """The benchmarks of the study, in its order."""
        return [benchmarks.get(name) for name in self.benchmarks]


class PlannedRun(Typed):
    """One pretraining run and the controls' stand-in for it (``control`` 'random_init' trains nothing)."""

    config: RunConfig
    control: Literal["random_init"] | None = None

    @property
    def key(self) -> str:
        """Hash of everything that can change the run's numbers; its folder's name."""
        return ("random-" if self.control else "") + self.config.content_hash()


def plan(study: StudyConfig, root: Path | None = None) -> list[PlannedRun]:
    """Every run of a study: seeds outside, so that a study that is stopped early is paired as far as it got.

    Args:
        root: where generated data and caches are kept; as in the study when None.
    """
    runs: list[PlannedRun] = []
    for seed in study.seeds:
        for regime, data in study.regimes.items():
            own = data if root is None else data.model_copy(update={"root": root})
            base = study.base.model_copy(update={"data": own, "seed": seed, "regime": regime})
            if "random_init" in study.controls:
                control = base.model_copy(update={"variant": "random_init"})
                runs.append(PlannedRun(config=control, control="random_init"))
            runs.extend(PlannedRun(config=variants.apply(name, base)) for name in study.variants)
    return runs


def total_steps(runs: list[PlannedRun]) -> Count:
    """Training steps of all runs together."""
    return sum(run.config.optim.steps for run in runs if run.control is None)
