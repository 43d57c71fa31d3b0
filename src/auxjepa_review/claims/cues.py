"""Words that give a direction, a comparison or a frequency (``data/cues.yaml``), compiled once."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

from auxjepa.config import Typed, read_yaml

CUES = Path(__file__).parents[1] / "data" / "cues.yaml"
_FAR = r"(?:\s+(?!of\b|on\b|in\b|for\b|and\b|than\b)[\w\0-]+){0,3}?"
_MARKS = {"break": "[;:]", "and": "[,&]", "open": r"[(\[]", "close": r"[)\]]"}


class Words(Typed):
    """Content of the data file: lists of regular expressions by kind."""

    cues: dict[str, tuple[str, ...]]
    beats: dict[Literal["up", "down"], tuple[str, ...]]
    parts: dict[str, tuple[str, ...]]
    falling: tuple[str, ...]
    amounts: tuple[str, ...]
    no_names: dict[str, tuple[str, ...]]
    no_subjects: dict[str, tuple[str, ...]]


@cache
def words() -> Words:
    """Return the content of the data file. It is read once."""
    return Words.model_validate(read_yaml(CUES))


@cache
def pattern() -> re.Pattern[str]:
    r"""Return one pattern for all cues. The name of the matching group is the kind of the cue.

    The groups ``beats_up`` and ``beats_down`` come first. Names and numbers of the text must be blanked with ``\0``.
    """
    parts = {key: f"(?:{'|'.join(value)})" for key, value in words().parts.items()} | {"FAR": _FAR}
    kinds = {f"beats_{k}": v for k, v in words().beats.items()} | words().cues
    groups: list[str] = []
    for kind, regexes in kinds.items():
        body = "|".join(regexes)
        for name, part in parts.items():
            body = body.replace(f"{{{name}}}", part)
        groups.append(f"(?P<{kind}>{body})".replace(" ", r"\s+"))
    marks = "|".join(f"(?P<{kind}_>{mark})" for kind, mark in _MARKS.items())
    return re.compile(rf"(?<![\w-])(?=[a-z])(?:{'|'.join(groups)})(?!\w)|{marks}", re.I)


@cache
def falling() -> re.Pattern[str]:
    """Return the pattern of metrics that are better when they fall."""
    return _any(words().falling)


@cache
def amounts() -> re.Pattern[str]:
    """Return the pattern of direction words that mean more or less, and not better or worse."""
    return _any(words().amounts)


def _any(regexes: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(regexes)})\b".replace(" ", r"\s+"), re.I)
