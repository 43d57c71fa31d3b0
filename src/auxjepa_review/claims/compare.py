"""Whether two claims say the same of the same thing, exclude each other, or speak of different things."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product
from typing import Literal, NamedTuple

from auxjepa.evidence.ledger.claims import Claim
from auxjepa_review.claims import settings
from auxjepa_review.records import Mention

Relation = Literal["agrees", "differs", ""]
CLOSE = 1e-6
SIGNS = "the signs differ"
PERCENT = "percent read as points"
"""How a mention's note begins whose percentage may be a relative one."""


class Compared(NamedTuple):
    """'agrees', 'differs', or '' where both can be true or speak of different things; a difference in words."""

    relation: Relation
    words: str = ""


NOTHING = Compared("")
AGREES = Compared("agrees")


def topics(claim: Claim) -> tuple[tuple[str, str], ...]:
    """Claims that share none of these have nothing to say of each other."""
    if claim.kind == "structural":
        return (("fact", claim.fact or plain(claim.statement)),)
    heads = claim.variants if claim.kind in ("difference", "range", "direction") else (claim.kind,)
    return tuple(dict.fromkeys((benchmark, head) for benchmark in claim.benchmarks for head in heads))


def compare(a: Claim, b: Claim) -> Compared:
    """What two claims say of each other. A setting that one leaves out opposes nothing."""
    if "question" in (a.kind, b.kind):
        return NOTHING
    if "structural" in (a.kind, b.kind):
        return _structural(a, b)
    if a.reference != b.reference or not set(a.benchmarks) & set(b.benchmarks):
        return NOTHING
    if a.regime and b.regime and a.regime != b.regime:
        return NOTHING
    found = _measured(a, b)
    return NOTHING if found.relation == "differs" and a.regime != b.regime else found


def said(a: Claim, b: Claim, first: Sequence[Mention], second: Sequence[Mention]) -> Compared:
    """The same of claims with the sentences that make them.

    Nothing where their qualifiers or metrics differ, where one sentence makes both claims (it tells two cases apart),
    or where one percentage may be relative, unless signs differ.
    """
    found = compare(a, b)
    if not found.relation:
        return NOTHING
    pairs = list(product({m.setting for m in first}, {n.setting for n in second}))
    if found.relation == "agrees":
        return NOTHING if all(settings.apart(*pair) for pair in pairs) else found
    if not any(settings.equal(*pair) for pair in pairs) or _places(first) & _places(second):
        return NOTHING
    unclear = any(all(PERCENT in m.inferred for m in side) for side in (first, second))
    return NOTHING if unclear and found.words != SIGNS else found


def _places(mentions: Sequence[Mention]) -> set[tuple[str, int, int]]:
    return {(m.span.document, m.span.page, m.span.start) for m in mentions}


def plain(text: str) -> str:
    """Letters and digits, for comparing sentences."""
    return re.sub(r"[^a-z0-9.]+", " ", text.casefold()).strip(" .")


def _structural(a: Claim, b: Claim) -> Compared:
    if a.kind != b.kind or a.fact != b.fact:
        return NOTHING
    if not a.fact:
        return AGREES if plain(a.statement) == plain(b.statement) else NOTHING
    if (a.expected, a.direction, a.threshold) == (b.expected, b.direction, b.threshold):
        return AGREES
    if isinstance(a.expected, int | float) and isinstance(b.expected, int | float) and a.expected != b.expected:
        return Compared("differs", f"{a.expected:g} against {b.expected:g}")
    return Compared("differs", "the other way")


def _measured(a: Claim, b: Claim) -> Compared:
    kinds = {a.kind, b.kind}
    if kinds & {"count", "ordering", "cluster"}:
        if len(kinds) > 1:
            return NOTHING
        return _counts(a, b) if a.kind == "count" else _orderings(a, b)
    first, second = _interval(a), _interval(b)
    if first is None or second is None or not set(a.variants) & set(b.variants):
        return NOTHING
    if first[0] <= second[1] and second[0] <= first[1]:
        return AGREES
    apart = (first[1] < 0 < second[0]) or (second[1] < 0 < first[0])
    return Compared("differs", SIGNS if apart else "the numbers differ")


def _counts(a: Claim, b: Claim) -> Compared:
    if (a.direction, a.threshold, set(a.variants)) != (b.direction, b.threshold, set(b.variants)):
        return NOTHING
    exact = a.count is not None and b.count is not None
    words = f"{a.count} of {a.of} against {b.count} of {b.of}" if exact else "the counts differ"
    if a.of != b.of:
        return Compared("differs", words) if exact else NOTHING
    (low, high), (low2, high2) = _counted(a), _counted(b)
    return AGREES if low <= high2 and low2 <= high else Compared("differs", words)


def _counted(claim: Claim) -> tuple[float, float]:
    if claim.count is not None:
        return float(claim.count), float(claim.count)
    return float(claim.low or 0), float("inf") if claim.of is None else float(claim.of)


def _orderings(a: Claim, b: Claim) -> Compared:
    """Two methods are both the best only of the same rivals: those named, those of one document, or of one table."""
    same = set(a.variants) == set(b.variants)
    if a.kind == "cluster" or (same and a.direction == b.direction):
        return AGREES if same else NOTHING
    documents = {s.document for s in a.sources} & {s.document for s in b.sources}
    if set(a.among) != set(b.among) or not (a.among or documents or a.regime):
        return NOTHING
    if same:
        return Compared("differs", "best against worst")
    if set(a.variants) & set(b.variants) or a.direction != b.direction or set(a.benchmarks) != set(b.benchmarks):
        return NOTHING
    return Compared("differs", f"both {'best' if a.direction == 'up' else 'worst'}")


def _interval(claim: Claim) -> tuple[float, float] | None:
    """Where a claim puts the difference, rounding included; None for kinds that put it nowhere."""
    far = float("inf")
    slack = max(claim.tolerance, 0.0) + CLOSE
    if claim.kind == "difference" and claim.expected is not None:
        return float(claim.expected) - slack, float(claim.expected) + slack
    if claim.kind == "range" and claim.low is not None and claim.high is not None:
        return claim.low - slack, claim.high + slack
    if claim.kind == "direction":
        return (claim.threshold + CLOSE, far) if claim.direction == "up" else (-far, -claim.threshold - CLOSE)
    return None
