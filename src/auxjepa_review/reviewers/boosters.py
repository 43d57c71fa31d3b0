"""Boosters: does a sentence claim more certainty or reach than numbers can give (``data/boosters.yaml``)?"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from auxjepa.config import Typed, read_yaml

FILE = Path(__file__).parents[1] / "data" / "boosters.yaml"


class Boosters(Typed):
    """The data file: regular expressions by how they count."""

    certain: tuple[str, ...]
    always: tuple[str, ...]
    everywhere: tuple[str, ...]
    results: tuple[str, ...]
    between: tuple[str, ...]
    taken_back: tuple[str, ...]


def booster(text: str) -> str:
    """The first booster of a sentence as it stands there, on one line; '' where it has none."""
    booster, back, result, everywhere = _patterns()
    text = " ".join(text.split())
    for match in booster.finditer(text):
        before = text[: match.start()]
        part = re.split(r"[;:]|\b(?:and|but)\b", before)[-1]
        alone = everywhere.fullmatch(match[0]) is not None
        if not back.search(before) and not (alone and not result.search(part)):
            return match[0]
    return ""


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """A booster; what takes it back, at the end of what stands before it; a word of result; what needs one before."""
    words = Boosters.model_validate(read_yaml(FILE))
    kinds = {name: f"(?:{'|'.join(getattr(words, name))})" for name in Boosters.model_fields}
    follows = rf"{kinds['everywhere']},?(?: (?!(?:and|but|or)\b)[\w-]+){{0,2}} {kinds['results']}"
    always = rf"{kinds['always']}(?: {kinds['between']}){{0,2}} {kinds['results']}"
    every = rf"\b(?:{kinds['certain']}|{always}|{follows}|{kinds['everywhere']})(?!\w)"
    back = rf"\b{kinds['taken_back']}(?: [\w-]+){{0,4}} $"
    found = [re.compile(p, re.I) for p in (every, back, rf"\b{kinds['results']}\b", kinds["everywhere"])]
    return found[0], found[1], found[2], found[3]
