"""``study.yaml``: a study's fields below a line with a hash of those that can change a number or what is run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = "study.yaml"
WORDS = ("name", "scale", "question", "answer_template", "scale_notes")
"""Fields of a study that are text for its readers and change no number."""
DAMAGED = "edited or damaged after it was written: its content doesn't have the hash in its first line"
_HASH_LINE = "# content hash "


def head(content: Mapping[str, Any]) -> str:
    """The first line of the file."""
    return f"{_HASH_LINE}{_digest(content)}\n"


def damage(path: Path, content: Mapping[str, Any]) -> str:
    """What is wrong with a file that holds ``content``; '' where its hash is its content's, or it notes none."""
    with path.open(encoding="utf-8", errors="replace") as file:
        first = file.readline(1000).strip()
    if not first.startswith(_HASH_LINE) or first.removeprefix(_HASH_LINE) == _digest(content):
        return ""
    return DAMAGED


def _digest(content: Mapping[str, Any]) -> str:
    """Hex SHA-256 (16 digits) of everything but words and the command."""
    rest = {key: value for key, value in content.items() if key not in (*WORDS, "command")}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, default=str).encode()).hexdigest()[:16]
