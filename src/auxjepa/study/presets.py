"""Studies that come with the package, and studies in YAML files. Imports no torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from auxjepa.config import ConfigError, hint, read_yaml
from auxjepa.study.versions import FIRST

PRESETS = Path(__file__).parent / "presets"
"""Folder of the studies that come with the package, one YAML file for each."""


def read_study_content(name: str | Path) -> dict[str, Any]:
    """Return the content of a preset or of a study file, without the command that ran it.

    Args:
        name: name of a preset, or path of a YAML file.

    Raises:
        ConfigError: if there is neither a preset nor a file.
    """
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        presets = {preset.stem: preset for preset in PRESETS.glob("*.yaml")}
        if str(name) not in presets:
            near = hint(str(name), presets, listing=False)
            near = near if near.startswith("; did you mean") else ""
            raise ConfigError(f"no preset {str(name)!r}{near} (known: {', '.join(sorted(presets))}; or a .yaml file)")
        path = presets[str(name)]
    content = read_yaml(path)
    if content.pop("command", None) is not None:  # the study.yaml of a study folder names every field but defaults
        content = {**FIRST, **content}
    return content
