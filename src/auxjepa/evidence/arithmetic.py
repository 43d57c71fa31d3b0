"""Is the number in the table? A claim against published scores, by arithmetic alone and kind by kind.

Nothing here says what may be concluded; ``ledger`` does, from this and from how the scores were made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from auxjepa.evidence.claims import Claim, Kind
from auxjepa.evidence.published import PublishedScore, Quoted, main_heads, quote, two_shares_p
from auxjepa.evidence.verdicts import count, probability, signed

Answer = Literal["holds", "fails", "not in table"]
MOST_SHOWN = 6


@dataclass(frozen=True)
class Settled:
    """What arithmetic says of a claim: the answer, the numbers in words, and the comparisons behind them."""

    answer: Answer
    numbers: str
    quoted: tuple[Quoted, ...] = ()
    missing: tuple[str, ...] = ()


class Table:
    """Scores by regime, variant and benchmark, read by each benchmark's main head."""

    def __init__(self, scores: Iterable[PublishedScore]) -> None:
        self.scores = main_heads(scores)

    def get(self, regime: str, variant: str, benchmark: str) -> list[PublishedScore]:
        """A variant's scores on a benchmark, one a seed."""
        return [s for s in self.scores if (s.regime, s.variant, s.benchmark) == (regime, variant, benchmark)]

    def variants(self, claim: Claim, benchmarks: Sequence[str]) -> list[str]:
        """Variants of the claim's regime, its reference left out, that have a score on every one of the benchmarks."""
        names = dict.fromkeys(s.variant for s in self.scores if s.regime == claim.regime)
        scored = lambda v: all(self.get(claim.regime, v, b) for b in benchmarks)  # noqa: E731
        return [v for v in names if v != claim.reference and scored(v)]

    def quote(self, claim: Claim, variant: str, benchmark: str) -> Quoted | None:
        """A variant beside the claim's reference; None where either has no score."""
        own, other = (self.get(claim.regime, name, benchmark) for name in (variant, claim.reference))
        return quote(own, other, claim.reference_seed)


def settle(claim: Claim, table: Table) -> Settled:
    """The claim's numbers in the table. Structural claims and questions aren't in any table."""
    if claim.kind not in RULES:
        return Settled("not in table", "")
    listed = claim.among or claim.variants or table.variants(claim, claim.benchmarks)
    pairs = [(v, b) for b in claim.benchmarks for v in dict.fromkeys([*claim.variants, *listed])]
    found = {pair: table.quote(claim, *pair) for pair in pairs}
    missing = tuple(f"{v} (or {claim.reference}) on {b}" for (v, b), q in found.items() if q is None)
    if missing:
        return Settled("not in table", f"no score of {some(missing)}", missing=missing)
    quoted = [q for q in found.values() if q is not None]
    return RULES[claim.kind](claim, table, quoted)


def _difference(claim: Claim, table: Table, quoted: list[Quoted]) -> Settled:
    assert claim.expected is not None
    good = all(abs(q.difference - claim.expected) <= _slack(claim) for q in quoted)
    return _told(good, quoted, "" if good else f", not {signed(float(claim.expected), 2)}")


def _range(claim: Claim, table: Table, quoted: list[Quoted]) -> Settled:
    assert claim.low is not None and claim.high is not None
    low, high, slack = claim.low, claim.high, _slack(claim)
    out = [q.variant for q in quoted if not low - slack <= q.difference <= high + slack]
    ends = f"{signed(low)} to {signed(high)}"
    return _told(not out, quoted, f"; outside {ends}: {some(out)}" if out else "")


def _direction(claim: Claim, table: Table, quoted: list[Quoted]) -> Settled:
    out = [f"{q.variant} on {q.benchmark}" for q in quoted if not _exceeds(q.difference, claim)]
    return _told(not out, quoted, f"; not {claim.direction}: {some(out)}" if out else "")


def _ordering(claim: Claim, table: Table, quoted: list[Quoted]) -> Settled:
    """Over several benchmarks, variants are ranked by their worst difference."""
    sign = 1 if claim.direction == "up" else -1
    among = claim.among or table.variants(claim, claim.benchmarks)
    of = {v: [table.quote(claim, v, b) for b in claim.benchmarks] for v in among}
    worst = {v: min(q.difference for q in qs if q is not None) for v, qs in of.items()}
    last = min(claim.variants, key=lambda v: sign * worst[v])
    ahead = [v for v in worst if v not in claim.variants and sign * worst[v] >= sign * worst[last]]
    rest = max((v for v in worst if v not in claim.variants), key=lambda v: sign * worst[v], default="")
    what = f"difference on {claim.benchmarks[0]}" if len(claim.benchmarks) == 1 else "worst difference"
    order = f"{what} {_named(last, worst)}" + (f" against {_named(rest, worst)}" if rest else "")
    first, second = of[last][0], of[rest][0] if rest else None
    if len(claim.benchmarks) == 1 and first is not None and second is not None:
        p = two_shares_p((first.correct[0], second.correct[0]), (first.n[0], second.n[0]))
        order += f" ({first.correct[0]} and {second.correct[0]} of {first.n[0]} examples, p {probability(p)})"
    tail = f"; {some(ahead)} at least as {'high' if sign > 0 else 'low'}" if ahead else f", of {len(worst)} variants"
    own = tuple(q for q in quoted if q.variant in claim.variants)
    return Settled("fails" if ahead else "holds", f"{order}{tail}", own)


def _count(claim: Claim, table: Table, quoted: list[Quoted]) -> Settled:
    reached = [q.variant for q in quoted if _exceeds(q.difference, claim)]
    n, of = len(reached), len(quoted)
    good = n == claim.count if claim.count is not None else n >= (claim.low or 0)
    good = good and claim.of in (None, of)
    verb = "gain" if claim.direction == "up" else "lose"
    more = f" more than {claim.threshold:g} points" if claim.threshold else ""
    text = f"{n} of {of} {verb}{more} on {claim.benchmarks[0]}"
    if not good:
        wanted = f"at least {claim.low:g}" if claim.count is None else f"{claim.count}"
        text += f", not {wanted} of {claim.of or of}"
    same = [q.same_seed for q in quoted if q.same_seed is not None]
    if len(same) == of and any(q.same_seed != q.difference for q in quoted):
        text += f" (with the reference of the same seed: {sum(_exceeds(d, claim) for d in same)} of {of})"
    return Settled("holds" if good else "fails", text, tuple(quoted))


def _cluster(claim: Claim, table: Table, quoted: list[Quoted]) -> Settled:
    assert claim.expected is not None
    low, high = min(q.top1 for q in quoted), max(q.top1 for q in quoted)
    n = quoted[0].n[0] // len(quoted[0].seeds)
    clips = round((high - low) * n / 100)
    text = (
        f"{low:.2f} to {high:.2f} on {quoted[0].benchmark}: {high - low:.2f} points, {count(clips, 'example')} of {n}"
    )
    return Settled("holds" if high - low <= claim.expected + _slack(claim) else "fails", text, tuple(quoted))


RULES: dict[Kind, Callable[[Claim, Table, list[Quoted]], Settled]] = {
    "difference": _difference,
    "range": _range,
    "direction": _direction,
    "ordering": _ordering,
    "count": _count,
    "cluster": _cluster,
}


def some(names: Sequence[str], most: int = MOST_SHOWN) -> str:
    """The first few names, and how many more there are."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def _told(good: bool, quoted: list[Quoted], tail: str) -> Settled:
    several = len({q.benchmark for q in quoted}) > 1
    said = [f"{q.variant} {signed(q.difference, 2)}{f' on {q.benchmark}' if several else ''}" for q in quoted]
    where = "" if several else f" on {quoted[0].benchmark}"
    return Settled("holds" if good else "fails", f"{some(said)}{where}{tail}", tuple(quoted))


def _named(variant: str, worst: dict[str, float]) -> str:
    return f"{variant} {signed(worst[variant], 2)}"


def _exceeds(difference: float, claim: Claim) -> bool:
    return (difference if claim.direction == "up" else -difference) > claim.threshold


def _slack(claim: Claim) -> float:
    return claim.tolerance + 1e-9  # differences of decimals are not exact in binary
