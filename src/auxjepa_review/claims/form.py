"""A claim as a rule reads it in one clause, before its regime and its names are settled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from auxjepa.evidence.ledger.claims import Kind
from auxjepa_review.claims.clauses import Clause

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
    inferred: tuple[str, ...] = ()
    setting: tuple[str, ...] = field(default=(), compare=False)


def base(clause: Clause) -> Form:
    """A form with the clause's subjects and reference."""
    references = dict.fromkeys(n for t in clause.references for n in t.names)
    return Form(
        kind="direction",
        variants=clause.variants,
        groups=tuple(t.group for t in clause.subjects if t.group),
        reference=next(iter(references)) if len(references) == 1 else "",
        inferred=tuple(clause.inferred),
    )
