"""Files that are whole or not there: written beside their place, then renamed into it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def write_bytes(path: Path, data: bytes) -> Path:
    """Write a file atomically; folders above it are made. Returns the path.

    Several processes may write the same file: each has a partial file of its own, the last one stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def refuse_odd_bytes(path: Path, what: str) -> None:
    """Refuse a path with bytes that aren't UTF-8: weights can't be read from there, nor can settings hold it.

    Args:
        what: the path is, for the message.

    Raises:
        ValueError: in one line.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise ValueError(
            f"{what}: the name {str(path)!r} isn't UTF-8: rename it, or make a link to it that is (ln -s)"
        ) from None


def write_text(path: Path, text: str) -> Path:
    """Write UTF-8 text atomically, line ends as they are. Returns the path.

    Bytes of file names that aren't UTF-8 are written out as Python does.
    """
    return write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_json(path: Path, content: Any) -> Path:
    """Write JSON atomically. Returns the path."""
    return write_text(path, json.dumps(content, indent=1) + "\n")


def append_lines(path: Path, records: Sequence[Any]) -> None:
    """Append records as JSON lines; no record leaves the file untouched."""
    if records:
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(json.dumps(record) + "\n" for record in records))
