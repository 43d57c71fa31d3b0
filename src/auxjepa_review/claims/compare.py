"""Compare two claims: whether they agree, exclude each other, or are about different things."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product
from typing import Literal, NamedTuple

from auxjepa.evidence.ledger.claims import Claim
from auxjepa_review.claims import settings
from auxjepa_review.records import Mention

Relation = Literal["agrees", "differs", ""]
TOLERANCE = 1e-6
SIGNS_DIFFER = "the signs differ"
MAY_BE_RELATIVE = "percent read as points"
"""Start of the note on a mention whose percentage may be a relative change."""


class Comparison(NamedTuple):
    """Relation of two claims, and their difference in words.

    The relation is '' if both claims can be true or their topics differ.
    """

    relation: Relation
    words: str = ""


UNRELATED = Comparison("")
AGREES = Comparison("agrees")


def topics(claim: Claim) -> tuple[tuple[str, str], ...]:
    """Return the topics of a claim. Claims that share no topic cannot agree or disagree."""
    if claim.kind == "structural":
        return (("fact", claim.fact or bare_text(claim.statement)),)
    heads = claim.variants if claim.kind in ("difference", "range", "direction") else (claim.kind,)
    return tuple(dict.fromkeys((benchmark, head) for benchmark in claim.benchmarks for head in heads))


def compare(a: Claim, b: Claim) -> Comparison:
    """Compare two claims without their sentences. A setting that one of them does not name excludes nothing."""
    if "question" in (a.kind, b.kind):
        return UNRELATED
    if "structural" in (a.kind, b.kind):
        return _compare_structural(a, b)
    if a.reference != b.reference or not set(a.benchmarks) & set(b.benchmarks):
        return UNRELATED
    if a.regime and b.regime and a.regime != b.regime:
        return UNRELATED
    comparison = _compare_measured(a, b)
    return UNRELATED if comparison.relation == "differs" and a.regime != b.regime else comparison


def compare_mentions(a: Claim, b: Claim, first: Sequence[Mention], second: Sequence[Mention]) -> Comparison:
    """Compare two claims together with the sentences that make them.

    The relation is '' if the conditions or metrics differ, or if one sentence makes both claims, because it then
    separates two cases. It is also '' if one percentage may be relative, unless the signs differ.

    Args:
        a: the first claim.
        b: the second claim.
        first: mentions of the first claim.
        second: mentions of the second claim.
    """
    comparison = compare(a, b)
    if not comparison.relation:
        return UNRELATED
    pairs = list(product({m.setting for m in first}, {n.setting for n in second}))
    if comparison.relation == "agrees":
        return UNRELATED if all(settings.differ(*pair) for pair in pairs) else comparison
    if not any(settings.are_comparable(*pair) for pair in pairs) or _places(first) & _places(second):
        return UNRELATED
    unclear = any(all(MAY_BE_RELATIVE in m.inferred for m in side) for side in (first, second))
    return UNRELATED if unclear and comparison.words != SIGNS_DIFFER else comparison


def _places(mentions: Sequence[Mention]) -> set[tuple[str, int, int]]:
    return {(m.span.document, m.span.page, m.span.start) for m in mentions}


def bare_text(text: str) -> str:
    """Return only the letters and digits of a text, to compare sentences."""
    return re.sub(r"[^a-z0-9.]+", " ", text.casefold()).strip(" .")


def _compare_structural(a: Claim, b: Claim) -> Comparison:
    if a.kind != b.kind or a.fact != b.fact:
        return UNRELATED
    if not a.fact:
        return AGREES if bare_text(a.statement) == bare_text(b.statement) else UNRELATED
    if (a.expected, a.direction, a.threshold) == (b.expected, b.direction, b.threshold):
        return AGREES
    if isinstance(a.expected, int | float) and isinstance(b.expected, int | float) and a.expected != b.expected:
        return Comparison("differs", f"{a.expected:g} against {b.expected:g}")
    return Comparison("differs", "the other way")


def _compare_measured(a: Claim, b: Claim) -> Comparison:
    kinds = {a.kind, b.kind}
    if kinds & {"count", "ordering", "cluster"}:
        if len(kinds) > 1:
            return UNRELATED
        return _compare_counts(a, b) if a.kind == "count" else _compare_orderings(a, b)
    first, second = _interval(a), _interval(b)
    if first is None or second is None or not set(a.variants) & set(b.variants):
        return UNRELATED
    if first[0] <= second[1] and second[0] <= first[1]:
        return AGREES
    signs_differ = (first[1] < 0 < second[0]) or (second[1] < 0 < first[0])
    return Comparison("differs", SIGNS_DIFFER if signs_differ else "the numbers differ")


def _compare_counts(a: Claim, b: Claim) -> Comparison:
    if (a.direction, a.threshold, set(a.variants)) != (b.direction, b.threshold, set(b.variants)):
        return UNRELATED
    is_exact = a.count is not None and b.count is not None
    words = f"{a.count} of {a.of} against {b.count} of {b.of}" if is_exact else "the counts differ"
    if a.of != b.of:
        return Comparison("differs", words) if is_exact else UNRELATED
    (low, high), (low2, high2) = _count_range(a), _count_range(b)
    return AGREES if low <= high2 and low2 <= high else Comparison("differs", words)


def _count_range(claim: Claim) -> tuple[float, float]:
    if claim.count is not None:
        return float(claim.count), float(claim.count)
    return float(claim.low or 0), float("inf") if claim.of is None else float(claim.of)


def _compare_orderings(a: Claim, b: Claim) -> Comparison:
    """Compare two orderings. Both methods can be the best unless their rivals are the same ones, of one document or
    table."""
    is_same = set(a.variants) == set(b.variants)
    if a.kind == "cluster" or (is_same and a.direction == b.direction):
        return AGREES if is_same else UNRELATED
    documents = {s.document for s in a.sources} & {s.document for s in b.sources}
    if set(a.among) != set(b.among) or not (a.among or documents or a.regime):
        return UNRELATED
    if is_same:
        return Comparison("differs", "best against worst")
    if set(a.variants) & set(b.variants) or a.direction != b.direction or set(a.benchmarks) != set(b.benchmarks):
        return UNRELATED
    return Comparison("differs", f"both {'best' if a.direction == 'up' else 'worst'}")


def _interval(claim: Claim) -> tuple[float, float] | None:
    """Return the interval in which a claim places the difference, rounding included; None for kinds without an
    interval."""
    infinity = float("inf")
    slack = max(claim.tolerance, 0.0) + TOLERANCE
    if claim.kind == "difference" and claim.expected is not None:
        return float(claim.expected) - slack, float(claim.expected) + slack
    if claim.kind == "range" and claim.low is not None and claim.high is not None:
        return claim.low - slack, claim.high + slack
    if claim.kind == "direction":
        return (
            (claim.threshold + TOLERANCE, infinity)
            if claim.direction == "up"
            else (-infinity, -claim.threshold - TOLERANCE)
        )
    return None
