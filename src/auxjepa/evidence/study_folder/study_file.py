"""``study.yaml``: the fields of a study, and a first line with a hash of the fields that can change a number."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = "study.yaml"
WORDS = ("name", "scale", "question", "answer_template", "scale_notes")
"""Fields of a study that are text for its readers and change no number."""
DAMAGED = "edited or damaged after it was written: its content does not have the hash in its first line"
_HASH_LINE = "# content hash "


def hash_line(content: Mapping[str, Any]) -> str:
    """Return the first line of the file.

    Args:
        content: the fields of the study.
    """
    return f"{_HASH_LINE}{_digest(content)}\n"


def describe_damage(path: Path, content: Mapping[str, Any]) -> str:
    """Return what is wrong with a file; empty where its hash is that of its content, or where it has no hash.

    Args:
        path: the file.
        content: the fields that were read from it.
    """
    with path.open(encoding="utf-8", errors="replace") as file:
        first = file.readline(1000).strip()
    if not first.startswith(_HASH_LINE) or first.removeprefix(_HASH_LINE) == _digest(content):
        return ""
    return DAMAGED


def _digest(content: Mapping[str, Any]) -> str:
    """Return the hex SHA-256 (16 digits) of all fields but the words and the command."""
    hashed = {key: value for key, value in content.items() if key not in (*WORDS, "command")}
    return hashlib.sha256(json.dumps(hashed, sort_keys=True, default=str).encode()).hexdigest()[:16]
