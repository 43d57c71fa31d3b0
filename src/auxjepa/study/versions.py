"""Versions of the probes and of the rule on health of a study that doesn't name them. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auxjepa.config import ConfigError, read_yaml
from auxjepa.evidence.study_folder import study_file
from auxjepa.runs import health

LATEST: Mapping[str, int] = {"probe_version": 2, health.FIELD: health.LATEST}
"""Versions of a new study, by field."""
FIRST: Mapping[str, int] = {"probe_version": 1, health.FIELD: health.FIRST}
"""Versions of studies that were written before versions had a field."""


def versions_of(folder: Path | None) -> dict[str, int]:
    """Return the versions of a study in a folder, by field.

    A study that is in the folder keeps its versions, so that it can be resumed. A new study has the latest versions.

    Args:
        folder: study folder; it need not exist.
    """
    if folder is None or not (folder / study_file.FILE).exists():
        return dict(LATEST)
    try:
        content = read_yaml(folder / study_file.FILE)
    except ConfigError:
        return dict(LATEST)  # the check of the folder reports the damage
    return {
        field: latest if content.get(field, FIRST[field]) == latest else FIRST[field]
        for field, latest in LATEST.items()
    }


def with_versions(content: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
    """Return the content of a study file with the versions that it doesn't name.

    Args:
        content: content of the file.
        folder: study folder; it need not exist.
    """
    return {**versions_of(folder), **content}
