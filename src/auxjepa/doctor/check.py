"""The records of a check, its result, and the report of all checks of a machine."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from auxjepa.config import Typed
from auxjepa.plugins import reason

State = Literal["ok", "warn", "fail"]


def _line(text: Any) -> Any:
    """Return text as one line that any terminal and JSON accept; bytes that aren't UTF-8 become escapes."""
    if not isinstance(text, str):
        return text
    return " ".join(text.encode("utf-8", "backslashreplace").decode().split())


def _plain(value: Any) -> Any:
    """Return a value as JSON content: numbers that aren't finite become null, paths become text."""
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int)) else _line(str(value))


Line = Annotated[str, BeforeValidator(_line)]


class Check(Typed):
    """The result of one check."""

    name: Line
    state: State = Field(description="'fail': something will not work; 'warn': something works badly")
    found: Line = Field(description="result in one line for people")
    values: Annotated[dict[str, Any], BeforeValidator(_plain)] = Field(default={}, description="result for programs")
    advice: Line | None = Field(default=None, description="what to do, in one line")


class Report(Typed):
    """The results of all checks; ``auxjepa doctor --json``."""

    format: Literal["auxjepa-doctor"] = "auxjepa-doctor"
    version: Literal[1] = 1
    auxjepa: str = Field(description="version of the package")
    root: Line = Field(description="the checked data root, absolute")
    quick: bool = Field(description="whether measurements were skipped")
    seconds: float = Field(description="seconds of all checks")
    state: State = Field(description="the worst state of all checks")
    checks: list[Check]


@dataclass(frozen=True)
class Settings:
    """The settings of all checks.

    Args:
        root: data root of runs.
        scratch: an empty temporary folder; it is removed after the checks.
        quick: skip measurements.
    """

    root: Path
    scratch: Path
    quick: bool = False


@dataclass(frozen=True)
class Probe:
    """A function that does one or several checks.

    Args:
        name: name of the probe.
        look: the function.
        advice: advice if it raises, dies or takes too long.
        seconds: time limit.
        measures: whether it is a measurement, which quick checks skip.
    """

    name: str
    look: Callable[[Settings], Iterable[Check]]
    advice: str
    seconds: float = 10.0
    measures: bool = False


def attempt(probe: Probe, settings: Settings) -> list[Check]:
    """Return the checks of a probe; an exception becomes a failed check after the finished ones."""
    checks: list[Check] = []
    try:
        checks.extend(probe.look(settings))
    except Exception as error:
        checks.append(failed(probe, reason(error)))
    return checks


def failed(probe: Probe, why: str) -> Check:
    """Return the failed check of a probe that didn't finish."""
    return Check(name=probe.name, state="fail", found=why, advice=probe.advice)


def worst(checks: Iterable[Check]) -> State:
    """Return the worst state of several checks; ok without checks."""
    states = {check.state for check in checks}
    return "fail" if "fail" in states else "warn" if "warn" in states else "ok"
