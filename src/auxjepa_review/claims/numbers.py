"""Find the numbers of a sentence that can be results: differences, ranges, pairs of levels, counts and dimensions.

Years, citations, versions, identifiers, deviations after ± and numbers with units of time, memory or rate are no
results.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

QuantityKind = Literal["difference", "range", "levels", "level", "count", "dimension", "share"]
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


def _number_pattern(name: str) -> str:
    unit = rf"(?:[\s-]{{0,2}}(?:(?P<{name}points>{_POINTS})|(?P<{name}percent>{_PERCENT})))?"
    return rf"(?P<{name}sign>\+/-|[+-])?(?P<{name}n>{_DIGITS}){unit}"


_SINGLE = _FIRST + _number_pattern("a")
_PAIR = (
    _SINGLE
    + r"\s?(?P<mid>\.\.\.?|…|/|-|–|—|\bto\b|\band\b|\bthrough\b|\bversus\b|\bvs\b\.?|\bfrom\b|→|->|=>)\s?"
    + _number_pattern("b")
)
_OTHER_UNIT = re.compile(
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
_NOT_A_RESULT = re.compile(
    r"(?:±|\+/-|\bp\s?[<>=]\s?|\bn\s?=|=\s?|\bv|\bversion\s|\bseeds?\s|\bepochs?\s|\bTable\s|\bFig(?:ure|\.)?\s|\bSection\s|\bEq(?:uation|\.)?\s|\btop-|\bcoefficient\s|\bweight\s|§)\s?$",
    re.I,
)


@dataclass(frozen=True)
class Quantity:
    """A number or a pair of numbers at its place. ``low <= high`` holds for a range; levels are (from, to)."""

    start: int
    end: int
    what: QuantityKind
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


def plain_text(text: str) -> str:
    """Return the text with one kind of minus, quote and space. A dash between spaces does not change."""
    text = text.translate(_PLAIN)
    text = re.sub(r"\u2212\s(?=[\d.])", "-", text)
    text = re.sub(
        rf"(?<![^\s(±~≈<>/\d%])[{MINUS}](?=\.?\d)|(?<=\w)[{MINUS}](?=\w)|(?<=[\d%])[{MINUS}](?=[+-]?\d)", "-", text
    )
    text = re.sub(r"(?<![^\s(])\u2014(?=\.?\d)", "-", text)
    return re.sub(
        rf"\b(?:{'|'.join(WORDS)})(?=[\s-](?:{_POINTS}))", lambda m: str(WORDS[m[0].lower()]), text, flags=re.I
    )


def find_quantities(text: str) -> list[Quantity]:
    """Return the quantities of a ``plain`` text, in order and without overlap."""
    quantities: list[Quantity] = []
    occupied: list[tuple[int, int]] = _excluded_places(text)

    def is_free(start: int, end: int) -> bool:
        return all(end <= a or start >= b for a, b in occupied)

    for rule in (_counts, _dimensions, _pairs, _singles):
        for quantity in rule(text):
            if is_free(quantity.start, quantity.end):
                quantities.append(quantity)
                occupied.append((quantity.start, quantity.end))
    return _share_units(text, sorted(quantities, key=lambda q: q.start))


def _share_units(text: str, quantities: list[Quantity]) -> list[Quantity]:
    """Give a bare number of a list the unit of the list: ``5.02 and 3.21 points``, ``6.4 points on A and 2.09 on
    B``."""
    for i, q in enumerate(quantities):
        if q.what != "level" or q.unit or q.bound:
            continue
        after = quantities[i + 1] if i + 1 < len(quantities) else None
        before = next((o for o in reversed(quantities[:i]) if o.unit == "points"), None)
        ahead = after and after.unit == "points" and re.fullmatch(r"\s*(?:,|and|,\s?and)\s*", text[q.end : after.start])
        behind = before and re.search(
            r"(?:,|\band)\s*(?:by\s|of\s)?(?:around\s|about\s|roughly\s|nearly\s|only\s)?$", text[before.end : q.start]
        )
        if ahead or (
            behind and re.match(r"\s*on\b" if not q.decimals else r"\s*(?:(?:on|in|for)\b|$|[.,;)])", text[q.end :])
        ):
            quantities[i] = replace(q, what="difference", unit="points")
    return quantities


def _excluded_places(text: str) -> list[tuple[int, int]]:
    """Return the places of citations, identifiers, versions and addresses."""
    pattern = (
        r"\[\s?[+-]?[\d.]+\s?%?(?:\s?(?:[,;–-]|to)\s?[+-]?[\d.]+\s?%?)*\s?\]|\bCI:?\s?[\[(]?[+-]?[\d.]+\s?%?\s?(?:[,;–-]|to)\s?[+-]?[\d.]+|"
        r"\b\d{4}\.\d{4,5}(?:v\d+)?|\bv?\d+\.\d+\.\d+\b|https?://\S+|\b[vV]\d+(?:\.\d+)?\b"
        r"|±\s?[\d.,]+|\+/-\s?[\d.,]+|\b\d+(?:\.\d+)?\s?%\s+(?:CI|confidence)|\b\d+\.\d+/10\b"
    )
    return [m.span() for m in re.finditer(pattern, text)]


def _counts(text: str) -> list[Quantity]:
    quantities: list[Quantity] = []
    for m in _COUNTED.finditer(text):
        n, of = _integer(m["n"]), _integer(m["of"])
        if n <= of and not _OTHER_UNIT.match(text, m.end()):
            quantities.append(
                Quantity(m.start(), m.end(), "count", float(n), float(of), bound="least" if m["least"] else "")
            )
    for m in _EVERY.finditer(text):
        of = _integer(m["of"])
        if of > 1 and not re.match(r"[\s-]*(?:percent|points?|pp|%)", text[m.end() :]):
            quantities.append(
                Quantity(m.start(), m.end(), "count", 0.0 if m["q"].lower() == "none" else float(of), float(of))
            )
    return quantities


def _dimensions(text: str) -> list[Quantity]:
    quantities: list[Quantity] = []
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
        quantities.append(Quantity(m.start(), m.end(), "dimension", value, value, noun=noun))
    return quantities


def _pairs(text: str) -> list[Quantity]:
    quantities: list[Quantity] = []
    for m in re.finditer(_PAIR, text, re.I):
        before = text[: m.start()]
        if _NOT_A_RESULT.search(before) or _OTHER_UNIT.match(text, m.end()):
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
            quantities.append(Quantity(m.start(), m.end(), "levels", a, b, False, unit, False, "", max(da, db)))
        elif mid == "from" or mid in ("versus", "vs", "vs."):
            if not signed and not points:
                quantities.append(Quantity(m.start(), m.end(), "levels", b, a, False, unit, False, "", max(da, db)))
        elif unit or signed or re.search(r"\bby\s*(?:about\s|around\s)?$|\($", before):
            if m["asign"] in ("+", "-") and not m["bsign"]:
                b = b if m["asign"] == "+" else -b
            relative = percent and not points and _is_relative(before, text[m.end() :])
            low, high = sorted((a, b))
            quantities.append(Quantity(m.start(), m.end(), "range", low, high, signed, unit, relative, "", max(da, db)))
    return quantities


def _singles(text: str) -> list[Quantity]:
    quantities: list[Quantity] = []
    for m in re.finditer(_SINGLE, text, re.I):
        before, after = text[: m.start()], text[m.end() :]
        points, percent, sign = bool(m["apoints"]), bool(m["apercent"]), m["asign"]
        if sign == "+/-" or (_NOT_A_RESULT.search(before) and not (points and sign)):
            continue
        if not points and not percent and _OTHER_UNIT.match(text, m.end("an")):
            continue
        value, decimals = _value(m["an"])
        value = -value if sign == "-" else value
        bounds: list[Bound] = [b for b, pattern in _BOUND if re.search(pattern, before, re.I)]
        relative = percent and not points and _is_relative(before, after)
        unit = "points" if points else "percent" if percent else ""
        year = not decimals and not unit and not sign and 1900 <= value < 2100
        if year:
            continue
        what: QuantityKind = "difference" if points or sign else "level"
        quantities.append(
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
    return quantities


def _is_relative(before: str, after: str) -> bool:
    if re.match(r"\s*\(?(?:absolute|abs\.)", after) or re.search(r"\babsolute\b[^.]{0,40}$", before):
        return False
    return bool(
        re.match(r"\s*+\(?(?:relative|rel\.)|\s*+(?:\w{1,40}\s++)?in relative terms", after)
        or re.search(r"\brelative(?:ly)?\b(?!\s+to)[^.;,]{0,40}$", before)
    )


def _value(digits: str) -> tuple[float, int]:
    """Return the number and its printed decimals. A comma before three digits separates thousands, another one
    decimals."""
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    digits = digits.replace(",", ".")
    return float(digits), len(digits.partition(".")[2])


def _integer(word: str) -> int:
    return WORDS[word.lower()] if word.lower() in WORDS else int(word)
