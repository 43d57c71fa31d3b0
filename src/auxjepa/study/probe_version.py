"""Version of the probes of a study that doesn't name one. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auxjepa.config import ConfigError, read_yaml
from auxjepa.evidence.study_folder import study_file

FIELD = "probe_version"
LATEST = 2
FIRST = 1
"""Version of studies that were written before versions had a field."""


def probe_version_of(folder: Path | None) -> int:
    """Return the version of the probes of a study in a folder.

    A study that is in the folder keeps its version, so that it can be resumed. A new study has the latest version.

    Args:
        folder: study folder; it need not exist.
    """
    if folder is None or not (folder / study_file.FILE).exists():
        return LATEST
    try:
        content = read_yaml(folder / study_file.FILE)
    except ConfigError:
        return LATEST  # the check of the folder reports the damage
    return LATEST if content.get(FIELD, FIRST) == LATEST else FIRST


def with_probe_version(content: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
    """Return the content of a study file with a version of the probes.

    Args:
        content: content of the file.
        folder: study folder; it need not exist.
    """
    return {FIELD: probe_version_of(folder), **content}
