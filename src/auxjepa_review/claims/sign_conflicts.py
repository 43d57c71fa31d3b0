"""Detect a direction word that contradicts its number, as in ``hurts SSv2 (+5.02)``.

A conflict is reported only if no other reading is possible. The word has the benchmark or the number as its object, all
direction words and all numbers of the clause agree among themselves, and more is better. A missed conflict costs less
than a false alarm.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from auxjepa_review.claims import cues
from auxjepa_review.claims.clauses import DIRECTIONS, PREPOSITIONS, Clause
from auxjepa_review.claims.numbers import Quantity
from auxjepa_review.claims.tokens import Kind, Token

NOTE = "direction: "
"""Start of the note on a claim with such a conflict."""
_UP = re.compile(
    r"(?:improv(?:e|es|ed|ing|ements?)|gain(?:s|ed|ing)?|boost(?:s|ed|ing)?|enhanc(?:e|es|ed|ing|ements?)|"
    r"increas(?:e|es|ed|ing)|rais(?:e|es|ed|ing)|ris(?:e|es|ing)|rose|help(?:s|ed|ing)?|benefit(?:s|ed|ing)?|"
    r"outperform(?:s|ed|ing)?|surpass(?:es|ed|ing)?)",
    re.I,
)
_DOWN = re.compile(
    r"(?:degrad(?:e|es|ed|ing|ations?)|decreas(?:e|es|ed|ing)|drop(?:s|ped|ping)?|los(?:e|es|ing|ses)|lost|loss|hurt(?:s|ing)?|"
    r"harm(?:s|ed|ing)?|declin(?:e|es|ed|ing)|worsen(?:s|ed|ing)?|deteriorat(?:e|es|ed|ing|ion)|fall(?:s|ing)?|fell|"
    r"impair(?:s|ed|ing)?|damag(?:e|es|ed|ing)|reduc(?:e|es|ed|ing|tions?)|lower(?:s|ed|ing)|underperform(?:s|ed|ing)?)",
    re.I,
)
_NOUN = re.compile(
    r"(?:gain|improvement|boost|increase|loss(?:es)?|drop|decline|degradation|decrease|reduction|deterioration)s?", re.I
)
_AMBIGUOUS = re.compile(
    r"\b(?:not?|never|neither|nor|less|fewer|smaller|smallest|least|avoid\w*|prevent\w*|mitigat\w*|offset\w*|outweigh\w*|"
    r"compensat\w*|counteract\w*|recover\w*|limit\w*|despite|instead|rather|unlike|except\w*|apart|other|otherwise|save|"
    r"average|mean|most|mostly|mainly|largely|overall)\b",
    re.I,
)
"""Words after which a number may belong to another subject, have the opposite sign, or be one of several."""
_THROUGH: frozenset[Kind] = frozenset({"benchmark", "regime", "metric", "reference", "than", "and", "open"})
_ABOUT = frozenset({"about", "around", "roughly", "nearly", "almost", "only"})
_BEFORE = _ABOUT | {"by", "of", "from", "a", "an"}
_ALLOWED_BETWEEN = _BEFORE | {
    "the", "its", "their", "on", "in", "all", "both", "each", "even", "reported", "metrics", "accuracy", "performance",
    "score", "scores", "results", "setting", "setup", "regime", "pretraining",
}  # fmt: skip
_FOLLOWING = PREPOSITIONS | {"over", "with", "relative", "compared", "against", "from", "when", "under", "after", "of"}


def find_sign_conflict(clause: Clause, number: Token) -> str:
    """Return what the word says and what the number says if they exclude each other; '' otherwise.

    A signed number and a change of levels have a direction. An unsigned number has the direction of its verb.

    Args:
        clause: the clause.
        number: token of the number.
    """
    sign = _sign(number)
    if not sign or not clause.benchmarks or clause.has("without", "ablate", "others", "top", "bottom"):
        return ""
    if cues.falling().search(clause.text) or _AMBIGUOUS.search(clause.text):
        return ""
    accuracy = any(t.kind == "metric" for t in clause.tokens)
    if not accuracy and any(t.kind != "benchmark" for t in clause.benchmarks):
        return ""  # on a benchmark outside the lexicon, less may be better
    against: Kind = "down" if sign > 0 else "up"
    if any(t.kind in DIRECTIONS and t.kind != against for t in clause.tokens):
        return ""
    others = [t for t in clause.quantities if t.quantity and t.quantity.what != "dimension"]
    if any(_sign(t) != sign for t in others if t.start != number.start):
        return ""
    word = next((t for t in clause.tokens if t.kind == against and _governs(clause, t, number)), None)
    if word is None:
        return ""
    up, down = ("up", "down") if sign > 0 else ("down", "up")
    return f"“{word.text}” says {down}, “{number.text}” says {up}"


def _sign(token: Token) -> int:
    q: Quantity | None = token.quantity
    if q is None:
        return 0
    if q.what == "levels":
        return (q.high > q.low) - (q.high < q.low) if re.search(r"\bto\b|→|->|=>", token.text) else 0
    if q.what not in ("difference", "range") or not q.signed:
        return 0
    return 1 if q.low > 0 else -1 if q.high < 0 else 0


def _governs(clause: Clause, word: Token, number: Token) -> bool:
    if not (_UP.fullmatch(word.text) or _DOWN.fullmatch(word.text)):
        return False
    if word.start > number.start:
        return _named_after(clause.tokens, word, number)
    before = [t for t in clause.tokens if t.end <= word.start]
    if word.beats and any(t.kind == "neutral" for t in before[-2:]):
        return False  # "is outperformed"
    between = [t for t in clause.tokens if word.end <= t.start and t.end <= number.start]
    if not all(t.kind in _THROUGH or t in clause.benchmarks or t.text.lower() in _ALLOWED_BETWEEN for t in between):
        return False
    if between and between[-1].kind != "open" and between[-1].text.lower() not in _BEFORE:
        return False
    if any(t.kind == "open" for t in between[:-1]):
        return False
    if word.text.lower().startswith("loss") and not any(t.text.lower() == "of" for t in between):
        return False  # the loss of training
    objects = [t for t in between if t in clause.benchmarks]
    ands = {t.text.lower() for t in between if t.kind == "and"}
    if ands and not (objects and ands & {"and", "&"}):
        return False  # the comma separates more than a list
    return not between or between[-1].kind != "open" or _names_only(clause.tokens, number, objects)


def _names_only(tokens: Sequence[Token], number: Token, objects: Sequence[Token]) -> bool:
    """Check whether brackets name only the objects of the verb; ``improves SSv2 (-0.30 on Diving-48)`` names another
    one."""
    named = {n for t in objects for n in t.names}
    for token in tokens:
        if token.start < number.end:
            continue
        if token.kind == "close":
            break
        if named and token.kind in ("benchmark", "name") and not set(token.names) <= named:
            return False
    return True


def _named_after(tokens: Sequence[Token], word: Token, number: Token) -> bool:
    """Check for ``a +5.02 point loss`` on something; a ``loss term`` is not one."""
    q = number.quantity
    between = [t.text.lower() for t in tokens if number.end <= t.start and t.end <= word.start]
    if q is None or not q.unit or not _NOUN.fullmatch(word.text):
        return False
    if set(between) - {"relative", "absolute", "accuracy", "performance"}:
        return False
    after = next((t for t in tokens if t.start >= word.end), None)
    if after is None or after.kind in ("and", "open", "close", "than", "break"):
        return True
    return after.text.lower() in _FOLLOWING or not after.text[0].isalnum()
