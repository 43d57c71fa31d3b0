"""Writes and reads the typed study in ``study.yaml`` of a study folder."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from auxjepa.config import ConfigError, parse_yaml, read_yaml, to_yaml
from auxjepa.evidence.study_folder import study_file
from auxjepa.files import write_text
from auxjepa.study.plan import StudyConfig


def write_study(folder: Path, study: StudyConfig, command: str) -> None:
    """Write ``study.yaml``.

    Args:
        folder: study folder.
        study: the study.
        command: command that runs the study.
    """
    text = to_yaml(study)
    first = study_file.hash_line(parse_yaml(text))
    write_text(folder / study_file.FILE, f"{first}{text}command: {json.dumps(command)}\n")


def read_study(folder: Path, *, trusting: bool = False) -> StudyConfig:
    """Return the study of a study folder.

    Args:
        folder: study folder.
        trusting: whether to skip the check for edits and damage.

    Raises:
        ConfigError: if the file is missing, is of another version, or was edited or damaged.
    """
    path = folder / study_file.FILE
    if not path.exists():
        raise ConfigError(f"{folder}: no study here (study.yaml is missing)")
    content = read_yaml(path)
    if not trusting and (damage := study_file.describe_damage(path, content)):
        raise ConfigError(f"{path}: {damage}; `auxjepa study run` with the study writes it again")
    content.pop("command", None)
    try:
        return StudyConfig.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{path}: not a study of this version ({place}: {first['msg']})") from None
