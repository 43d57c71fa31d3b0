"""Assign the numbers of a clause: to which benchmark and variant they belong, with which direction and amount."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import zip_longest

from auxjepa_review.claims import cues as words
from auxjepa_review.claims.clauses import DIRECTIONS, Clause
from auxjepa_review.claims.form import UNSTATED, Form, Way, base_form
from auxjepa_review.claims.tokens import Token

Pair = tuple[Token, tuple[str, ...], tuple[str, ...]]
"""A number, its benchmarks, and its variants."""
RELATIVE = "relative change: "
"""Start of the note that keeps the amount of a relative percentage in addition to its direction."""
_ABOUT = (
    r"(?:about|around|roughly|approximately|nearly|almost|some|only|just|another|"
    r"up\s+to|more\s+than|over|at\s+least|a|an)"
)
_AMOUNT = re.compile(rf"\b(?:by|of)\s++(?:{_ABOUT}\s++)*+[>~≈]?\s*+$")
_LEVEL_OF = re.compile(r"(?:accuracy|scores?|value)\s+of\s+\D{0,8}$")
_CHANGE = re.compile(
    r"\s*(?:relative\s+|absolute\s+)?\(?\w*\s?"
    r"(?:improv|gain|increas|boost|drop|los|declin|degrad|decreas|reduc|higher|lower|better|worse)"
)


def direction_of(clause: Clause, at: int | None = None) -> Way | None:
    """Return the direction of the nearest direction word. A verb before a number counts as nearer than a noun after it.

    Args:
        clause: the clause.
        at: place of the number in the sentence; the first direction word counts if None.
    """
    cues = [t for t in clause.tokens if t.kind in DIRECTIONS and not _is_loss_object(clause, t)]
    if not cues:
        return None
    tokens = clause.tokens

    def distance(cue: Token) -> float:
        if at is None:
            return float(cue.start)
        here = next(i for i, t in enumerate(tokens) if t.start >= at)
        there = tokens.index(cue)
        return float(here - there) if there < here else there - here + (0.5 if there - here > 3 else -0.5)

    best = min(cues, key=distance)
    way: Way = "up" if best.kind in ("up", "top") else "down"
    return _flip(way) if _less_is_better(clause, best) else way


def _has_falling_metric(clause: Clause) -> bool:
    """Check whether the clause names a metric that is better when it falls, such as an error."""
    return any(t.kind == "metric" and words.falling().fullmatch(t.text) for t in clause.tokens)


def _less_is_better(clause: Clause, cue: Token) -> bool:
    """Check whether a direction word means more or less, not better or worse, of a metric that is better when it
    falls."""
    if not words.amounts().search(cue.text):
        return False
    if any(_is_loss_object(clause, t) for t in clause.tokens):
        return True
    at, named = clause.tokens[0].start, (*clause.subjects, *clause.references)
    for match in words.falling().finditer(clause.text):
        start, end = at + match.start(), at + match.end()
        if any(t.start < end and start < t.end for t in named):
            continue  # MAE is a method too
        low, high = sorted(((start, end), (cue.start, cue.end)))
        between = [t for t in clause.tokens if low[1] <= t.start and t.end <= high[0]]
        if any(t in clause.subjects or t.kind in DIRECTIONS for t in between):
            continue
        if end <= cue.start or (
            not any(t.quantity or (t.kind == "metric" and not t.text.lower().startswith("top")) for t in between)
            and sum(t.kind == "word" for t in between) <= 3
        ):
            return True
    return False


def _is_loss_object(clause: Clause, token: Token) -> bool:
    """Check whether ``loss`` is the object of a verb that means more or less: ``reduces the loss on X``."""
    if not re.fullmatch(r"loss(?:es)?", token.text, re.I):
        return False
    before = [t for t in clause.tokens if t.end <= token.start and t not in clause.benchmarks]
    while before and before[-1].text.lower() in ("the", "its", "their", "a"):
        before.pop()
    return bool(before) and re.match(r"(?:reduc|lower|decreas|increas|rais|shrink)", before[-1].text, re.I) is not None


def _flip(way: Way) -> Way:
    return "down" if way == "up" else "up"


def pair_numbers(clause: Clause) -> list[Pair]:
    """Return the numbers with the benchmarks that they belong to, and with the variants if ``respectively`` assigns
    them."""
    numbers = [
        t for t in clause.quantities if t.quantity and t.quantity.what in ("difference", "range", "levels", "level")
    ]
    numbers = [t for t in numbers if _can_be_result(clause, t)]
    if _compared_levels(clause, numbers) is None:
        numbers = [t for t in numbers if t.quantity and (t.quantity.what != "level" or _is_change(clause, t))]
    numbers = [t for t, after in zip_longest(numbers, numbers[1:]) if not _is_refined(clause, t, after)]
    if not numbers:
        return []
    single = drop_repeated([t for t in clause.benchmarks if not t.group])
    groups = [t for t in clause.benchmarks if t.group]
    variants = clause.variants
    names = [t.names for t in single]
    levels = _compared_levels(clause, numbers)
    if levels is not None:
        return [(levels, tuple(n for group in names for n in group) or names_of(groups), variants)]
    if not names:
        where = names_of(groups) or (UNSTATED,)
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
    if clause.has("respectively"):
        return [(t, names[i], variants) for i, t in enumerate(numbers)]
    return _pair_adjacent(numbers, single, variants)


def _pair_adjacent(numbers: list[Token], benchmarks: list[Token], variants: tuple[str, ...]) -> list[Pair]:
    """Assign to each number the benchmarks between it and the next number, or before it if numbers end the list."""
    assigned: list[Pair] = []
    leading = benchmarks[0].start < numbers[0].start
    for i, number in enumerate(numbers):
        if leading:
            low = numbers[i - 1].end if i else -1
            inside = [b for b in benchmarks if low < b.start < number.start]
        else:
            high = numbers[i + 1].start if i + 1 < len(numbers) else 10**9
            inside = [b for b in benchmarks if number.start < b.start < high]
        if inside:
            assigned.append((number, tuple(n for b in inside for n in b.names), variants))
    return assigned


def _nearest(numbers: list[Token], benchmark: Token) -> Token:
    return min(numbers, key=lambda t: min(abs(t.start - benchmark.end), abs(benchmark.start - t.end)))


def drop_repeated(tokens: list[Token]) -> list[Token]:
    """Return the tokens without those that repeat the names of an earlier token."""
    names_so_far: set[tuple[str, ...]] = set()
    return [t for t in tokens if not (t.names in names_so_far or names_so_far.add(t.names))]


def names_of(tokens: list[Token]) -> tuple[str, ...]:
    """Return the names of all tokens, each once."""
    return tuple(dict.fromkeys(n for t in tokens for n in t.names))


def _is_refined(clause: Clause, token: Token, after: Token | None) -> bool:
    """Check whether brackets right after a number repeat it more exactly: ``nearly two points (+1.88)``."""
    if after is None or after.quantity is None or token.quantity is None:
        return False
    between = [t.kind for t in clause.tokens if token.end <= t.start < after.start]
    return between == ["open"] and after.quantity.decimals >= token.quantity.decimals


def _compared_levels(clause: Clause, numbers: list[Token]) -> Token | None:
    """Return two levels with a comparison between them as one pair of levels, from the second to the first."""
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


def read_number(clause: Clause, token: Token, benchmarks: tuple[str, ...], variants: tuple[str, ...]) -> Form | None:
    """Return the claim that a number makes; None if the number makes no claim.

    Differences and ranges have a sign. Levels give their difference. A bound gives a direction that must exceed it.

    Args:
        clause: the clause.
        token: the number.
        benchmarks: benchmarks of the number.
        variants: variants of the number.
    """
    q = token.quantity
    assert q is not None
    form = replace(base_form(clause), variants=variants, benchmarks=benchmarks)
    if not variants or not benchmarks:
        return None
    if set(variants) & set(benchmarks):
        return None
    if UNSTATED in benchmarks and (q.unit != "points" or all(t.loose for t in clause.subjects)):
        return None
    if q.what == "levels":
        change = q.low - q.high if _has_falling_metric(clause) else q.high - q.low
        return replace(form, kind="difference", expected=round(change, 6), tolerance=2 * q.rounding)
    way = direction_of(clause, token.start)
    if q.what == "level" and (way is None or not _is_change(clause, token)):
        return None
    if not q.signed and (way is None or (q.what == "difference" and q.unit == "" and not q.bound)):
        way = way if q.what != "difference" else None
        if clause.has("within") and q.bound == "" and q.unit == "points":
            return replace(form, kind="range", low=-q.high, high=q.high, tolerance=q.rounding)
        if way is None:
            return None
    if clause.has("within") and not q.signed:
        return replace(form, kind="range", low=-q.high, high=q.high, tolerance=q.rounding)
    if q.relative:
        notes = (*form.inferred, "relative percent: direction only")
        compared = re.match(r"\s*relative\s+to\b", clause.text[token.end - clause.tokens[0].start :])
        if q.what == "level" and not (q.bound or compared or way is None or _has_falling_metric(clause)):
            notes += (f"{RELATIVE}{'+' if way == 'up' else '-'}{q.low:.{q.decimals}f}",)
        return replace(form, kind="direction", direction=way, inferred=notes)
    if q.unit == "percent":
        form = replace(form, inferred=(*form.inferred, "percent read as points"))
    sign = 1 if q.signed or way == "up" else -1
    if q.signed and _has_falling_metric(clause):
        verdict_words = [t for t in clause.tokens if t.kind in ("up", "down") and not words.amounts().search(t.text)]
        sign = -1 if not verdict_words else 1 if (verdict_words[0].kind == "up") == (q.high > 0) else -1
    if q.bound in ("over", "least") and not q.signed:
        return replace(form, kind="direction", direction=way, threshold=q.low)
    if q.bound in ("under", "most"):
        low, high = sorted((0.0, sign * q.high))
        return replace(form, kind="range", low=low, high=high, tolerance=q.rounding)
    if q.what == "range":
        low, high = sorted((sign * q.low, sign * q.high))
        return replace(form, kind="range", low=low, high=high, tolerance=q.rounding)
    return replace(form, kind="difference", expected=sign * q.low, tolerance=q.rounding)


def _is_change(clause: Clause, token: Token) -> bool:
    """Check whether a bare number is an amount of change: after ``by`` or ``of``, or right before a direction word."""
    at = clause.tokens[0].start
    before, after = clause.text[: token.start - at], clause.text[token.end - at :]
    if _AMOUNT.search(before):
        return not _LEVEL_OF.search(before)
    return bool(_CHANGE.match(after)) and any(
        0 <= t.start - token.end <= 25 for t in clause.tokens if t.kind in DIRECTIONS
    )


def _can_be_result(clause: Clause, token: Token) -> bool:
    """Check whether a number can be a result: it has a unit, or the clause has a known name or a direction word."""
    q = token.quantity
    assert q is not None
    if q.what in ("level", "levels"):
        return bool(q.unit or q.decimals)
    has_known_name = any(t.kind in ("variant", "benchmark", *DIRECTIONS) for t in clause.tokens)
    return bool(q.unit) or has_known_name
