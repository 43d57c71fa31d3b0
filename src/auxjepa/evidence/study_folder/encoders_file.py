"""``encoders.json``: what the frozen encoders from elsewhere are, by their names in rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from filelock import FileLock

from auxjepa.config import ConfigError
from auxjepa.files import read_json, write_json

FILE = "encoders.json"


def write(folder: Path, name: str, record: dict[str, Any]) -> None:
    """Add the record of an encoder to a folder of rows. Several processes may write it.

    Args:
        folder: study folder, or folder of a probe.
        name: name of the encoder in rows.
        record: what the encoder is.

    Raises:
        ConfigError: if another encoder already has this name, or the file can't be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".encoders.lock"):
        path = folder / FILE
        try:
            records = read_json(path) if path.exists() else {}
        except (OSError, ValueError) as error:
            raise ConfigError(f"{path}: cannot be read ({error}); remove it") from None
        if not isinstance(records, dict):
            raise ConfigError(f"{path}: holds no keys and values; remove it")
        other = records.get(name)
        if isinstance(other, dict) and other.get("weights") != record.get("weights"):
            raise ConfigError(f"{folder} holds another encoder named {name!r}; name this one with --name")
        write_json(path, {**records, name: record})


def read(folder: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return the records of frozen encoders by name, and a note if the file can't be read.

    Args:
        folder: study folder, or folder of a probe.
    """
    path = folder / FILE
    if not path.exists():
        return {}, []
    try:
        content = read_json(path)
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict):
        return {}, [f"{FILE}: cannot be read, so frozen encoders are not described"]
    return {str(name): one for name, one in content.items() if isinstance(one, dict)}, []
