"""Merge equal claims of several documents into statements, and list their disagreements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from auxjepa.evidence.ledger import claims as ledger
from auxjepa.evidence.ledger.claims import Claim
from auxjepa_review.claims import settings
from auxjepa_review.claims.compare import TOLERANCE, compare_mentions, topics
from auxjepa_review.claims.extract import claim_id
from auxjepa_review.claims.form import UNSTATED
from auxjepa_review.claims.phrases import PROPOSED_METHOD
from auxjepa_review.records import Mention, Statement

MAX_LISTED = 20
"""Largest number of disagreements that a statement lists."""
MAX_COMPARED = 100
"""Largest number of statements on the same benchmark and method that a statement is compared with."""


def merge(mentions: Iterable[Mention], known_claims: Sequence[Claim] | None = None) -> list[Statement]:
    """Return the statements in the order of their first mention.

    A missing benchmark or regime is filled in if all other mentions of the same numbers name the same one. A statement
    that is in ``known_claims`` takes its id and form.

    Args:
        mentions: claims of all documents.
        known_claims: claims whose ids and forms are used; those of the ledger if None.
    """
    known_claims = [c for c in ledger.load().claims if c.kind != "question"] if known_claims is None else known_claims
    grouped: dict[str, list[Mention]] = {}
    conditions: dict[str, set[settings.Setting]] = {}
    for mention in fill_missing([_localise(m) for m in mentions]):
        same = next((c for c in known_claims if are_equal(c, mention.claim)), None)
        if same:
            form = same.model_copy(update={"sources": mention.claim.sources})
            mention = mention.model_copy(update={"claim": form})
        else:
            mention = _number_by_setting(mention, conditions)
        grouped.setdefault(mention.claim.id, []).append(mention)
    statements = [_make_statement(group) for group in grouped.values()]
    near: dict[tuple[str, str], list[Statement]] = {}
    for statement in statements:
        for topic in topics(statement.claim):
            near.setdefault(topic, []).append(statement)
    return [s.model_copy(update={"disagreements": _disagreements(s, near)}) for s in statements]


def _localise(mention: Mention) -> Mention:
    """Rename the authors' own method, because it is a different method in every document."""
    claim = mention.claim
    if claim.kind == "structural" or PROPOSED_METHOD not in (*claim.variants, *claim.among):
        return mention
    local_name = f"{PROPOSED_METHOD} ({mention.span.document})"
    names = {
        f: tuple(local_name if n == PROPOSED_METHOD else n for n in getattr(claim, f)) for f in ("variants", "among")
    }
    update: dict[str, Any] = {**names, "statement": claim.statement.replace(PROPOSED_METHOD, local_name)}
    update["id"] = claim_id(claim.model_dump() | names)
    return mention.model_copy(update={"claim": claim.model_copy(update=update)})


def _number_by_setting(mention: Mention, conditions: dict[str, set[settings.Setting]]) -> Mention:
    """Number equal claims under different conditions or metrics, because they are different statements."""
    claim, setting = mention.claim, mention.setting
    name, n = claim.id, 1
    while any(settings.differ(setting, there) for there in conditions.get(name, ())):
        n += 1
        name = f"{claim.id}-{n}"
    conditions.setdefault(name, set()).add(setting)
    if n == 1:
        return mention
    update = {"id": name, "statement": f"{claim.statement} ({', '.join(setting)})"}
    return mention.model_copy(update={"claim": claim.model_copy(update=update)})


def _make_statement(mentions: list[Mention]) -> Statement:
    sources = tuple(dict.fromkeys(s for m in mentions for s in m.claim.sources))
    return Statement(claim=mentions[0].claim.model_copy(update={"sources": sources}), mentions=tuple(mentions))


def fill_missing(mentions: list[Mention]) -> list[Mention]:
    """Fill in what mentions do not name from mentions with the same numbers; a note in ``inferred`` records it."""
    complete_by_numbers: dict[tuple[str, ...], list[Mention]] = {}
    for mention in mentions:
        if mention.claim.regime and UNSTATED not in mention.claim.benchmarks:
            complete_by_numbers.setdefault(_numbers_key(mention.claim), []).append(mention)
    return [_fill(m, complete_by_numbers.get(_numbers_key(m.claim), [])) for m in mentions]


def _numbers_key(claim: Claim) -> tuple[str, ...]:
    ends = (f"{n:.5f}" if n is not None else "" for n in (claim.expected, claim.low, claim.high))
    return (claim.kind, *ends)


def _fill(mention: Mention, mentions: list[Mention]) -> Mention:
    claim = mention.claim
    lacks = UNSTATED in claim.benchmarks
    if not lacks and (claim.regime or claim.kind == "structural"):
        return mention
    sources: dict[tuple[tuple[str, ...], str], Mention] = {}
    for source in mentions:
        candidate = source.claim
        if not _numbers_equal(candidate, claim):
            continue
        near = set(candidate.variants) & set(claim.variants) and claim.regime in ("", candidate.regime)
        if (
            near
            if lacks
            else (set(candidate.variants), set(candidate.benchmarks)) == (set(claim.variants), set(claim.benchmarks))
        ):
            sources[candidate.benchmarks, candidate.regime] = source
    if len(sources) != 1:
        return mention
    (benchmarks, regime), source = next(iter(sources.items()))
    what = "benchmark" if lacks else "regime"
    note = f"{what}: {source.claim.sources[0].document} says the same numbers of {' and '.join(benchmarks)} ({regime})"
    update: dict[str, Any] = {"benchmarks": benchmarks, "regime": regime, "reference_seed": source.claim.reference_seed}
    update |= {"variants": source.claim.variants, "statement": source.claim.statement, "id": source.claim.id}
    return mention.model_copy(update={"claim": claim.model_copy(update=update), "inferred": (*mention.inferred, note)})


def are_equal(a: Claim, b: Claim) -> bool:
    """Check whether two claims are equal: names as sets, and numbers within rounding."""
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
    return a == b if a is None or b is None else abs(a - b) <= TOLERANCE


def _disagreements(statement: Statement, near: dict[tuple[str, str], list[Statement]]) -> tuple[str, ...]:
    lines = dict.fromkeys(_own_verdicts(statement))
    about = [near[topic] for topic in topics(statement.claim)]
    others = {o.claim.id: o for statements in about for o in islice(statements, MAX_COMPARED + 1)}
    others.pop(statement.claim.id, None)
    uncompared = sum(max(len(statements) - MAX_COMPARED - 1, 0) for statements in about)
    for i, compared in enumerate(others.values()):
        if len(lines) >= MAX_LISTED or i == MAX_COMPARED:
            uncompared += len(others) - i
            break
        comparison = compare_mentions(statement.claim, compared.claim, statement.mentions, compared.mentions)
        if comparison.relation == "differs":
            lines[f"{_documents(compared)}: {compared.claim.statement}; {comparison.words}"] = None
    if uncompared:
        lines[f"and up to {uncompared} more: that many statements on the same weren't compared"] = None
    return tuple(lines)


def _own_verdicts(statement: Statement) -> list[str]:
    """Return a line if some documents call the claim verified and others not verified."""
    places: dict[bool, list[str]] = {True: [], False: []}
    for m in statement.mentions:
        if m.row is not None and m.row.verified is not None:
            places[m.row.verified].append(f"{m.span.document} row {m.row.number}")
    if not (places[True] and places[False]):
        return []
    yes, no = (", ".join(dict.fromkeys(places[v])) for v in (True, False))
    return [f"verified in {yes}; not verified in {no}"]


def _documents(statement: Statement) -> str:
    return ", ".join(dict.fromkeys(m.span.document for m in statement.mentions))
