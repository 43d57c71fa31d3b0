"""Checks of a search against its study, before anything is trained. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from auxjepa.config import ConfigError, RunConfig
from auxjepa.study.tuning.recipe import configure, has_effect, has_field
from auxjepa.study.tuning.settings import Tune, extreme_values


def check_tune(
    tune: Tune,
    *,
    variants: Sequence[str],
    benchmarks: Sequence[str],
    scored_seeds: Sequence[int],
    base: RunConfig,
    variant: Callable[[str, RunConfig], RunConfig],
) -> None:
    """Check the search of a study.

    Args:
        tune: settings of the search.
        variants: variants of the study.
        benchmarks: names of the study's benchmarks.
        scored_seeds: seeds that the study scores, or that suggested its hypotheses.
        base: run that the variants change.
        variant: returns a run of a variant on another run.

    Raises:
        ValueError: if the search shares a seed with the study, or names what the study does not have.
        ValueError: if a value of the space cannot be used.
    """
    shared = sorted(set(tune.seeds) & set(scored_seeds))
    if shared:
        raise ValueError(f"tune.seeds: seed {shared[0]} is scored or was screened on: tune on other seeds")
    unknown = [name for name in (*tune.benchmarks, *_named(tune)) if name not in benchmarks]
    if unknown:
        raise ValueError(f"tune: {unknown[0]!r} is no benchmark of the study ({', '.join(benchmarks)})")
    if tune.benchmarks and tune.objective not in ("mean", *tune.benchmarks):
        raise ValueError(f"tune.objective {tune.objective!r} is not among tune.benchmarks")
    strange = [name for name in tune.variant_space if name not in variants]
    if strange:
        raise ValueError(f"tune.variant_space names {strange[0]!r}, which is no variant of the study")
    if tune.stages[-1].steps != base.optim.steps:
        raise ValueError(
            f"tune.stages: the last stage has {tune.stages[-1].steps:,} steps, and a run of the study has "
            f"{base.optim.steps:,}: they must be equal"
        )
    runs = {name: variant(name, base) for name in variants}
    for field in (*tune.space, *(field for recipe in tune.recipes for field in recipe)):
        if not any(has_field(run, field) for run in runs.values()):
            raise ValueError(f"tune: no variant has {field}")
    for name, run in runs.items():
        for field in tune.variant_space.get(name, {}):
            if not has_field(run, field):
                raise ValueError(f"tune.variant_space.{name}: {name} has no {field}")
        _check_values(tune, name, run, base, variant)
    _check_effects(tune, variants, base, variant)


def _check_effects(
    tune: Tune, variants: Sequence[str], base: RunConfig, variant: Callable[[str, RunConfig], RunConfig]
) -> None:
    """Check that each searched field changes a run.

    Raises:
        ValueError: if it does not, because the variants set it themselves.
    """
    for field, values in tune.space.items():
        if not any(has_effect(partial(variant, name), base, field, extreme_values(values)) for name in variants):
            raise ValueError(f"tune: {field} changes no variant, because each sets it itself")
    for name, space in tune.variant_space.items():
        for field, values in space.items():
            if not has_effect(partial(variant, name), base, field, extreme_values(values)):
                raise ValueError(f"tune.variant_space.{name}: {name} sets {field} itself")


def _named(tune: Tune) -> tuple[str, ...]:
    return () if tune.objective == "mean" else (tune.objective,)


def _check_values(
    tune: Tune, name: str, run: RunConfig, base: RunConfig, variant: Callable[[str, RunConfig], RunConfig]
) -> None:
    """Check that a run of a variant accepts each choice and each end of an interval.

    Raises:
        ValueError: if it does not.
    """
    listed = [(field, value) for recipe in tune.recipes for field, value in recipe.items()]
    searched = [(field, value) for field, values in tune.space_of(name).items() for value in extreme_values(values)]
    for field, value in (*searched, *listed):
        if has_field(run, field):
            try:
                configure(lambda below: variant(name, below), base, {field: value})
            except ConfigError as error:
                raise ValueError(f"tune: {name}: {field} can't be {value!r}: {error}") from None
