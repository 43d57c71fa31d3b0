"""Settings of a function or a class, converted from a configuration to the types of its parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args, get_type_hints

from pydantic import ConfigDict, ValidationError, create_model
from pydantic.errors import PydanticUserError

from auxjepa.config import LARGEST, ConfigError, hint


def parameters_of(function: Callable[..., Any], omit: Sequence[str]) -> dict[str, Any]:
    """Return the names and defaults of a function's parameters.

    Args:
        function: function or class.
        omit: names of parameters that aren't settings.
    """
    return {p.name: p.default for p in _parameters(function) if p.name not in omit and not _takes_any(p)}


def validated(
    function: Callable[..., Any], settings: Mapping[str, Any], *, title: str, omit: Sequence[str], noun: str
) -> dict[str, Any]:
    """Return the settings in the types of the parameters; a parameter without a type has the type of its default.

    Args:
        function: function or class that receives the settings.
        settings: values by name, as in a configuration.
        title: name of the function in messages.
        omit: names of parameters that aren't settings.
        noun: name of a setting in messages, for example "argument".

    Raises:
        ConfigError: for an unknown or missing setting, or a value of another type.
    """
    defaults = parameters_of(function, omit)
    for name in settings:
        if name not in defaults and not any(_takes_any(p) for p in _parameters(function)):
            takes = f"it takes {', '.join(defaults)}" if defaults else "it takes none"
            raise ConfigError(f"{title} has no {noun} {name!r}{hint(name, defaults)}; {takes}")
    for name, default in defaults.items():
        if default is inspect.Parameter.empty and name not in settings:
            raise ConfigError(f"{title} needs a value of its {noun} {name!r}")
    hints = _hints(function)
    return {
        name: _value(f"{title}: {name}", value, hints.get(name, _type_of(defaults.get(name))))
        for name, value in settings.items()
    }


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(function).parameters.values())


def _takes_any(parameter: inspect.Parameter) -> bool:
    return parameter.kind in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function.__init__ if isinstance(function, type) else function)
    except Exception:  # the types of a class in another package may be importable only for its type checker
        return {}


def _type_of(default: Any) -> Any:
    """Return the type of a default: any number for an integer, any value for None."""
    if default is None:
        return Any | None
    if isinstance(default, bool):
        return bool
    if isinstance(default, (int, float)):
        return float | int
    return str if isinstance(default, str) else Any


def _value(title: str, value: Any, kind: Any) -> Any:
    if value == "None" and type(None) in get_args(kind):  # as in other fields that may be null
        return None
    if isinstance(value, bool) and not {bool, Any} & {*(get_args(kind) or (kind,))}:
        wrong = f"input should not be {str(value).lower()}"
    elif isinstance(value, int) and abs(value) > LARGEST:
        wrong = f"whole numbers have 64 bits: {LARGEST:,} is the largest"
    else:
        try:
            model = create_model("Setting", __config__=_CONFIG, value=(kind, ...))
            return model.model_validate({"value": value}).value  # type: ignore[attr-defined]
        except ValidationError as error:
            wrong = error.errors()[0]["msg"]
        except PydanticUserError:  # a type that only the class can check
            return value
    raise ConfigError(f"{title}: {wrong[0].lower() + wrong[1:]} (got {repr(value)[:80]})")


_CONFIG = ConfigDict(allow_inf_nan=False, arbitrary_types_allowed=True)
