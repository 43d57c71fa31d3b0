"""What a clause claims, by rule: differences, ranges, directions, orderings, counts and clusters.

A rule either finds all that its kind of claim needs, or says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Literal

from auxjepa.evidence.claims import Kind
from auxjepa.literature.claims.clauses import Clause
from auxjepa.literature.claims.numbers import Quantity
from auxjepa.literature.claims.tokens import Token

UNSTATED = "unstated"
"""Benchmark of a claim whose sentence names none; merging fills it where another document says the same with one."""
Way = Literal["up", "down"]


@dataclass(frozen=True)
class Form:
    """A claim without its regime: what one rule read in one clause."""

    kind: Kind
    variants: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    benchmarks: tuple[str, ...] = ()
    reference: str = ""
    among: tuple[str, ...] = ()
    expected: bool | float | None = None
    low: float | None = None
    high: float | None = None
    direction: Way | None = None
    threshold: float = 0.0
    count: int | None = None
    of: int | None = None
    tolerance: float = 0.005
    fact: str = ""
    topic: str = ""
    regime: str = ""
    inferred: tuple[str, ...] = field(default=())


def forms(clause: Clause) -> Iterator[Form]:
    """Claims of a clause. None where it is a question, a hope or a negation, or says what happens without a part."""
    if clause.has("maybe", "unless") or "ablated" in clause.inferred:
        return
    counted = next((t.quantity for t in clause.quantities if t.quantity and t.quantity.what == "count"), None)
    if counted is not None:
        yield from _counts(clause, counted)
        return
    clustered = list(_clusters(clause))
    if clustered:
        yield from clustered
        return
    pairs = list(_pairs(clause))
    for quantity, benchmarks, variants in pairs:
        form = _measured(clause, quantity, benchmarks, variants)
        if form is not None:
            yield form
    yield from _orderings(clause)
    yield from _directions(clause, pairs)


def _base(clause: Clause) -> Form:
    references = dict.fromkeys(n for t in clause.references for n in t.names)
    return Form(
        kind="direction",
        variants=clause.variants,
        groups=tuple(t.group for t in clause.subjects if t.group),
        reference=next(iter(references)) if len(references) == 1 else "",
        inferred=tuple(clause.inferred),
    )  # fmt: skip


def _way(clause: Clause, at: int | None = None) -> Way | None:
    """Which way the nearest word of direction points; a verb before a number counts as nearer than a noun after it."""
    cues = [t for t in clause.tokens if t.kind in ("up", "down", "top", "bottom")]
    if not cues:
        return None
    tokens = clause.tokens

    def distance(cue: Token) -> float:
        if at is None:
            return cue.start
        here = next(i for i, t in enumerate(tokens) if t.start >= at)
        there = tokens.index(cue)
        return here - there if there < here else there - here + (0.5 if there - here > 3 else -0.5)

    best = min(cues, key=distance)
    way: Way = "up" if best.kind in ("up", "top") else "down"
    return _flipped(way) if _error(clause) else way


def _error(clause: Clause) -> bool:
    """Whether it is an error that falls."""
    return any(t.kind == "metric" and t.text.lower().startswith("error") for t in clause.tokens)


def _flipped(way: Way) -> Way:
    return "down" if way == "up" else "up"


def _pairs(clause: Clause) -> list[tuple[Token, tuple[str, ...], tuple[str, ...]]]:
    """Numbers with the benchmarks (and variants, with ``respectively``) that they belong to."""
    numbers = [
        t for t in clause.quantities if t.quantity and t.quantity.what in ("difference", "range", "levels", "level")
    ]
    numbers = [t for t in numbers if _is_result(clause, t)]
    if _compared(clause, numbers) is None:
        numbers = [t for t in numbers if t.quantity and (t.quantity.what != "level" or _by(clause, t))]
    numbers = [t for t, after in zip_longest(numbers, numbers[1:]) if not _refined(clause, t, after)]
    if not numbers:
        return []
    single = _distinct([t for t in clause.benchmarks if not t.group])
    whole = [t for t in clause.benchmarks if t.group]
    variants = clause.variants
    names = [t.names for t in single]
    levels = _compared(clause, numbers)
    if levels is not None:
        return [(levels, tuple(n for group in names for n in group) or _spread(whole), variants)]
    if not names:
        where = _spread(whole) or (UNSTATED,)
        each = len(numbers) == len(variants) > 1
        return [(t, where, (variants[i],) if each else variants) for i, t in enumerate(numbers)]
    if len(numbers) == len(names) and len(names) > 1:
        zipped = len(variants) == len(numbers) and clause.has("respectively")
        return [(t, names[i], (variants[i],) if zipped else variants) for i, t in enumerate(numbers)]
    every = tuple(n for group in names for n in group)
    if len(numbers) == 1:
        return [(numbers[0], every, variants)]
    if len(numbers) == len(variants):
        return [(t, every, (variants[i],)) for i, t in enumerate(numbers)]
    if len(numbers) > len(names):
        return [(_nearest(numbers, b), b.names, variants) for b in single]
    return (
        [(t, names[i], variants) for i, t in enumerate(numbers)]
        if clause.has("respectively")
        else _adjacent(numbers, single, variants)
    )


def _adjacent(numbers: list[Token], benchmarks: list[Token], variants: tuple[str, ...]):
    """Each number with the benchmarks that stand between it and the next (or, if it ends the list, before it)."""
    found: list[tuple[Token, tuple[str, ...], tuple[str, ...]]] = []
    leading = benchmarks[0].start < numbers[0].start
    for i, number in enumerate(numbers):
        if leading:
            low = numbers[i - 1].end if i else -1
            inside = [b for b in benchmarks if low < b.start < number.start]
        else:
            high = numbers[i + 1].start if i + 1 < len(numbers) else 10**9
            inside = [b for b in benchmarks if number.start < b.start < high]
        if inside:
            found.append((number, tuple(n for b in inside for n in b.names), variants))
    return found


def _nearest(numbers: list[Token], benchmark: Token) -> Token:
    return min(numbers, key=lambda t: min(abs(t.start - benchmark.end), abs(benchmark.start - t.end)))


def _distinct(tokens: list[Token]) -> list[Token]:
    seen: set[tuple[str, ...]] = set()
    return [t for t in tokens if not (t.names in seen or seen.add(t.names))]


def _spread(whole: list[Token]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for t in whole for n in t.names))


def _is_result(clause: Clause, token: Token) -> bool:
    """A difference; or a bare number after ``by`` or beside a word of direction; or levels."""
    q = token.quantity
    assert q is not None
    if q.what != "level":
        return True
    before = clause.text[: max(0, token.start - clause.tokens[0].start)]
    if re.search(
        r"\bby\s+(?:about\s|around\s|roughly\s|approximately\s|some\s|only\s|just\s|as\s+much\s+as\s)?\D{0,3}$", before
    ):
        return q.unit == "percent" or q.decimals > 0 or _way(clause) is not None
    return q.unit == "percent" or q.decimals > 0


def _refined(clause: Clause, token: Token, after: Token | None) -> bool:
    """Whether brackets right behind a number say it again: ``nearly two points (+1.88)``."""
    if after is None or after.quantity is None or token.quantity is None:
        return False
    between = [t.kind for t in clause.tokens if token.end <= t.start < after.start]
    return between == ["open"] and after.quantity.decimals >= token.quantity.decimals


def _compared(clause: Clause, numbers: list[Token]) -> Token | None:
    """Two levels with a comparison between them are one pair of levels, from the second to the first."""
    level = [t for t in numbers if t.quantity and t.quantity.what == "level" and not t.quantity.bound]
    if len(level) != 2 or len(numbers) != 2:
        return None
    a, b = level
    between = [t for t in clause.tokens if a.end <= t.start and t.end <= b.start]
    if not any(t.kind == "than" for t in between) or a.quantity is None or b.quantity is None:
        return None
    q = replace(
        a.quantity,
        what="levels",
        low=b.quantity.low,
        high=a.quantity.high,
        decimals=max(a.quantity.decimals, b.quantity.decimals),
    )
    return replace(a, quantity=q)


def _measured(clause: Clause, token: Token, benchmarks: tuple[str, ...], variants: tuple[str, ...]) -> Form | None:
    """A difference or range with its sign; levels as their difference; a bound as a direction that must exceed it."""
    q = token.quantity
    assert q is not None
    base = replace(_base(clause), variants=variants, benchmarks=benchmarks)
    if not variants or not benchmarks:
        return None
    if q.what == "levels":
        return replace(base, kind="difference", expected=round(q.high - q.low, 6), tolerance=2 * q.rounding)
    way = _way(clause, token.start)
    if q.what == "level" and (way is None or not _by(clause, token)):
        return None
    if not q.signed and (way is None or (q.what == "difference" and q.unit == "" and not q.bound)):
        way = way if q.what != "difference" else None
        if clause.has("within") and q.bound == "" and q.unit == "points":
            return replace(base, kind="range", low=-q.high, high=q.high, tolerance=q.rounding)
        if way is None:
            return None
    if clause.has("within") and not q.signed:
        return replace(base, kind="range", low=-q.high, high=q.high, tolerance=q.rounding)
    if q.relative:
        return replace(
            base, kind="direction", direction=way, inferred=(*base.inferred, "relative percent: direction only")
        )
    if q.unit == "percent":
        base = replace(base, inferred=(*base.inferred, "percent read as points"))
    sign = 1 if q.signed or way == "up" else -1
    if q.signed and _error(clause):
        sign = -1
    if q.bound in ("over", "least") and not q.signed:
        return replace(base, kind="direction", direction=way, threshold=q.low)
    if q.bound in ("under", "most"):
        low, high = sorted((0.0, sign * q.high))
        return replace(base, kind="range", low=low, high=high, tolerance=q.rounding)
    if q.what == "range":
        low, high = sorted((sign * q.low, sign * q.high))
        return replace(base, kind="range", low=low, high=high, tolerance=q.rounding)
    return replace(base, kind="difference", expected=sign * q.low, tolerance=q.rounding)


def _by(clause: Clause, token: Token) -> bool:
    """Whether a bare number is an amount of change: after ``by`` or ``of``, or right before a word of direction."""
    at = clause.tokens[0].start
    before, after = clause.text[: token.start - at], clause.text[token.end - at :]
    if re.search(
        r"\b(?:by|of)\s+(?:a\s+|an\s+|about\s+|around\s+|roughly\s+|approximately\s+|nearly\s+|almost\s+|some\s+|only\s+|just\s+|another\s+|up\s+to\s+|more\s+than\s+|over\s+|at\s+least\s+)*[>~≈]?\s*$",
        before,
    ):
        return not re.search(r"accuracy\s+of\s+\D{0,3}$|scores?\s+of\s+\D{0,3}$", before)
    return any(t.kind in ("up", "down") and 0 <= t.start - token.end <= 25 for t in clause.tokens) and bool(
        re.match(
            r"\s*(?:relative\s+|absolute\s+)?\(?\w*\s?(?:improv|gain|increas|boost|drop|los|declin|degrad|decreas|reduc|higher|lower|better|worse)",
            after,
        )
    )


def _counts(clause: Clause, q: Quantity) -> Iterator[Form]:
    way = _way(clause)
    if way is None or not clause.benchmarks:
        return
    bound = next(
        (t.quantity for t in clause.quantities if t.quantity and t.quantity.what in ("difference", "level")), None
    )
    threshold = bound.low if bound and bound.bound in ("over", "least") else 0.0
    if bound and not threshold:
        return
    named = clause.variants if any(t.group for t in clause.subjects) or len(clause.variants) > 1 else ()
    form = replace(
        _base(clause), kind="count", variants=named, direction=way, threshold=abs(threshold), of=round(q.high)
    )
    form = replace(form, low=q.low) if q.bound == "least" else replace(form, count=round(q.low))
    for names in [t.names for t in _distinct(clause.benchmarks)]:
        yield replace(form, benchmarks=names)


def _clusters(clause: Clause) -> Iterator[Form]:
    q = next((t.quantity for t in clause.quantities if t.quantity and t.quantity.what in ("difference", "level")), None)
    close = clause.has("each") or (clause.has("apart") and not clause.references and not clause.has("up", "down"))
    if (
        q is None
        or not close
        or len(clause.variants) < 2
        or not clause.benchmarks
        or not (clause.has("within") or clause.has("apart"))
    ):
        return
    form = replace(_base(clause), kind="cluster", expected=q.high, tolerance=q.rounding)
    for names in [t.names for t in _distinct(clause.benchmarks)]:
        yield replace(form, benchmarks=names)


def _orderings(clause: Clause) -> Iterator[Form]:
    """``the largest gain``, ``best``, ``better than all others``, ``beats LD and FWM``."""
    top = next((t for t in clause.tokens if t.kind in ("top", "bottom")), None)
    beaten = tuple(dict.fromkeys(n for t in clause.references if t.kind != "reference" for n in t.names))
    way: Way | None = None
    if top is not None:
        way = "up" if top.kind == "top" else "down"
    elif clause.has("others", "utmost") or len(beaten) > 1:
        way = _way(clause)
    if way is None or not clause.variants or not clause.benchmarks:
        return
    among = (*clause.variants, *beaten) if len(beaten) > 1 and top is None else clause.among
    benchmarks = tuple(dict.fromkeys(n for t in clause.benchmarks for n in t.names))
    yield replace(
        _base(clause),
        kind="ordering",
        direction=way,
        benchmarks=benchmarks,
        among=tuple(dict.fromkeys(among)),
        reference="",
    )


def _directions(clause: Clause, pairs: list[tuple[Token, tuple[str, ...], tuple[str, ...]]]) -> Iterator[Form]:
    """A word of direction without a number; ``often`` makes it a count of more than half of a group."""
    whole = [t for t in clause.benchmarks if t.group]
    if (
        clause.has("top", "bottom", "others")
        or not clause.variants
        or not clause.benchmarks
        or not clause.has("up", "down")
    ):
        return
    if len({n for t in clause.references if t.kind != "reference" for n in t.names}) > 1:
        return
    if all(t.text.lower().startswith("add") for t in clause.tokens if t.kind in ("up", "down")):
        return  # a term that is added improves nothing by that
    way = _way(clause)
    if pairs:
        paired = tuple(dict.fromkeys(n for _, names, _ in pairs for n in names))
        if whole and any(not t.group for t in clause.benchmarks):
            yield replace(_base(clause), direction=way, benchmarks=paired)
        return
    if clause.quantities and not all(t.quantity and t.quantity.what == "dimension" for t in clause.quantities):
        return
    benchmarks = tuple(dict.fromkeys(n for t in clause.benchmarks for n in t.names))
    n = len(clause.variants)
    if clause.has("often") and n > 2:
        for name in benchmarks:
            yield replace(_base(clause), kind="count", direction=way, benchmarks=(name,), low=n // 2 + 1, of=n)
        return
    yield replace(_base(clause), direction=way, benchmarks=benchmarks)
