"""Numbers of a sentence that could be results: differences, ranges, pairs of levels, counts, dimensions.

Years, citations, versions, identifiers, deviations after ± and numbers with units of time, memory or rate are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

What = Literal["difference", "range", "levels", "level", "count", "dimension", "share"]
Bound = Literal["", "over", "under", "least", "most"]

MINUS = "-\u2212\u2012\u2013\uff0d\ufe63\u02d7\u2796\u2010\u2011"
_PLAIN = {
    **dict.fromkeys((0xA0, 0x202F, 0x2009, 0x0A, 0x09), " "),
    0x24: None,
    0x2019: "'",
    0xFF0B: "+",
    0xFE62: "+",
    0x2795: "+",
}
_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
WORDS = {word: n for n, word in enumerate(_WORDS.split())}
_DIGITS = r"(?<!\d)(?:\d{1,3}(?:,\d{3}){1,6}(?:\.\d++)?|\d++[.,]\d++|\d++|\.\d++)(?![\d]|[.,]\d)"
_POINTS = (
    r"(?:percentage[\s-]points?|percent(?:age)?[\s-]pts?|percent\s+points?|p\.\s?p\.|pp\b\.?|ppts?\b|"
    r"\\?%[\s-]?points?|%pt\b|(?:accuracy\s)?points?\b|pts?\b)"
)
_PERCENT = r"(?:\\?%|percent\b|per\s?cent\b)"
_FIRST = r"(?<![\w.,])(?<![\w)\]]-)"


def _number(name: str) -> str:
    unit = rf"(?:[\s-]{{0,2}}(?:(?P<{name}points>{_POINTS})|(?P<{name}percent>{_PERCENT})))?"
    return rf"(?P<{name}sign>\+/-|[+-])?(?P<{name}n>{_DIGITS}){unit}"


_ONE = _FIRST + _number("a")
_TWO = (
    _ONE
    + r"\s?(?P<mid>\.\.\.?|…|/|-|–|—|\bto\b|\band\b|\bthrough\b|\bversus\b|\bvs\b\.?|\bfrom\b|→|->|=>)\s?"
    + _number("b")
)
_OTHER = re.compile(
    r"[\s-]?(?:x\b|×|times\b|fold\b|ms\b|s\b|sec|min(?:utes?)?\b|hours?\b|h\b|days?\b|weeks?\b|months?\b|years?\b|[GMKT]i?B\b|GPUs?\b|"
    r"GFLOPs?|FLOPs?|epochs?\b|steps?\b|iterations?\b|seeds?\b|runs?\b|clips?\b|videos?\b|images?\b|examples?\b|samples?\b|"
    r"classes\b|frames?\b|papers?\b|claims?\b|datasets?\b|[MBk]\b|million\b|billion\b|σ|Hz\b|fps\b|px\b|pixels?\b|nm\b|kg\b|°)",
    re.I,
)
_COUNTED = re.compile(
    rf"(?P<least>at\s+least\s+|no\s+fewer\s+than\s+)?(?<![\w.,])(?P<n>\d{{1,4}}|{'|'.join(WORDS)})\s?"
    rf"(?:(?:out\s+)?of(?:\s+(?:the|all|our|these|those))*|/)\s?(?P<of>\d{{1,4}}|{'|'.join(WORDS)})\b(?!\.\d|\s?%)",
    re.I,
)
_EVERY = re.compile(
    rf"\b(?P<q>all|none)\s+(?:of\s+)?(?:the\s+|our\s+)?(?P<of>\d{{1,4}}|{'|'.join(WORDS)})\b(?!\.\d|\s?%)", re.I
)
_DIMENSION = re.compile(
    rf"(?P<n>{_DIGITS})[\s-]?(?P<m>[kKMB](?=[\s-])|million|billion)?[\s-]{{0,2}}"
    r"(?P<unit>dimension(?:al|s)?|[dD](?=\s+(?:embedding|vector|feature|representation|output))|channels?|layers?|heads?|blocks|levels?|parameters?|params?|tokens)\b"
    rf"|(?P<unit2>dimension(?:ality|s)?|width|depth)\s+(?:of|=|is|equal\s+to)\s+(?P<n2>{_DIGITS})",
)
_BOUND: tuple[tuple[Bound, str], ...] = (
    ("least", r"(?:at\s+least|no\s+less\s+than|≥|>=|\\geq?)\s*$"),
    ("most", r"(?:at\s+most|no\s+more\s+than|up\s+to|≤|<=|\\leq?)\s*$"),
    ("over", r"(?:more\s+than|greater\s+than|larger\s+than|over|above|exceed(?:s|ing)?|beyond|>)\s*(?:by\s+)?$"),
    ("under", r"(?:less\s+than|fewer\s+than|smaller\s+than|under|below|<)\s*$"),
)
_NO_RESULT = re.compile(
    r"(?:±|\+/-|\bp\s?[<>=]\s?|\bn\s?=|=\s?|\bv|\bversion\s|\bseeds?\s|\bepochs?\s|\bTable\s|\bFig(?:ure|\.)?\s|\bSection\s|\bEq(?:uation|\.)?\s|\btop-|\bcoefficient\s|\bweight\s|§)\s?$",
    re.I,
)


@dataclass(frozen=True)
class Quantity:
    """A number or a pair of numbers where it stands. ``low <= high`` for a range; levels are (from, to)."""

    start: int
    end: int
    what: What
    low: float
    high: float
    signed: bool = False
    unit: Literal["", "points", "percent"] = ""
    relative: bool = False
    bound: Bound = ""
    decimals: int = 0
    noun: str = ""

    @property
    def rounding(self) -> float:
        """Half a unit of the last printed place."""
        return 0.5 * 10**-self.decimals


def plain(text: str) -> str:
    """The same text with one kind of minus, quote and space. A dash between spaces stays a dash."""
    text = text.translate(_PLAIN)
    text = re.sub(r"\u2212\s(?=[\d.])", "-", text)
    text = re.sub(
        rf"(?<![^\s(±~≈<>/\d%])[{MINUS}](?=\.?\d)|(?<=\w)[{MINUS}](?=\w)|(?<=[\d%])[{MINUS}](?=[+-]?\d)", "-", text
    )
    text = re.sub(r"(?<![^\s(])\u2014(?=\.?\d)", "-", text)
    return re.sub(
        rf"\b(?:{'|'.join(WORDS)})(?=[\s-](?:{_POINTS}))", lambda m: str(WORDS[m[0].lower()]), text, flags=re.I
    )


def find(text: str) -> list[Quantity]:
    """Quantities of a ``plain`` text, in order, none overlapping another."""
    found: list[Quantity] = []
    taken: list[tuple[int, int]] = _forbidden(text)

    def free(start: int, end: int) -> bool:
        return all(end <= a or start >= b for a, b in taken)

    for rule in (_counts, _dimensions, _pairs, _singles):
        for quantity in rule(text):
            if free(quantity.start, quantity.end):
                found.append(quantity)
                taken.append((quantity.start, quantity.end))
    return _listed(text, sorted(found, key=lambda q: q.start))


def _listed(text: str, found: list[Quantity]) -> list[Quantity]:
    """``5.02 and 3.21 points``, ``6.4 points on A and 2.09 on B``: a bare number of a list has the list's unit."""
    for i, q in enumerate(found):
        if q.what != "level" or q.unit or q.bound:
            continue
        after = found[i + 1] if i + 1 < len(found) else None
        before = next((o for o in reversed(found[:i]) if o.unit == "points"), None)
        ahead = after and after.unit == "points" and re.fullmatch(r"\s*(?:,|and|,\s?and)\s*", text[q.end : after.start])
        behind = before and re.search(
            r"(?:,|\band)\s*(?:by\s|of\s)?(?:around\s|about\s|roughly\s|nearly\s|only\s)?$", text[before.end : q.start]
        )
        if ahead or (
            behind and re.match(r"\s*on\b" if not q.decimals else r"\s*(?:(?:on|in|for)\b|$|[.,;)])", text[q.end :])
        ):
            found[i] = replace(q, what="difference", unit="points")
    return found


def _forbidden(text: str) -> list[tuple[int, int]]:
    """Citations, identifiers, versions, addresses."""
    pattern = (
        r"\[\s?[+-]?[\d.]+\s?%?(?:\s?(?:[,;–-]|to)\s?[+-]?[\d.]+\s?%?)*\s?\]|\bCI:?\s?[\[(]?[+-]?[\d.]+\s?%?\s?(?:[,;–-]|to)\s?[+-]?[\d.]+|"
        r"\b\d{4}\.\d{4,5}(?:v\d+)?|\bv?\d+\.\d+\.\d+\b|https?://\S+|\b[vV]\d+(?:\.\d+)?\b"
        r"|±\s?[\d.,]+|\+/-\s?[\d.,]+|\b\d+(?:\.\d+)?\s?%\s+(?:CI|confidence)|\b\d+\.\d+/10\b"
    )
    return [m.span() for m in re.finditer(pattern, text)]


def _counts(text: str) -> list[Quantity]:
    found: list[Quantity] = []
    for m in _COUNTED.finditer(text):
        n, of = _whole(m["n"]), _whole(m["of"])
        if n <= of and not _OTHER.match(text, m.end()):
            found.append(
                Quantity(m.start(), m.end(), "count", float(n), float(of), bound="least" if m["least"] else "")
            )
    for m in _EVERY.finditer(text):
        of = _whole(m["of"])
        if of > 1 and not re.match(r"[\s-]*(?:percent|points?|pp|%)", text[m.end() :]):
            found.append(
                Quantity(m.start(), m.end(), "count", 0.0 if m["q"].lower() == "none" else float(of), float(of))
            )
    return found


def _dimensions(text: str) -> list[Quantity]:
    found: list[Quantity] = []
    for m in _DIMENSION.finditer(text):
        scale = {"k": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9}.get((m["m"] or "").lower(), 1.0)
        value = _value(m["n"] or m["n2"])[0] * scale
        unit = (m["unit"] or m["unit2"]).lower()
        noun = (
            "dimensions"
            if unit.startswith("d") and unit != "depth"
            else {"width": "dimensions", "depth": "layers", "params": "parameters", "param": "parameters"}.get(
                unit, unit.rstrip("s") + "s"
            )
        )
        found.append(Quantity(m.start(), m.end(), "dimension", value, value, noun=noun))
    return found


def _pairs(text: str) -> list[Quantity]:
    found: list[Quantity] = []
    for m in re.finditer(_TWO, text, re.I):
        before = text[: m.start()]
        if _NO_RESULT.search(before) or _OTHER.match(text, m.end()):
            continue
        (a, da), (b, db) = _value(m["an"]), _value(m["bn"])
        a, b = (-a if m["asign"] == "-" else a), (-b if m["bsign"] == "-" else b)
        mid = m["mid"].lower()
        points = bool(m["apoints"] or m["bpoints"])
        percent = bool(m["apercent"] or m["bpercent"])
        unit = "points" if points else "percent" if percent else ""
        signed = bool(m["asign"] or m["bsign"])
        between = bool(re.search(r"\bbetween\s*(?:about\s|around\s)?$", before, re.I))
        changed = bool(re.search(r"\bfrom\s*(?:about\s|around\s)?$", before, re.I)) and not signed and not points
        both = bool(m["apercent"] and m["bpercent"]) and not re.search(r"\b(?:by|of)\s*(?:about\s|around\s)?$", before)
        if mid in ("and", "/") and not between:
            continue
        if mid in ("to", "→", "->", "=>") and not signed and not between and (changed or both or mid != "to"):
            found.append(Quantity(m.start(), m.end(), "levels", a, b, False, unit, False, "", max(da, db)))
        elif mid == "from" or mid in ("versus", "vs", "vs."):
            if not signed and not points:
                found.append(Quantity(m.start(), m.end(), "levels", b, a, False, unit, False, "", max(da, db)))
        elif unit or signed or re.search(r"\bby\s*(?:about\s|around\s)?$|\($", before):
            if m["asign"] in ("+", "-") and not m["bsign"]:
                b = b if m["asign"] == "+" else -b
            relative = percent and not points and _relative(before, text[m.end() :])
            low, high = sorted((a, b))
            found.append(Quantity(m.start(), m.end(), "range", low, high, signed, unit, relative, "", max(da, db)))
    return found


def _singles(text: str) -> list[Quantity]:
    found: list[Quantity] = []
    for m in re.finditer(_ONE, text, re.I):
        before, after = text[: m.start()], text[m.end() :]
        points, percent, sign = bool(m["apoints"]), bool(m["apercent"]), m["asign"]
        if sign == "+/-" or (_NO_RESULT.search(before) and not (points and sign)):
            continue
        if not points and not percent and _OTHER.match(text, m.end("an")):
            continue
        value, decimals = _value(m["an"])
        value = -value if sign == "-" else value
        bounds: list[Bound] = [b for b, pattern in _BOUND if re.search(pattern, before, re.I)]
        relative = percent and not points and _relative(before, after)
        unit = "points" if points else "percent" if percent else ""
        year = not decimals and not unit and not sign and 1900 <= value < 2100
        if year:
            continue
        what: What = "difference" if points or sign else "level"
        found.append(
            Quantity(
                m.start(),
                m.end("an") if not unit else m.end(),
                what,
                value,
                value,
                bool(sign),
                unit,
                relative,
                bounds[0] if bounds else "",
                decimals,
            )
        )
    return found


def _relative(before: str, after: str) -> bool:
    if re.match(r"\s*\(?(?:absolute|abs\.)", after) or re.search(r"\babsolute\b[^.]{0,40}$", before):
        return False
    return bool(
        re.match(r"\s*+\(?(?:relative|rel\.)|\s*+(?:\w{1,40}\s++)?in relative terms", after)
        or re.search(r"\brelative(?:ly)?\b(?!\s+to)[^.;,]{0,40}$", before)
    )


def _value(digits: str) -> tuple[float, int]:
    """The number and its printed decimals; a comma before three digits parts thousands, before others decimals."""
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    digits = digits.replace(",", ".")
    return float(digits), len(digits.partition(".")[2])


def _whole(word: str) -> int:
    return WORDS[word.lower()] if word.lower() in WORDS else int(word)
