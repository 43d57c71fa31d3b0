"""Version and source digest of a plug-in's objective, as part of a run's configuration and hash.

A run with a term of a plug-in depends on the plug-in's code. ``plugin`` of the term names package and version, and
holds a digest of the package's files, so that a changed plug-in gives another run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auxjepa import plugins
from auxjepa.config import ConfigError, ObjectiveConfig, RunConfig
from auxjepa.objectives import OBJECTIVES


def stamp_plugins(config: RunConfig) -> RunConfig:
    """Return a run in which each term of a plug-in names package, version and source digest. Other terms are unchanged.

    Args:
        config: the run.

    Raises:
        ConfigError: if a term names another version or source than the installed one.
    """
    terms = stamp_objectives({key: term.model_dump(mode="json") for key, term in config.objectives.items()})
    stamped = {key: ObjectiveConfig.model_validate(term) for key, term in terms.items()}
    return config if stamped == config.objectives else config.model_copy(update={"objectives": stamped})


def stamp_objectives(terms: Mapping[str, dict[str, Any] | None]) -> dict[str, dict[str, Any] | None]:
    """Return terms, or changes of terms, with the version and source digest of their plug-ins.

    Args:
        terms: settings of each term by its key; None if a variant removes the term. Terms of this package and unknown
            terms are returned unchanged.

    Raises:
        ConfigError: if a term names another version or source than the installed one.
    """
    return {key: None if term is None else _stamp_term(key, term) for key, term in terms.items()}


def _stamp_term(key: str, term: dict[str, Any]) -> dict[str, Any]:
    installed, written = installed_plugin(term.get("name") or key), term.get("plugin")
    if written and written != installed:
        present = f"{installed} is installed" if installed else "it is not installed"
        raise ConfigError(
            f"objectives.{key} was written for the plug-in {written}, and {present}: install that version, or "
            "remove the field `plugin` to begin another run"
        )
    return {**term, "plugin": installed} if installed else term


def installed_plugin(name: str) -> str:
    """Return package, version and source digest of the plug-in that has an objective; '' if none is used for it.

    Args:
        name: registered name of the objective.

    Raises:
        ConfigError: if several plug-ins use the name.
    """
    if name in OBJECTIVES:
        return ""
    entries = plugins.installed(plugins.OBJECTIVES)
    if name not in entries:
        return ""
    entry = plugins.entry_of(name, entries)
    return plugins.describe_source(entry)
