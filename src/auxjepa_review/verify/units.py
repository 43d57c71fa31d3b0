"""Points, percent, or a relative change: which unit a sentence gives a number, and what the table makes of it.

A difference of two accuracies is in percentage points. ``%`` behind one is common shorthand and is noted; the word
"percent" isn't right where the table has the number as points; "relative" means a share of the reference's level.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from auxjepa.evidence.ledger.arithmetic import PublishedTable
from auxjepa.evidence.ledger.claims import Claim
from auxjepa.evidence.ledger.entry import Check
from auxjepa.evidence.ledger.published import QuotedDifference
from auxjepa.evidence.wording import format_signed
from auxjepa_review.claims.measures import RELATIVE
from auxjepa_review.records import Mention, Statement

Unit = Literal["points", "percent", "%", "levels", ""]
"""``levels``: the number isn't printed, two percentages are; '': no unit."""
SLACK = 1e-9
TRUE_AS_RELATIVE = "False in points, true as a relative change"
"""How the reason begins where a percentage was read so."""
_POINTS = r"pp\b|p\.\s?p\.|ppts?\b|(?:percentage|percent|per\s?cent|%)[\s-]*(?:points?|pts?)\b|points?\b|pts?\b"
_UNIT = re.compile(rf"[\s-]*(?:(?P<points>{_POINTS})|(?P<word>percent\b|per\s?cent\b)|(?P<sign>%))", re.I)
NAME = re.compile(  # Diving-48, SSv2, ViT
    r"(?<![A-Za-z0-9])[A-Za-z]{1,60}(?:-[A-Za-z]{1,60}){0,8}-?\d++(?:v\d++)?(?![\d.]*\d)"
)
_NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?")
_LIST = re.compile(r"\s*+(?:-|\u2212|\u2013|\u2014|\bto\b|,?\s*+\band\b|,|/)\s*+[+\-\u2212]?(?=\d)")
_POINTS_ANYWHERE = re.compile(rf"(?<![\w])(?:{_POINTS})", re.I)


def nameless(text: str) -> str:
    """A text whose names with digits are blanked, at its length: their digits are no numbers."""
    return NAME.sub(lambda m: "_" * len(m[0]), text)


def unit(numbers: Sequence[float], text: str) -> Unit:
    """The unit that a sentence gives a claim's numbers; a number of a list without one has the list's."""
    bare = nameless(text)
    found = [
        _behind(bare, m) for m in _NUMBER.finditer(bare) if any(abs(float(m[0]) - abs(n)) < SLACK for n in numbers)
    ]
    for kind in ("points", "percent", "%"):
        if kind in found:
            return kind
    if _POINTS_ANYWHERE.search(bare):
        return "points"
    return "levels" if not found and re.search(r"\d\s*(?:%|percent\b)", bare) else ""


def _behind(text: str, number: re.Match[str]) -> Unit:
    at: re.Match[str] | None = number
    while at is not None:
        match = _UNIT.match(text, at.end())
        if match is not None:
            return "points" if match["points"] else "percent" if match["word"] else "%"
        glue = _LIST.match(text, at.end())
        at = _NUMBER.match(text, glue.end()) if glue is not None else None
    return ""


def claimed(claim: Claim) -> list[float]:
    """The numbers that a claim rests on."""
    numbers = [claim.expected, claim.low, claim.high] if claim.kind in ("difference", "range") else []
    numbers += [claim.count, claim.of] if claim.kind == "count" and claim.count is not None else []
    numbers += [claim.expected] if claim.kind == "structural" and claim.fact else []
    return [float(n) for n in numbers if n is not None and not isinstance(n, bool)]


def check(statement: Statement, table: PublishedTable | None = None) -> Check | None:
    """One check on the unit of a difference or range, the worst of its sentences; none for other claims."""
    claim = statement.claim
    if claim.kind not in ("difference", "range"):
        return None
    units = [(unit(claimed(claim), m.span.text), m.span.document) for m in statement.mentions]
    wrong = dict.fromkeys(document for said, document in units if said == "percent")
    if wrong:
        number = " to ".join(f"{abs(n):g}" for n in sorted(claimed(claim), key=abs))
        message = f"{', '.join(wrong)}: “{number} percent” is read as percentage points"
        quoted = _quoted(claim, table)
        message += f"; a relative change would be {_percent(quoted[0])}" if len(quoted) == 1 else ""
        return Check(name="unit", state="problem", message=message)
    said = {u for u, _ in units}
    if "points" in said:
        return Check(name="unit", state="ok", message="percentage points, as the table's differences are")
    if "%" in said:
        return Check(name="unit", state="unknown", message="“%” is read as shorthand for percentage points")
    if "levels" in said:
        return Check(name="unit", state="ok", message="the difference of two percentages, in points")
    return Check(name="unit", state="unknown", message="no unit is printed: read as percentage points")


@dataclass(frozen=True)
class Relative:
    """A relative change that a sentence claims, beside the levels of the table."""

    document: str
    good: bool
    told: str


def relatives(statement: Statement, table: PublishedTable | None) -> list[Relative]:
    """One a mention that says how large a change is relative to the reference; none where the table lacks a level."""
    claim = statement.claim
    quoted = _quoted(claim, table)
    found = []
    for mention in statement.mentions if claim.kind == "direction" and quoted else ():
        said = _said(mention)
        if said is not None:
            good, told = _judged(*said, quoted)
            found.append(Relative(mention.span.document, good, told))
    return found


def relative_checks(found: Sequence[Relative]) -> list[Check]:
    """Nothing without relative changes; else one check, the false ones with their documents."""
    if not found:
        return []
    wrong = [f"{r.document}: {r.told}" for r in found if not r.good]
    message = "; ".join(dict.fromkeys(wrong)) if wrong else found[0].told
    return [Check(name="unit", state="problem" if wrong else "ok", message=message)]


def as_relative(statement: Statement, claim: Claim, table: PublishedTable | None) -> str:
    """What the table has where a percentage that is false as points is true as a relative change; empty otherwise."""
    if claim.kind != "difference" or claim.expected is None or isinstance(claim.expected, bool):
        return ""
    if any(unit(claimed(claim), m.span.text) not in ("percent", "%") for m in statement.mentions):
        return ""
    quoted = _quoted(claim, table)
    if not quoted:
        return ""
    good, told = _judged(float(claim.expected), claim.tolerance, quoted)
    return told if good else ""


def _said(mention: Mention) -> tuple[float, float] | None:
    """The relative percentage, and half a unit of its last place."""
    note = mention.noted(RELATIVE)
    try:
        return float(note), 0.5 * 10.0 ** -len(note.partition(".")[2])
    except ValueError:
        return None


def _judged(wanted: float, slack: float, quoted: Sequence[QuotedDifference]) -> tuple[bool, str]:
    digits = 0 if slack > 0.4 else 1 if slack > 0.04 else 2
    said = f"{format_signed(wanted, digits)} % relative"
    off = next((q for q in quoted if abs(_change(q) - wanted) > slack + SLACK), None)
    shown = off or quoted[0]
    there = f"the table has {_percent(shown)} ({shown.against:.2f} to {shown.top1:.2f})"
    if off is None:
        return True, f"{said}: {there}"
    if abs(off.difference - wanted) <= slack + SLACK:
        return False, f"{said} is the difference in points, not relative: {there}"
    return False, f"{said}: {there}, not {format_signed(wanted, digits)} %"


def _change(quoted: QuotedDifference) -> float:
    return 100 * quoted.difference / quoted.against


def _percent(quoted: QuotedDifference) -> str:
    return f"{format_signed(_change(quoted))} %"


def _quoted(claim: Claim, table: PublishedTable | None) -> list[QuotedDifference]:
    """Every comparison of a claim; none where one is missing, or its reference is at nought."""
    if table is None:
        return []
    found = [table.quote(claim, v, b) for v in claim.variants for b in claim.benchmarks]
    return [q for q in found if q is not None] if all(q is not None and q.against > 0 for q in found) else []
