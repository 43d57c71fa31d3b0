"""Equal claims of several documents as one statement, and what documents say against each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from auxjepa.evidence.ledger import claims as ledger
from auxjepa.evidence.ledger.claims import Claim
from auxjepa_review.claims import settings
from auxjepa_review.claims.compare import CLOSE, said, topics
from auxjepa_review.claims.extract import identity
from auxjepa_review.claims.form import UNSTATED
from auxjepa_review.claims.phrases import OWN
from auxjepa_review.records import Mention, Statement

LISTED = 20
"""Disagreements that a statement lists."""
COMPARED = 100
"""Other statements on the same benchmark and method that a statement is compared with."""


def merge(mentions: Iterable[Mention], known: Sequence[Claim] | None = None) -> list[Statement]:
    """Statements in the order of their first mention.

    A benchmark or regime that a mention doesn't say is filled where every other mention of the same numbers names
    the same one. A statement that ``known`` (the ledger, when unset) has takes its id and form.
    """
    known = [c for c in ledger.load().claims if c.kind != "question"] if known is None else known
    grouped: dict[str, list[Mention]] = {}
    conditions: dict[str, set[settings.Setting]] = {}
    for mention in completed([_local(m) for m in mentions]):
        same = next((c for c in known if says_same(c, mention.claim)), None)
        if same:
            form = same.model_copy(update={"sources": mention.claim.sources})
            mention = mention.model_copy(update={"claim": form})
        else:
            mention = _apart(mention, conditions)
        grouped.setdefault(mention.claim.id, []).append(mention)
    made = [_statement(found) for found in grouped.values()]
    near: dict[tuple[str, str], list[Statement]] = {}
    for statement in made:
        for topic in topics(statement.claim):
            near.setdefault(topic, []).append(statement)
    return [s.model_copy(update={"disagreements": _disagreements(s, near)}) for s in made]


def _local(mention: Mention) -> Mention:
    """The authors' own method is another one in every document."""
    claim = mention.claim
    if claim.kind == "structural" or OWN not in (*claim.variants, *claim.among):
        return mention
    own = f"{OWN} ({mention.span.document})"
    names = {f: tuple(own if n == OWN else n for n in getattr(claim, f)) for f in ("variants", "among")}
    update: dict[str, Any] = {**names, "statement": claim.statement.replace(OWN, own)}
    update["id"] = identity(claim.model_dump() | names)
    return mention.model_copy(update={"claim": claim.model_copy(update=update)})


def _apart(mention: Mention, conditions: dict[str, set[settings.Setting]]) -> Mention:
    """Equal numbers under other conditions, or of another metric, are another statement: it is numbered."""
    claim, setting = mention.claim, mention.setting
    name, n = claim.id, 1
    while any(settings.apart(setting, there) for there in conditions.get(name, ())):
        n += 1
        name = f"{claim.id}-{n}"
    conditions.setdefault(name, set()).add(setting)
    if n == 1:
        return mention
    update = {"id": name, "statement": f"{claim.statement} ({', '.join(setting)})"}
    return mention.model_copy(update={"claim": claim.model_copy(update=update)})


def _statement(mentions: list[Mention]) -> Statement:
    sources = tuple(dict.fromkeys(s for m in mentions for s in m.claim.sources))
    return Statement(claim=mentions[0].claim.model_copy(update={"sources": sources}), mentions=tuple(mentions))


def completed(mentions: list[Mention]) -> list[Mention]:
    """Mentions with what they leave out filled from others that say the same numbers; noted in ``inferred``."""
    whole: dict[tuple[str, ...], list[Mention]] = {}
    for mention in mentions:
        if mention.claim.regime and UNSTATED not in mention.claim.benchmarks:
            whole.setdefault(_number(mention.claim), []).append(mention)
    return [_filled(m, whole.get(_number(m.claim), [])) for m in mentions]


def _number(claim: Claim) -> tuple[str, ...]:
    ends = (f"{n:.5f}" if n is not None else "" for n in (claim.expected, claim.low, claim.high))
    return (claim.kind, *ends)


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


def _disagreements(statement: Statement, near: dict[tuple[str, str], list[Statement]]) -> tuple[str, ...]:
    lines = dict.fromkeys(_own_verdicts(statement))
    about = [near[topic] for topic in topics(statement.claim)]
    others = {o.claim.id: o for statements in about for o in islice(statements, COMPARED + 1)}
    others.pop(statement.claim.id, None)
    left = sum(max(len(statements) - COMPARED - 1, 0) for statements in about)
    for i, other in enumerate(others.values()):
        if len(lines) >= LISTED or i == COMPARED:
            left += len(others) - i
            break
        found = said(statement.claim, other.claim, statement.mentions, other.mentions)
        if found.relation == "differs":
            lines[f"{_documents(other)}: {other.claim.statement}; {found.words}"] = None
    if left:
        lines[f"and up to {left} more: that many statements on the same weren't compared"] = None
    return tuple(lines)


def _own_verdicts(statement: Statement) -> list[str]:
    """Documents that call the same claim verified, and not verified."""
    told: dict[bool, list[str]] = {True: [], False: []}
    for m in statement.mentions:
        if m.row is not None and m.row.verified is not None:
            told[m.row.verified].append(f"{m.span.document} row {m.row.number}")
    if not (told[True] and told[False]):
        return []
    yes, no = (", ".join(dict.fromkeys(told[v])) for v in (True, False))
    return [f"verified in {yes}; not verified in {no}"]


def _documents(statement: Statement) -> str:
    return ", ".join(dict.fromkeys(m.span.document for m in statement.mentions))
