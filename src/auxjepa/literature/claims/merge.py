"""Equal claims of several documents as one statement, and what documents say against each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from auxjepa.evidence import claims as ledger
from auxjepa.evidence.claims import Claim
from auxjepa.literature.claims.form import UNSTATED
from auxjepa.literature.records import Mention, Statement

CLOSE = 1e-6


def merge(mentions: Iterable[Mention], known: Sequence[Claim] | None = None) -> list[Statement]:
    """Statements in the order of their first mention.

    A benchmark or regime that a mention doesn't say is filled where every other mention of the same numbers names
    the same one. A statement that ``known`` (the ledger, when unset) has takes its id and form.
    """
    known = [c for c in ledger.load().claims if c.kind != "question"] if known is None else known
    grouped: dict[str, list[Mention]] = {}
    for mention in completed(list(mentions)):
        same = next((c for c in known if says_same(c, mention.claim)), None)
        key = same.id if same else mention.claim.id
        if same:
            form = same.model_copy(update={"sources": mention.claim.sources})
            mention = mention.model_copy(update={"claim": form})
        grouped.setdefault(key, []).append(mention)
    made = [_statement(found) for found in grouped.values()]
    near: dict[str, list[Statement]] = {}
    for statement in made:
        for topic in _topics(statement.claim):
            near.setdefault(topic, []).append(statement)
    others = [list({id(o): o for topic in _topics(s.claim) for o in near[topic]}.values()) for s in made]
    return [
        s.model_copy(update={"disagreements": _disagreements(s, found)}) for s, found in zip(made, others, strict=True)
    ]


def _topics(claim: Claim) -> tuple[str, ...]:
    """Claims that share none of these can't disagree."""
    return (claim.fact,) if claim.kind == "structural" else claim.benchmarks


def _statement(mentions: list[Mention]) -> Statement:
    sources = tuple(dict.fromkeys(s for m in mentions for s in m.claim.sources))
    return Statement(claim=mentions[0].claim.model_copy(update={"sources": sources}), mentions=tuple(mentions))


def completed(mentions: list[Mention]) -> list[Mention]:
    """Mentions with what they leave out filled from others that say the same numbers; noted in ``inferred``."""
    whole: dict[str, list[Mention]] = {}
    for mention in mentions:
        if mention.claim.regime and UNSTATED not in mention.claim.benchmarks:
            whole.setdefault(mention.claim.kind, []).append(mention)
    return [_filled(m, whole.get(m.claim.kind, [])) for m in mentions]


def _filled(mention: Mention, mentions: list[Mention]) -> Mention:
    claim = mention.claim
    lacks = UNSTATED in claim.benchmarks
    if not lacks and (claim.regime or claim.kind == "structural"):
        return mention
    found: dict[tuple[tuple[str, ...], str], Mention] = {}
    for other in mentions:
        c = other.claim
        if not _numbers_equal(c, claim):
            continue
        near = set(c.variants) & set(claim.variants) and claim.regime in ("", c.regime)
        if near if lacks else (set(c.variants), set(c.benchmarks)) == (set(claim.variants), set(claim.benchmarks)):
            found[c.benchmarks, c.regime] = other
    if len(found) != 1:
        return mention
    (benchmarks, regime), other = next(iter(found.items()))
    what = "benchmark" if lacks else "regime"
    note = f"{what}: {other.claim.sources[0].document} says the same numbers of {' and '.join(benchmarks)} ({regime})"
    update: dict[str, Any] = {"benchmarks": benchmarks, "regime": regime, "reference_seed": other.claim.reference_seed}
    update |= {"variants": other.claim.variants, "statement": other.claim.statement, "id": other.claim.id}
    return mention.model_copy(update={"claim": claim.model_copy(update=update), "inferred": (*mention.inferred, note)})


def says_same(a: Claim, b: Claim) -> bool:
    """Whether two claims say the same of the same: names as sets, numbers equal as printed."""
    if a.kind != b.kind:
        return False
    if a.kind == "structural":
        same = (
            a.fact == b.fact
            if a.fact or b.fact
            else b.id in (f"structural-{a.id}", a.id) or a.id == f"structural-{b.id}"
        )
        return same and (a.expected, a.direction) == (b.expected, b.direction)
    names = all(set(getattr(a, f)) == set(getattr(b, f)) for f in ("variants", "benchmarks", "among"))
    return names and (a.regime, a.reference) == (b.regime, b.reference) and _numbers_equal(a, b) and a.sign == b.sign


def _numbers_equal(a: Claim, b: Claim) -> bool:
    return all(_equal(getattr(a, f), getattr(b, f)) for f in ("expected", "low", "high", "threshold", "count", "of"))


def _equal(a: bool | int | float | None, b: bool | int | float | None) -> bool:
    return a == b if a is None or b is None else abs(a - b) <= CLOSE


def _disagreements(statement: Statement, statements: Sequence[Statement]) -> tuple[str, ...]:
    lines = _own_verdicts(statement)
    for other in statements:
        if other.claim.id != statement.claim.id:
            against = contradiction(statement.claim, other.claim)
            if against:
                lines.append(f"{_documents(other)}: {other.claim.statement}; {against}")
    return tuple(dict.fromkeys(lines))


def _own_verdicts(statement: Statement) -> list[str]:
    """Documents that call the same claim verified, and not verified."""
    said: dict[bool, list[str]] = {True: [], False: []}
    for m in statement.mentions:
        if m.row is not None and m.row.verified is not None:
            said[m.row.verified].append(f"{m.span.document} row {m.row.number}")
    if not (said[True] and said[False]):
        return []
    yes, no = (", ".join(dict.fromkeys(said[v])) for v in (True, False))
    return [f"verified in {yes}; not verified in {no}"]


def _documents(statement: Statement) -> str:
    return ", ".join(dict.fromkeys(m.span.document for m in statement.mentions))


def contradiction(a: Claim, b: Claim) -> str:
    """How two claims exclude each other, in words; empty where both can be true (or speak of different things)."""
    if a.kind == b.kind == "structural":
        numbers = isinstance(a.expected, int | float) and isinstance(b.expected, int | float)
        return (
            f"{a.expected:g} against {b.expected:g}"
            if numbers and a.fact and a.fact == b.fact and a.expected != b.expected
            else ""
        )
    if (a.regime, a.reference) != (b.regime, b.reference) or not set(a.benchmarks) & set(b.benchmarks):
        return ""
    if a.kind == b.kind == "count":
        same = (a.direction, a.threshold, a.variants) == (b.direction, b.threshold, b.variants)
        both = a.count is not None and b.count is not None
        return (
            f"{a.count} of {a.of} against {b.count} of {b.of}"
            if same and both and (a.count, a.of) != (b.count, b.of)
            else ""
        )
    if a.kind == b.kind == "ordering":
        alone = set(a.benchmarks) == set(b.benchmarks) and a.direction == b.direction and set(a.among) == set(b.among)
        return (
            f"both {'best' if a.direction == 'up' else 'worst'}"
            if alone and not set(a.variants) & set(b.variants)
            else ""
        )
    if not set(a.variants) & set(b.variants):
        return ""
    first, second = _interval(a), _interval(b)
    if first is None or second is None or (first[0] <= second[1] and second[0] <= first[1]):
        return ""
    return "the signs differ" if first[0] * second[0] < 0 or first[1] * second[1] < 0 else "the numbers differ"


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
