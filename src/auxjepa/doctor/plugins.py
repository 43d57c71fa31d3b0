"""Checks of objectives of other packages."""

from __future__ import annotations

from collections.abc import Iterable

from auxjepa.doctor.check import Check, Settings
from auxjepa.plugins import OBJECTIVES as GROUP
from auxjepa.plugins import entry_of, installed, origin, shadowed


def plugins(_: Settings) -> Iterable[Check]:
    """Yield a check of every plug-in's objective: it is imported, built, and computed once on random features."""
    from auxjepa.objectives import OBJECTIVES

    entries = installed(GROUP)
    if not entries:
        yield Check(name="plug-ins", state="ok", found="none is installed", values={"objectives": 0})
    for name in sorted(entries):
        yield _check_shadowed(name) if name in OBJECTIVES else _check_usable(name)


def _check_shadowed(name: str) -> Check:
    """Return the check of an objective that can't be used because of its name."""
    advice = "give it another name in the package's entry points"
    return Check(name=f"plug-in {name}", state="warn", found="; ".join(shadowed(GROUP, [name])), advice=advice)


def _check_usable(name: str) -> Check:
    """Return the check of an objective that is built and computed, with its gradient."""
    from auxjepa.config import ConfigError
    from auxjepa.objectives import ObjectiveError, build, evaluate
    from auxjepa.objectives.check import DIM, LEVELS, example_step
    from auxjepa.objectives.evaluation import failures_named

    advice = "other objectives work; fix this one, or uninstall its package"
    try:
        entry = entry_of(name, installed(GROUP))
        objective = build(name, levels=LEVELS, dim=DIM)
        value = evaluate(name, objective, example_step())
        with failures_named(name, objective):
            if value.requires_grad:
                value.backward()
    except (ConfigError, ObjectiveError) as error:
        return Check(name=f"plug-in {name}", state="warn", found=str(error), advice=advice)
    return Check(name=f"plug-in {name}", state="ok", found=f"{origin(entry)}: built and computed once")
