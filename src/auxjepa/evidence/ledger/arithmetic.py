"""Claims against published scores by arithmetic alone: whether the claimed number is in the table, kind by kind.

This module says nothing about conclusions. :mod:`auxjepa.evidence.ledger.ledger` draws them, from this result and from
how the scores were made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from auxjepa.evidence.ledger.claims import Claim, Kind
from auxjepa.evidence.ledger.published import PublishedScore, QuotedDifference, main_heads, quote, two_shares_p
from auxjepa.evidence.wording import format_count, format_p, format_signed
from auxjepa.lists import shorten_list

Answer = Literal["holds", "fails", "not in table"]
MOST_SHOWN = 6
"""Number of comparisons that a sentence names."""
DIRECTIONS = {"up": "higher", "down": "lower"}


@dataclass(frozen=True)
class NumberCheck:
    """Result of arithmetic for one claim.

    Args:
        answer: whether the claimed number is in the table.
        numbers: the numbers in words.
        quoted: the comparisons that the numbers come from.
        missing: scores that the table lacks.
    """

    answer: Answer
    numbers: str
    quoted: tuple[QuotedDifference, ...] = ()
    missing: tuple[str, ...] = ()


class PublishedTable:
    """Scores by regime, variant and benchmark, of each benchmark's main head.

    Args:
        scores: scores of a results table.
    """

    def __init__(self, scores: Iterable[PublishedScore]) -> None:
        self.scores = main_heads(scores)

    def get(self, regime: str, variant: str, benchmark: str) -> list[PublishedScore]:
        """Return a variant's scores on a benchmark, one a seed.

        Args:
            regime: pretraining regime.
            variant: name of the variant.
            benchmark: name of the benchmark.
        """
        return [s for s in self.scores if (s.regime, s.variant, s.benchmark) == (regime, variant, benchmark)]

    def variants(self, claim: Claim, benchmarks: Sequence[str]) -> list[str]:
        """Return the variants of the claim's regime that have a score on every benchmark, without its reference.

        Args:
            claim: the claim.
            benchmarks: names of the benchmarks.
        """
        names = dict.fromkeys(s.variant for s in self.scores if s.regime == claim.regime)
        return [v for v in names if v != claim.reference and all(self.get(claim.regime, v, b) for b in benchmarks)]

    def missing_benchmarks(self, regime: str, variant: str) -> list[str]:
        """Return the benchmarks on which a variant has no score and most variants of its regime have one.

        Args:
            regime: pretraining regime.
            variant: name of the variant.
        """
        by_benchmark: dict[str, set[str]] = {}
        for s in self.scores:
            if s.regime == regime:
                by_benchmark.setdefault(s.benchmark, set()).add(s.variant)
        most = len(set().union(*by_benchmark.values())) / 2
        return [b for b, names in by_benchmark.items() if variant not in names and len(names) > most]

    def quote(self, claim: Claim, variant: str, benchmark: str) -> QuotedDifference | None:
        """Return a variant next to the claim's reference; None where either has no score.

        Args:
            claim: the claim.
            variant: name of the variant.
            benchmark: name of the benchmark.
        """
        scores, reference_scores = (self.get(claim.regime, name, benchmark) for name in (variant, claim.reference))
        return quote(scores, reference_scores, claim.reference_seed)


def check_numbers(claim: Claim, table: PublishedTable) -> NumberCheck:
    """Return whether the claim's numbers are in the table; structural claims and questions are in no table.

    Args:
        claim: the claim.
        table: the published scores.
    """
    if claim.kind not in RULES:
        return NumberCheck("not in table", "")
    listed = claim.among or claim.variants or table.variants(claim, claim.benchmarks)
    pairs = [(v, b) for b in claim.benchmarks for v in dict.fromkeys([*claim.variants, *listed])]
    quoted_by_pair = {pair: table.quote(claim, *pair) for pair in pairs}
    missing = tuple(f"{v} (or {claim.reference}) on {b}" for (v, b), q in quoted_by_pair.items() if q is None)
    if missing:
        return NumberCheck("not in table", f"no score of {shorten_list(missing)}", missing=missing)
    quoted = [q for q in quoted_by_pair.values() if q is not None]
    return RULES[claim.kind](claim, table, quoted)


def _difference(claim: Claim, table: PublishedTable, quoted: list[QuotedDifference]) -> NumberCheck:
    assert claim.expected is not None
    holds = all(abs(q.difference - claim.expected) <= _tolerance(claim) for q in quoted)
    return _result(holds, quoted, "" if holds else f", not {format_signed(float(claim.expected), 2)}")


def _range(claim: Claim, table: PublishedTable, quoted: list[QuotedDifference]) -> NumberCheck:
    assert claim.low is not None and claim.high is not None
    low, high, tolerance = claim.low, claim.high, _tolerance(claim)
    outside = [q.variant for q in quoted if not low - tolerance <= q.difference <= high + tolerance]
    ends = f"{format_signed(low)} to {format_signed(high)}"
    return _result(not outside, quoted, f"; outside {ends}: {shorten_list(outside)}" if outside else "")


def _direction(claim: Claim, table: PublishedTable, quoted: list[QuotedDifference]) -> NumberCheck:
    exceptions = [f"{q.variant} on {q.benchmark}" for q in quoted if not _exceeds(q.difference, claim)]
    tail = f"; not {DIRECTIONS[claim.direction or 'up']}: {shorten_list(exceptions)}" if exceptions else ""
    return _result(not exceptions, quoted, tail)


def _ordering(claim: Claim, table: PublishedTable, quoted: list[QuotedDifference]) -> NumberCheck:
    """Rank variants by their difference; over several benchmarks by their worst difference."""
    sign = 1 if claim.direction == "up" else -1
    among = claim.among or table.variants(claim, claim.benchmarks)
    quotes = {v: [table.quote(claim, v, b) for b in claim.benchmarks] for v in among}
    worst = {v: min(q.difference for q in qs if q is not None) for v, qs in quotes.items()}
    last = min(claim.variants, key=lambda v: sign * worst[v])
    ahead = [v for v in worst if v not in claim.variants and sign * worst[v] >= sign * worst[last]]
    rival = max((v for v in worst if v not in claim.variants), key=lambda v: sign * worst[v], default="")
    what = f"difference on {claim.benchmarks[0]}" if len(claim.benchmarks) == 1 else "worst difference"
    order = f"{what} {_with_difference(last, worst)}" + (f" against {_with_difference(rival, worst)}" if rival else "")
    first, second = quotes[last][0], quotes[rival][0] if rival else None
    if len(claim.benchmarks) == 1 and first is not None and second is not None:
        p = two_shares_p((first.correct[0], second.correct[0]), (first.n[0], second.n[0]))
        order += f" ({first.correct[0]} and {second.correct[0]} of {first.n[0]} examples, p {format_p(p)})"
    tail = f", of {len(worst)} variants"
    if ahead:
        tail = f"; {shorten_list(ahead)} at least as {'high' if sign > 0 else 'low'}"
    claimed = tuple(q for q in quoted if q.variant in claim.variants)
    return NumberCheck("fails" if ahead else "holds", f"{order}{tail}", claimed)


def _count(claim: Claim, table: PublishedTable, quoted: list[QuotedDifference]) -> NumberCheck:
    reached = [q.variant for q in quoted if _exceeds(q.difference, claim)]
    n, of = len(reached), len(quoted)
    holds = n == claim.count if claim.count is not None else n >= (claim.low or 0)
    holds = holds and claim.of in (None, of)
    verb = "gain" if claim.direction == "up" else "lose"
    more = f" more than {claim.threshold:g} points" if claim.threshold else ""
    text = f"{n} of {of} {verb}{more} on {claim.benchmarks[0]}"
    if not holds:
        expected = f"at least {claim.low:g}" if claim.count is None else f"{claim.count}"
        text += f", not {expected} of {claim.of or of}{_without_incomplete(claim, table, quoted)}"
    same = [q.same_seed for q in quoted if q.same_seed is not None]
    if len(same) == of and any(q.same_seed != q.difference for q in quoted):
        text += f" (with the reference of the same seed: {sum(_exceeds(d, claim) for d in same)} of {of})"
    return NumberCheck("holds" if holds else "fails", text, tuple(quoted))


def _without_incomplete(claim: Claim, table: PublishedTable, quoted: list[QuotedDifference]) -> str:
    """Return whether the count holds without the variants that lack a score, in words; empty where it does not.

    A document may have counted only variants with a score on every benchmark that its table has for the regime.
    """
    missing = {q.variant: table.missing_benchmarks(claim.regime, q.variant) for q in quoted}
    complete = [q for q in quoted if not missing[q.variant]]
    n = sum(_exceeds(q.difference, claim) for q in complete)
    if claim.count != n or claim.of != len(complete):
        return ""
    lacking = [f"{v}, which has no score on {shorten_list(names)}" for v, names in missing.items() if names]
    return f"; without {' and without '.join(lacking)}, it is exactly {n} of {len(complete)}"


def _cluster(claim: Claim, table: PublishedTable, quoted: list[QuotedDifference]) -> NumberCheck:
    assert claim.expected is not None
    low, high = min(q.top1 for q in quoted), max(q.top1 for q in quoted)
    n = quoted[0].n[0] // len(quoted[0].seeds)
    clips = round((high - low) * n / 100)
    text = (
        f"{low:.2f} to {high:.2f} on {quoted[0].benchmark}: {high - low:.2f} points, "
        f"{format_count(clips, 'example')} of {n}"
    )
    holds = high - low <= claim.expected + _tolerance(claim)
    return NumberCheck("holds" if holds else "fails", text, tuple(quoted))


RULES: dict[Kind, Callable[[Claim, PublishedTable, list[QuotedDifference]], NumberCheck]] = {
    "difference": _difference,
    "range": _range,
    "direction": _direction,
    "ordering": _ordering,
    "count": _count,
    "cluster": _cluster,
}


def _result(holds: bool, quoted: list[QuotedDifference], tail: str) -> NumberCheck:
    several = len({q.benchmark for q in quoted}) > 1
    numbers = [f"{q.variant} {format_signed(q.difference, 2)}{f' on {q.benchmark}' if several else ''}" for q in quoted]
    where = "" if several else f" on {quoted[0].benchmark}"
    return NumberCheck("holds" if holds else "fails", f"{shorten_list(numbers)}{where}{tail}", tuple(quoted))


def _with_difference(variant: str, worst: dict[str, float]) -> str:
    return f"{variant} {format_signed(worst[variant], 2)}"


def _exceeds(difference: float, claim: Claim) -> bool:
    return (difference if claim.direction == "up" else -difference) > claim.threshold


def _tolerance(claim: Claim) -> float:
    return claim.tolerance + 1e-9  # differences of decimals are not exact in binary
