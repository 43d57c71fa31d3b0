"""Rows of a folder from Python. Imports no torch."""

from __future__ import annotations

import warnings
from pathlib import Path

from auxjepa.config import ConfigError
from auxjepa.rows import Row, RowStore


def read_rows(folder: str | Path) -> list[Row]:
    """Return every score in a study folder, or in a folder that a probe wrote. A warning lists omitted rows.

    Args:
        folder: the folder.

    Raises:
        ConfigError: if it holds no ``rows.jsonl``.
    """
    store = RowStore(Path(folder))
    if not store.path.is_file():
        raise ConfigError(f"{folder}: no rows here (rows.jsonl is missing)")
    reading = store.read()
    for note in reading.notes:
        warnings.warn(f"{folder}: {note}", stacklevel=2)
    return list(reading.rows)
