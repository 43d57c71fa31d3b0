"""From settings, as a YAML file holds them, to the configuration of a run. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from auxjepa import regimes, variants
from auxjepa.config import ConfigError, RunConfig, read_yaml
from auxjepa.sealed import first_line


def lay_settings(
    settings: Mapping[str, Any],
    content: Mapping[str, Any],
    validate: Callable[[dict[str, Any]], RunConfig],
) -> RunConfig:
    """Return a run with settings laid over it; terms and masks of the settings replace those there as a whole.

    The name of a variant brings the variant's terms, unless the settings say which terms there are (as a finished run's
    ``config.yaml`` does). Then it is only a name.

    Args:
        settings: nested, as in a YAML file.
        content: the run that they are laid over, as a nested mapping.
        validate: makes the typed record.

    Raises:
        ConfigError: when they describe no run.
    """
    replaced = {key: settings[key] for key in ("objectives", "masks") if key in settings}
    config = validate({**lay_over(content, settings), **replaced})
    if "variant" in settings and "objectives" not in settings:
        return variants.apply(config.variant, config)
    return config


def read_run_settings(source: RunConfig | Mapping[str, Any] | str | Path) -> tuple[RunConfig, bool]:
    """Return the run that Python code describes, and whether it says which videos of a divided folder are read.

    Args:
        source: a complete configuration; a nested mapping of settings; or the path of a YAML file. A mapping that names
            a registered regime and no data gets the regime's settings.

    Raises:
        ConfigError: when it describes no run.
        TypeError: when it is none of these.
    """
    if isinstance(source, RunConfig):
        return source, "split" in source.data.model_fields_set
    if isinstance(source, str | Path):
        path = Path(source)
        settings = read_yaml(path)
        if not settings:
            raise ConfigError(f"{path}: holds no settings of a run")
        is_record = is_run_record(path)
    elif isinstance(source, Mapping):
        path, settings, is_record = None, dict(source), False
    else:
        raise TypeError(f"config must be a RunConfig, a mapping or a path, got {type(source).__name__}")
    content: dict[str, Any] = RunConfig().model_dump(mode="json")
    if settings.get("regime") in regimes.REGIMES and "data" not in settings:
        content = lay_over(content, regimes.settings(settings["regime"]))
    try:
        config = lay_settings(settings, content, _validate)
    except ConfigError as error:
        raise (error if path is None else ConfigError(f"{path}: {error}")) from None
    data = settings.get("data")
    return config, is_record or (isinstance(data, Mapping) and "split" in data)


def is_run_record(path: Path) -> bool:
    """Check whether a YAML file is the ``config.yaml`` that a run wrote.

    Args:
        path: the file.
    """
    return path.read_text(encoding="utf-8").startswith("# content hash")


def lay_over(base: Any, change: Any) -> Any:
    """Return a mapping laid over another, key by key. Any other value replaces the one below.

    Args:
        base: the value below.
        change: the value that is laid over it.
    """
    if not isinstance(base, Mapping) or not isinstance(change, Mapping):
        return change
    return {**base, **{key: lay_over(base.get(key), value) for key, value in change.items()}}


def _validate(content: dict[str, Any]) -> RunConfig:
    try:
        return RunConfig.model_validate(content)
    except ValidationError as error:
        raise ConfigError(first_line(error)) from None
