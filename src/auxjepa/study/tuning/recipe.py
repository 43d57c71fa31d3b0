"""A recipe: changed fields of a run by dotted name. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from auxjepa.config import ConfigError, RunConfig
from auxjepa.sealed import first_line
from auxjepa.train.run_settings import lay_over

TERM = "objectives."
"""Beginning of the fields of terms."""
AVERAGE = ("teacher.momentum", "teacher.schedule", "teacher.width")
"""Fields of the moving average, which a run without a teacher network does not have."""


def configure(variant: Callable[[RunConfig], RunConfig], base: RunConfig, recipe: Mapping[str, Any]) -> RunConfig:
    """Return the run of a variant with a recipe.

    Fields of terms change the variant. All other fields change the run below it, so that what defines a variant, such
    as its own kind of masks, stays.

    Args:
        variant: returns the run of the variant on another run.
        base: the run below the variant.
        recipe: values by dotted name.

    Raises:
        ConfigError: if the variant does not have a field, or a value cannot be used.
    """
    below = {field: value for field, value in recipe.items() if not field.startswith(TERM)}
    terms = {field: value for field, value in recipe.items() if field.startswith(TERM)}
    return change_fields(variant(change_fields(base, below)), terms)


def change_fields(run: RunConfig, recipe: Mapping[str, Any]) -> RunConfig:
    """Return a run with changed fields.

    Args:
        run: the run.
        recipe: values by dotted name.

    Raises:
        ConfigError: if a field belongs to a term or a teacher that the run does not have, or a value cannot be used.
    """
    if not recipe:
        return run
    content: dict[str, Any] = run.model_dump(mode="json")
    for field, value in recipe.items():
        if not has_field(run, field):
            raise ConfigError(f"recipe: {field}: {run.variant} has no such {_owner(field)}")
        change = value
        for part in reversed(field.split(".")):
            change = {part: change}
        content = lay_over(content, change)
    try:
        return RunConfig.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"recipe: {first_line(error)}") from None


def has_effect(variant: Callable[[RunConfig], RunConfig], base: RunConfig, field: str, values: Iterable[Any]) -> bool:
    """Check whether a field changes the run of a variant. It does not where the variant sets the field itself.

    Args:
        variant: returns the run of the variant on another run.
        base: the run below the variant.
        field: dotted name.
        values: values that are tried, in addition to the value of ``base``.

    Raises:
        ConfigError: if a value cannot be used.
    """
    plain = variant(base)
    if not has_field(plain, field):
        return False
    own = plain.content_hash()
    return any(configure(variant, base, {field: value}).content_hash() != own for value in values)


def has_field(run: RunConfig, field: str) -> bool:
    """Check whether a run has a field. It lacks the fields of terms, and of a teacher, that it does not have.

    Args:
        run: the run.
        field: dotted name.
    """
    if field.startswith(TERM):
        return field.split(".")[1] in run.objectives
    return run.teacher.enabled or field not in AVERAGE


def _owner(field: str) -> str:
    return "term" if field.startswith(TERM) else "teacher"
