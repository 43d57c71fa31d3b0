"""Check the unit of a number in a sentence: points, percent, or a relative change; and compare it with the table.

A difference of two accuracies is in percentage points. ``%`` is common shorthand for points and is noted. The word
"percent" is wrong if the table has the number as points. "Relative" means a share of the reference's level.
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
"""``levels``: the sentence prints two percentages and not their difference; '': no unit."""
SLACK = 1e-9
TRUE_AS_RELATIVE = "False in points, true as a relative change"
"""Start of the reason if a percentage was read as a relative change."""
_POINTS = r"pp\b|p\.\s?p\.|ppts?\b|(?:percentage|percent|per\s?cent|%)[\s-]*(?:points?|pts?)\b|points?\b|pts?\b"
_UNIT = re.compile(rf"[\s-]*(?:(?P<points>{_POINTS})|(?P<word>percent\b|per\s?cent\b)|(?P<sign>%))", re.I)
NAME = re.compile(  # Diving-48, SSv2, ViT
    r"(?<![A-Za-z0-9])[A-Za-z]{1,60}(?:-[A-Za-z]{1,60}){0,8}-?\d++(?:v\d++)?(?![\d.]*\d)"
)
_NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?")
_LIST = re.compile(r"\s*+(?:-|\u2212|\u2013|\u2014|\bto\b|,?\s*+\band\b|,|/)\s*+[+\-\u2212]?(?=\d)")
_POINTS_ANYWHERE = re.compile(rf"(?<![\w])(?:{_POINTS})", re.I)


def blank_names(text: str) -> str:
    """Return a text with names that contain digits blanked at equal length, because their digits are no numbers."""
    return NAME.sub(lambda m: "_" * len(m[0]), text)


def find_unit(numbers: Sequence[float], text: str) -> Unit:
    """Return the unit of a claim's numbers in a sentence. A number of a list without a unit has the unit of the list.

    Args:
        numbers: numbers of the claim.
        text: the sentence.
    """
    bare = blank_names(text)
    units = [
        _unit_after(bare, m) for m in _NUMBER.finditer(bare) if any(abs(float(m[0]) - abs(n)) < SLACK for n in numbers)
    ]
    for kind in ("points", "percent", "%"):
        if kind in units:
            return kind
    if _POINTS_ANYWHERE.search(bare):
        return "points"
    return "levels" if not units and re.search(r"\d\s*(?:%|percent\b)", bare) else ""


def _unit_after(text: str, number: re.Match[str]) -> Unit:
    at: re.Match[str] | None = number
    while at is not None:
        match = _UNIT.match(text, at.end())
        if match is not None:
            return "points" if match["points"] else "percent" if match["word"] else "%"
        glue = _LIST.match(text, at.end())
        at = _NUMBER.match(text, glue.end()) if glue is not None else None
    return ""


def claimed_numbers(claim: Claim) -> list[float]:
    """Return the numbers that a claim states."""
    numbers = [claim.expected, claim.low, claim.high] if claim.kind in ("difference", "range") else []
    numbers += [claim.count, claim.of] if claim.kind == "count" and claim.count is not None else []
    numbers += [claim.expected] if claim.kind == "structural" and claim.fact else []
    return [float(n) for n in numbers if n is not None and not isinstance(n, bool)]


def check_unit(statement: Statement, table: PublishedTable | None = None) -> Check | None:
    """Return one check on the unit of a difference or range, the worst of its sentences; None for other claims.

    Args:
        statement: the statement.
        table: table of results, which gives the relative change.
    """
    claim = statement.claim
    if claim.kind not in ("difference", "range"):
        return None
    units = [(find_unit(claimed_numbers(claim), m.span.text), m.span.document) for m in statement.mentions]
    with_percent = dict.fromkeys(document for kinds, document in units if kinds == "percent")
    if with_percent:
        number = " to ".join(f"{abs(n):g}" for n in sorted(claimed_numbers(claim), key=abs))
        message = f"{', '.join(with_percent)}: “{number} percent” is read as percentage points"
        quoted = _quoted(claim, table)
        message += f"; a relative change would be {_percent(quoted[0])}" if len(quoted) == 1 else ""
        return Check(name="unit", state="problem", message=message)
    kinds = {u for u, _ in units}
    if "points" in kinds:
        return Check(name="unit", state="ok", message="percentage points, as the table's differences are")
    if "%" in kinds:
        return Check(name="unit", state="unknown", message="“%” is read as shorthand for percentage points")
    if "levels" in kinds:
        return Check(name="unit", state="ok", message="the difference of two percentages, in points")
    return Check(name="unit", state="unknown", message="no unit is printed: read as percentage points")


@dataclass(frozen=True)
class RelativeChange:
    """A relative change that a sentence claims, compared with the levels of the table."""

    document: str
    is_correct: bool
    message: str


def relative_changes(statement: Statement, table: PublishedTable | None) -> list[RelativeChange]:
    """Return the relative changes that the mentions claim; none if the table lacks a level."""
    claim = statement.claim
    quoted = _quoted(claim, table)
    changes = []
    for mention in statement.mentions if claim.kind == "direction" and quoted else ():
        claimed_change = _claimed_change(mention)
        if claimed_change is not None:
            is_correct, message = _judge(*claimed_change, quoted)
            changes.append(RelativeChange(mention.span.document, is_correct, message))
    return changes


def check_relative_changes(changes: Sequence[RelativeChange]) -> list[Check]:
    """Return one check for all relative changes, which names the false ones with their documents; none without
    changes."""
    if not changes:
        return []
    false_changes = [f"{r.document}: {r.message}" for r in changes if not r.is_correct]
    message = "; ".join(dict.fromkeys(false_changes)) if false_changes else changes[0].message
    return [Check(name="unit", state="problem" if false_changes else "ok", message=message)]


def value_as_relative(statement: Statement, claim: Claim, table: PublishedTable | None) -> str:
    """Return the table's value if a percentage that is false as points is true as a relative change; '' otherwise.

    Args:
        statement: the statement.
        claim: its claim, with the tolerance of the sentences.
        table: table of results.
    """
    if claim.kind != "difference" or claim.expected is None or isinstance(claim.expected, bool):
        return ""
    if any(find_unit(claimed_numbers(claim), m.span.text) not in ("percent", "%") for m in statement.mentions):
        return ""
    quoted = _quoted(claim, table)
    if not quoted:
        return ""
    is_correct, message = _judge(float(claim.expected), claim.tolerance, quoted)
    return message if is_correct else ""


def _claimed_change(mention: Mention) -> tuple[float, float] | None:
    """Return the relative percentage of a mention, and half a unit of its last place; None without one."""
    note = mention.noted(RELATIVE)
    try:
        return float(note), 0.5 * 10.0 ** -len(note.partition(".")[2])
    except ValueError:
        return None


def _judge(expected: float, slack: float, quoted: Sequence[QuotedDifference]) -> tuple[bool, str]:
    digits = 0 if slack > 0.4 else 1 if slack > 0.04 else 2
    number = f"{format_signed(expected, digits)} % relative"
    different = next((q for q in quoted if abs(_change(q) - expected) > slack + SLACK), None)
    example = different or quoted[0]
    table_value = f"the table has {_percent(example)} ({example.against:.2f} to {example.top1:.2f})"
    if different is None:
        return True, f"{number}: {table_value}"
    if abs(different.difference - expected) <= slack + SLACK:
        return False, f"{number} is the difference in points, not relative: {table_value}"
    return False, f"{number}: {table_value}, not {format_signed(expected, digits)} %"


def _change(quoted: QuotedDifference) -> float:
    return 100 * quoted.difference / quoted.against


def _percent(quoted: QuotedDifference) -> str:
    return f"{format_signed(_change(quoted))} %"


def _quoted(claim: Claim, table: PublishedTable | None) -> list[QuotedDifference]:
    """Return every comparison of a claim; none if one is missing or its reference is 0."""
    if table is None:
        return []
    quotes = [table.quote(claim, v, b) for v in claim.variants for b in claim.benchmarks]
    return [q for q in quotes if q is not None] if all(q is not None and q.against > 0 for q in quotes) else []
