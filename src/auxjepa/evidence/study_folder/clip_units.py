"""Independent videos of test clips, from the ``scores.json`` of a folder that ``auxjepa probe`` wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int

from auxjepa.files import read_json

FILE = "scores.json"
"""Details of each probe, next to the rows."""


def read_clip_units(folder: Path) -> dict[str, Int[np.ndarray, " n"]]:
    """Return the independent video of each mark, by the id of the encoder's row; nothing where it can't be read.

    Args:
        folder: folder with rows.
    """
    try:
        records = read_json(folder / FILE)
    except (OSError, ValueError):
        return {}
    valid = [one for one in records if isinstance(one, dict)] if isinstance(records, list) else []
    return {str(one.get("row")): np.array(one["units"]) for one in valid if _is_list_of_numbers(one.get("units"))}


def _is_list_of_numbers(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(type(number) is int for number in value)
