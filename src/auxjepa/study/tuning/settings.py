"""The ``tune`` section of a study: what is searched, with how many trials, on which seeds. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from auxjepa.config import Count, Natural, Typed, Whole
from auxjepa.study.sizes import Sizes

TUNABLE = ("objectives", "masks", "teacher", "optim", "model.predictor_dim", "model.predictor_depth")
"""Fields of a run that a search can change, or the beginnings of their names."""
WHOLE = ("objectives", "teacher", "optim")
"""Records of a run. A search names their fields one by one, so that each can be checked."""
AUGMENTATION = ("data.flip", "data.crop_area", "data.crop_aspect")
"""Fields of the pretraining data that a search can change."""
FIXED = ("optim.steps", "optim.batch")
"""Fields that a search cannot change, because they would change the budget of a trial."""


class Interval(Typed):
    """Numbers from which a search draws."""

    low: float
    high: float
    log: bool = Field(default=False, description="whether logarithms are drawn uniformly")
    step: float | None = Field(default=None, description="distance of the numbers; any number when unset")
    whole: bool = Field(default=False, description="whether only integers are drawn")

    @model_validator(mode="after")
    def _ordered(self) -> Interval:
        if self.low >= self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        if self.log and (self.low <= 0 or self.step is not None):
            raise ValueError("log needs a low above 0, and no step")
        if self.step is not None and not 0 < self.step <= self.high - self.low:
            raise ValueError(f"step must be above 0 and at most high - low, got {self.step:g}")
        if self.whole and any(value != int(value) for value in (self.low, self.high, self.step or 1)):
            raise ValueError("whole needs integers as low, high and step")
        return self


def _kind(values: Any) -> str | None:
    """Return which kind of values a field has; None if it is neither."""
    if isinstance(values, Interval | Mapping):
        return "interval"
    return "choices" if isinstance(values, list | tuple) else None


Values = Annotated[
    Annotated[Interval, Tag("interval")] | Annotated[list[Any], Tag("choices")],
    Discriminator(_kind, custom_error_type="values", custom_error_message="needs a list of choices, or low and high"),
]
"""What a search tries for a field."""
Space = dict[str, Values]
"""Intervals and lists of choices by the dotted name of a field of a run."""


class Stage(Typed):
    """One stage of a search: so many recipes are trained for so many steps."""

    steps: Count = Field(description="training steps of each run")
    trials: Count = Field(description="recipes; those of a later stage are the best of the stage before")


class Tune(Typed):
    """A search of recipes with the same budget for every variant."""

    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {"recipes": []}

    space: Space = Field(min_length=1, description="what is searched for every variant")
    variant_space: dict[str, Space] = Field(default={}, description="what is searched for one variant in addition")
    recipes: tuple[dict[str, Any], ...] = Field(
        default=(), description="recipes that every variant tries first: values by field, also of fields out of space"
    )
    stages: tuple[Stage, ...] = Field(
        default=(Stage(steps=200, trials=40), Stage(steps=400, trials=10), Stage(steps=800, trials=3)),
        min_length=1,
        description="successive halving; the last stage trains each recipe with every seed",
    )
    seeds: tuple[Natural, ...] = Field(
        min_length=1, description="the first is used in all stages, the rest in the last"
    )
    sampler: Literal["random", "tpe"] = Field(
        default="random", description="how recipes of the first stage are drawn: a sampler of Optuna"
    )
    generations: Count = Field(default=1, description="parts of the first stage between which 'tpe' learns")
    seed: Whole = Field(default=0, ge=0, description="seed of the sampler")
    objective: str = Field(
        default="mean",
        description="'mean' of scores as shares of the way from chance to 100, or the name of a benchmark",
    )
    benchmarks: tuple[str, ...] = Field(
        default=(), description="benchmarks of the objective; all of the study when empty"
    )
    sizes: Sizes = Field(default=Sizes(), description="of the benchmarks in the search")
    readings: Literal["both", "own"] = Field(
        default="both", description="whether all variants are also compared at the reference's recipe"
    )

    @model_validator(mode="after")
    def _valid(self) -> Tune:
        for earlier, later in pairwise(self.stages):
            if later.trials >= earlier.trials or later.steps <= earlier.steps:
                raise ValueError(
                    f"stages: each has fewer trials and more steps than the one before, got {earlier.trials} x "
                    f"{earlier.steps} and then {later.trials} x {later.steps}"
                )
        for name, values in (("seeds", self.seeds), ("benchmarks", self.benchmarks)):
            if len(set(values)) < len(values):
                raise ValueError(f"{name} lists something twice")
        if self.generations > 1 and self.sampler != "tpe":
            raise ValueError("generations is for the sampler 'tpe', which learns from earlier trials")
        if self.generations > self.stages[0].trials:
            raise ValueError(f"generations ({self.generations}) is above the trials of the first stage")
        if len(self.recipes) >= self.stages[0].trials:
            raise ValueError(f"recipes: {len(self.recipes)} need a first stage of more trials")
        for field in (field for recipe in self.recipes for field in recipe):
            _check_name(field)
        for space in (self.space, *self.variant_space.values()):
            for field, values in space.items():
                _check_field(field, values)
        return self

    @property
    def runs(self) -> int:
        """Number of runs of the search of one variant."""
        return sum(one.trials for one in self.stages[:-1]) + self.stages[-1].trials * len(self.seeds)

    @property
    def steps(self) -> int:
        """Training steps of the search of one variant."""
        return sum(one.steps * one.trials for one in self.stages[:-1]) + (
            self.stages[-1].steps * self.stages[-1].trials * len(self.seeds)
        )

    def space_of(self, variant: str) -> Space:
        """Return the space of a variant: the common fields, then its additional fields.

        Args:
            variant: name of the variant.
        """
        return {**self.space, **self.variant_space.get(variant, {})}


def extreme_values(values: Interval | list[Any]) -> list[Any]:
    """Return the choices of a field, or the ends of its interval and a number between them.

    Args:
        values: what is searched.
    """
    if not isinstance(values, Interval):
        return values
    if values.whole:
        return [int(values.low), int(values.high)]
    return [values.low, values.low + 0.37 * (values.high - values.low), values.high]


def _check_field(field: str, values: Interval | list[Any]) -> None:
    """Check that a search can change a field, and that there is a choice.

    Raises:
        ValueError: if it cannot.
    """
    _check_name(field)
    if isinstance(values, list):
        if len(values) < 2:
            raise ValueError(f"space: {field} needs two or more choices, or low and high")
        texts = [repr(value) for value in values]
        if len(set(texts)) < len(texts):
            raise ValueError(f"space: {field} lists a choice twice")


def _check_name(field: str) -> None:
    """Check that a search can change a field.

    Raises:
        ValueError: if it cannot.
    """
    searchable = (*TUNABLE, *AUGMENTATION)
    if field in WHOLE:
        raise ValueError(f"space: {field!r} can't be searched as a whole: name its fields, such as {field}.NAME")
    if field in FIXED:
        raise ValueError(f"space: {field} can't be searched, because it would change the budget of a trial")
    if not any(field == name or field.startswith(f"{name}.") for name in searchable):
        raise ValueError(f"space: {field!r} can't be searched: fields begin with {', '.join(searchable)}")
    if field.startswith("masks."):
        raise ValueError(f"space: {field!r} can't be searched: list whole lists of masks under 'masks'")
