"""Values of the cells of a table: numbers, whole numbers, switches and per-example marks."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np

EMPTY = ("", "none", "null", "n/a", "na", "#n/a", "<na>", "-", "–", "—")
"""Texts of cells without a value."""
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[-+]?\d+,\d+", re.ASCII)
_MARKS = re.compile(r"[01,;\s\[\]]+", re.ASCII)
_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "+inf": math.inf, "-inf": -math.inf, "infinity": math.inf}
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def is_empty(value: Any) -> bool:
    """Check whether a cell has no value."""
    return value is None or (isinstance(value, str) and value.strip().lower() in EMPTY)


def number(value: Any) -> float | None:
    """Return the number in a cell, which may be NaN or infinite; None if the cell is empty.

    Args:
        value: the cell.

    Raises:
        ValueError: if it is no number; the message says what would be right.
    """
    if is_empty(value):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = str(value).strip().replace("\N{MINUS SIGN}", "-")
    if text.lower() in _NOT_FINITE:
        return _NOT_FINITE[text.lower()]
    if _NUMBER.fullmatch(text):
        return float(text)
    if hasattr(value, "as_integer_ratio") and not isinstance(value, bool):  # decimals of Parquet files
        return float(value)
    if _COMMA.fullmatch(text):
        why = f"a decimal comma is not read: write {text.replace(',', '.')}"
    elif "%" in text:
        why = "write the number alone, and % in a column 'unit' (or --unit %)"
    elif "±" in text or "+-" in text or "+/-" in text:
        why = "write one score a cell, each seed in a separate line"
    else:
        why = "is not a number: write one like 83.1, or leave the cell empty"
    raise ValueError(f"{_shown(value)}: {why}")


def whole(value: Any, least: int = 0) -> int | None:
    """Return the whole number in a cell; None if the cell is empty.

    Args:
        value: the cell.
        least: smallest allowed number.

    Raises:
        ValueError: if it is no such number.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        result: float | None = value
    elif isinstance(value, str) and re.fullmatch(r"\d+", value.strip(), re.ASCII):
        result = int(value)
    else:
        try:
            result = number(value)
        except ValueError:
            result = math.nan
    if result is None:
        return None
    if not math.isfinite(result) or result != int(result) or result < least:
        raise ValueError(f"{_shown(value)}: write a whole number of at least {least}")
    return int(result)


def truth(value: Any) -> bool | None:
    """Return the switch in a cell; None if the cell is empty.

    Args:
        value: the cell.

    Raises:
        ValueError: if it is neither true nor false.
    """
    if is_empty(value):
        return None
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower().removesuffix(".0")
    if text not in _TRUTH:
        raise ValueError(f"{_shown(value)}: write true or false")
    return _TRUTH[text]


def text(value: Any) -> str:
    """Return the text of a cell in one line; empty if the cell is empty. 3.0 becomes 3."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split())


def marks(value: Any, folder: Path) -> np.ndarray | None:
    """Return per-example correctness (bool, one per test example); None if the cell is empty.

    A cell is a list, a text of 0 and 1, or the path of a file with one of these (.npy, .json or text).

    Args:
        value: the cell.
        folder: folder of the table, from which paths start.

    Raises:
        ValueError: if it holds no marks.
    """
    if isinstance(value, list | tuple | np.ndarray):
        return _as_marks(value)
    if is_empty(value):
        return None
    content = str(value).strip()
    if _MARKS.fullmatch(content):
        return _from_text(content)
    path = folder / content
    if not path.is_file():
        raise ValueError(f"{_shown(value)}: is neither marks like 1011 nor a file next to the table")
    try:
        if path.suffix.lower() == ".npy":
            return _as_marks(np.load(path, allow_pickle=False).tolist())
        inside = path.read_text(encoding="utf-8-sig")
        return _as_marks(json.loads(inside)) if path.suffix.lower() == ".json" else _from_text(inside)
    except (OSError, ValueError) as error:
        raise ValueError(f"{_shown(value)}: the file holds no marks ({str(error).splitlines()[0]})") from None


def _from_text(content: str) -> np.ndarray:
    if not _MARKS.fullmatch(content):
        raise ValueError("write 0 for a wrong example and 1 for a right one")
    return np.array([sign == "1" for sign in content if sign in "01"], dtype=bool)


def _as_marks(values: Any) -> np.ndarray:
    if not isinstance(values, list | tuple | np.ndarray) or any(value not in (0, 1) for value in values):
        raise ValueError("marks are a list of 0 (wrong) and 1 (right)")
    return np.array([bool(value) for value in values], dtype=bool)


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
