"""Small files of a study folder: records in JSON, and texts. Damage becomes a note or an empty text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from auxjepa.files import read_json

MOST_TEXT = 10_000
"""Number of characters of a text that are read."""


def read_text(path: Path) -> str:
    """Return the text of a file; empty where it cannot be read.

    Args:
        path: the file.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(MOST_TEXT).strip()
    except OSError:
        return ""


def read_records(path: Path, consequence: str, notes: list[str]) -> dict[str, dict[str, Any]]:
    """Return the records of a file by name; nothing where it cannot be read.

    Args:
        path: the file.
        consequence: what a report lacks without the file.
        notes: receives a line where the file is missing or damaged.
    """
    try:
        content = read_json(path)
    except (OSError, ValueError) as error:
        why = "missing" if isinstance(error, FileNotFoundError) else "cannot be read"
        notes.append(f"{path.name}: {why}, so {consequence}")
        return {}
    if not isinstance(content, dict):
        notes.append(f"{path.name}: does not contain keys and values, so {consequence}")
        return {}
    return {str(name): record for name, record in content.items() if isinstance(record, dict)}
