"""Read the claims of a clause by rules: differences, ranges, directions, orderings, counts and clusters.

A rule yields a claim only if it reads everything that this kind of claim needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from auxjepa_review.claims.clauses import Clause
from auxjepa_review.claims.form import Form, Way, base_form
from auxjepa_review.claims.measures import Pair, direction_of, drop_repeated, pair_numbers, read_number
from auxjepa_review.claims.numbers import Quantity
from auxjepa_review.claims.sign_conflicts import NOTE, find_sign_conflict


def forms(clause: Clause) -> Iterator[Form]:
    """Yield the claims of a clause. Questions, hopes, negations and ablations yield none."""
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
    paired = pair_numbers(clause)
    for quantity, benchmarks, variants in paired:
        form = read_number(clause, quantity, benchmarks, variants)
        if form is not None:
            yield from _with_sign_conflict(form, find_sign_conflict(clause, quantity))
    yield from _orderings(clause)
    yield from _directions(clause, paired)


def _with_sign_conflict(form: Form, note: str) -> Iterator[Form]:
    """Yield the claim of the number, and a second claim of the verb if the verb has the opposite direction."""
    if not note or form.kind not in ("difference", "range"):
        yield form
        return
    form = replace(form, inferred=(*form.inferred, NOTE + note))
    yield form
    way: Way = "up" if note.partition(",")[0].endswith("up") else "down"
    yield replace(form, kind="direction", expected=None, low=None, high=None, direction=way)


def _counts(clause: Clause, q: Quantity) -> Iterator[Form]:
    way = direction_of(clause)
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
        base_form(clause), kind="count", variants=named, direction=way, threshold=abs(threshold), of=round(q.high)
    )
    form = replace(form, low=q.low) if q.bound == "least" else replace(form, count=round(q.low))
    for names in [t.names for t in drop_repeated(clause.benchmarks)]:
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
    form = replace(base_form(clause), kind="cluster", expected=q.high, tolerance=q.rounding)
    for names in [t.names for t in drop_repeated(clause.benchmarks)]:
        yield replace(form, benchmarks=names)


def _orderings(clause: Clause) -> Iterator[Form]:
    """Yield an ordering: ``the largest gain``, ``best``, ``better than all others``, ``beats LD and FWM``."""
    top = next((t for t in clause.tokens if t.kind in ("top", "bottom")), None)
    beaten = tuple(dict.fromkeys(n for t in clause.references if t.kind != "reference" for n in t.names))
    way: Way | None = None
    if top is not None:
        way = "up" if top.kind == "top" else "down"
    elif clause.has("others", "utmost") or len(beaten) > 1:
        way = direction_of(clause)
    if way is None or not clause.variants or not clause.benchmarks or not _names_are_certain(clause):
        return
    among = (*clause.variants, *beaten) if len(beaten) > 1 and top is None else clause.among
    benchmarks = tuple(dict.fromkeys(n for t in clause.benchmarks for n in t.names))
    yield replace(
        base_form(clause),
        kind="ordering",
        direction=way,
        benchmarks=benchmarks,
        among=tuple(dict.fromkeys(among)),
        reference="",
    )


def _directions(clause: Clause, paired: list[Pair]) -> Iterator[Form]:
    """Yield a direction without a number. With ``often`` it is a count of more than half of a group."""
    groups = [t for t in clause.benchmarks if t.group]
    if (
        clause.has("top", "bottom", "others")
        or not clause.variants
        or not clause.benchmarks
        or not clause.has("up", "down")
    ):
        return
    if not _names_are_certain(clause):
        return
    if len({n for t in clause.references if t.kind != "reference" for n in t.names}) > 1:
        return
    if all(t.text.lower().startswith("add") for t in clause.tokens if t.kind in ("up", "down")):
        return  # adding a term is no improvement
    way = direction_of(clause)
    if paired:
        named = tuple(dict.fromkeys(n for _, names, _ in paired for n in names))
        if groups and any(not t.group for t in clause.benchmarks):
            yield replace(base_form(clause), direction=way, benchmarks=named)
        return
    if clause.quantities and not all(t.quantity and t.quantity.what == "dimension" for t in clause.quantities):
        return
    benchmarks = tuple(dict.fromkeys(n for t in clause.benchmarks for n in t.names))
    n = len(clause.variants)
    if clause.has("often") and n > 2:
        for name in benchmarks:
            yield replace(
                base_form(clause), kind="count", direction=way, benchmarks=(name,), low=float(n // 2 + 1), of=n
            )
        return
    yield replace(base_form(clause), direction=way, benchmarks=benchmarks)


def _names_are_certain(clause: Clause) -> bool:
    """Check whether the names are certain without a number: no phrase as subject, benchmarks known or after ``on``."""
    for i, name in enumerate(clause.benchmarks):
        before = [t.text.lower() for t in clause.tokens if t.end <= name.start][-2:]
        listed = i > 0 and before[-1:] in (["and"], [","])
        if name.kind == "name" and "on" not in before and not listed:
            return False
    subjects = {n for t in clause.subjects for n in t.names}
    return all(not t.loose for t in clause.subjects) and not subjects & {n for t in clause.benchmarks for n in t.names}
