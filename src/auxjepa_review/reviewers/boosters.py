"""Find boosters: words that claim more certainty or reach than numbers can give (``data/boosters.yaml``)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from auxjepa.config import Typed, read_yaml

FILE = Path(__file__).parents[1] / "data" / "boosters.yaml"


class Boosters(Typed):
    """Content of the data file: regular expressions by their role."""

    certain: tuple[str, ...]
    always: tuple[str, ...]
    everywhere: tuple[str, ...]
    results: tuple[str, ...]
    between: tuple[str, ...]
    taken_back: tuple[str, ...]


def find_booster(text: str) -> str:
    """Return the first booster of a sentence on one line; '' if it has none."""
    find_booster, retraction, result, everywhere = _patterns()
    text = " ".join(text.split())
    for match in find_booster.finditer(text):
        before = text[: match.start()]
        same_clause = re.split(r"[;:]|\b(?:and|but)\b", before)[-1]
        needs_result = everywhere.fullmatch(match[0]) is not None
        if not retraction.search(before) and not (needs_result and not result.search(same_clause)):
            return match[0]
    return ""


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return four patterns: a booster, a retraction before it, a word of result, and boosters that need such a word
    before."""
    words = Boosters.model_validate(read_yaml(FILE))
    kinds = {name: f"(?:{'|'.join(getattr(words, name))})" for name in Boosters.model_fields}
    follows = rf"{kinds['everywhere']},?(?: (?!(?:and|but|or)\b)[\w-]+){{0,2}} {kinds['results']}"
    always = rf"{kinds['always']}(?: {kinds['between']}){{0,2}} {kinds['results']}"
    any_booster = rf"\b(?:{kinds['certain']}|{always}|{follows}|{kinds['everywhere']})(?!\w)"
    retraction = rf"\b{kinds['taken_back']}(?: [\w-]+){{0,4}} $"
    patterns = [re.compile(p, re.I) for p in (any_booster, retraction, rf"\b{kinds['results']}\b", kinds["everywhere"])]
    return patterns[0], patterns[1], patterns[2], patterns[3]
