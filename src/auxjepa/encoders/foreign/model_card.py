"""The data of an encoder's pretraining, as its model card names them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from auxjepa import yaml_text

CARD = "README.md"
LONGEST = 200
"""Largest number of characters of the text."""


def read_pretraining(folder: Path) -> str:
    """Return the names of the data sets in the head of a model card, separated by commas; '' if it names none.

    Args:
        folder: folder of the encoder.
    """
    try:
        text = (folder / CARD).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    start, _, rest = text.partition("---")
    head, separator, _ = rest.partition("\n---")
    if start.strip("\ufeff \n") or not separator:
        return ""
    try:
        content: Any = yaml_text.load(head)
    except yaml_text.YamlError:
        return ""
    names = content.get("datasets") if isinstance(content, dict) else None
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list):
        return ""
    text = ", ".join(name for name in map(str, names) if name.isprintable())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
