"""What a check is, what it found, and what all checks of a machine make together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from auxjepa.config import Typed

State = Literal["ok", "warn", "fail"]


def _line(text: Any) -> Any:
    """One line that any terminal and JSON can take; names that aren't UTF-8 with their odd bytes written out."""
    if not isinstance(text, str):
        return text
    return " ".join(text.encode("utf-8", "backslashreplace").decode().split())


def _plain(value: Any) -> Any:
    """JSON for a value: numbers that aren't finite become null, paths text."""
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int)) else _line(str(value))


Line = Annotated[str, BeforeValidator(_line)]


class Check(Typed):
    """One line of the findings."""

    name: Line
    state: State = Field(description="'fail': something will not work; 'warn': it will, but worse than it could")
    found: Line = Field(description="in one line for people")
    values: Annotated[dict[str, Any], BeforeValidator(_plain)] = Field(default={}, description="the same for programs")
    advice: Line | None = Field(default=None, description="what to do, in one line")


class Report(Typed):
    """Everything that was found; ``auxjepa doctor --json``."""

    format: Literal["auxjepa-doctor"] = "auxjepa-doctor"
    version: Literal[1] = 1
    auxjepa: str = Field(description="version of the package")
    root: Line = Field(description="the data root that was looked at, absolute")
    quick: bool = Field(description="whether nothing was measured")
    seconds: float = Field(description="that all of it took")
    state: State = Field(description="the worst of all checks")
    checks: list[Check]


@dataclass(frozen=True)
class Settings:
    """What checks are told.

    Args:
        root: data root of runs.
        scratch: an empty folder for whatever they write that needn't lie in the root; removed afterwards.
        quick: nothing may be measured.
    """

    root: Path
    scratch: Path
    quick: bool = False


@dataclass(frozen=True)
class Probe:
    """A way to look: a function that may give several checks.

    Args:
        seconds: after which it is given up.
        measures: whether it is left out when nothing may be measured.
        advice: for when it raises, dies or takes too long.
    """

    name: str
    look: Callable[[Settings], Iterable[Check]]
    advice: str
    seconds: float = 10.0
    measures: bool = False


def attempt(probe: Probe, settings: Settings) -> list[Check]:
    """What a probe finds; whatever it raises is a failed check behind those that it had finished."""
    done: list[Check] = []
    try:
        done.extend(probe.look(settings))
    except Exception as error:
        done.append(failed(probe, reason(error)))
    return done


def failed(probe: Probe, why: str) -> Check:
    """The check of a probe that came to no end."""
    return Check(name=probe.name, state="fail", found=why, advice=probe.advice)


def reason(error: BaseException) -> str:
    """An error in one line, with its kind where the words alone don't tell it."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def worst(checks: Iterable[Check]) -> State:
    """The worst state of several checks; ok where there are none."""
    states = {check.state for check in checks}
    return "fail" if "fail" in states else "warn" if "warn" in states else "ok"
