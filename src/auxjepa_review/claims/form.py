"""A claim as one rule reads it in one clause, before its regime and names are complete."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from auxjepa.evidence.ledger.claims import Kind
from auxjepa_review.claims.clauses import Clause

UNSTATED = "unstated"
"""Benchmark of a claim if its sentence names none. Merging adds the benchmark if another document states the same
claim."""
Way = Literal["up", "down"]


@dataclass(frozen=True)
class Form:
    """A claim without its regime, read by one rule in one clause."""

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
    inferred: tuple[str, ...] = ()
    setting: tuple[str, ...] = field(default=(), compare=False)


def base_form(clause: Clause) -> Form:
    """Return a form with the subjects and the reference of a clause."""
    references = dict.fromkeys(n for t in clause.references for n in t.names)
    return Form(
        kind="direction",
        variants=clause.variants,
        groups=tuple(t.group for t in clause.subjects if t.group),
        reference=next(iter(references)) if len(references) == 1 else "",
        inferred=tuple(clause.inferred),
    )
