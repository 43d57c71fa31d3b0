"""The comparisons that a study claims something about: its hypotheses, or every variant against the reference."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from itertools import product

from auxjepa.evidence.decisions.registration import is_registered
from auxjepa.evidence.statistics.effects import compare
from auxjepa.evidence.statistics.records import ComparisonError, Effect
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.rows import Row

RANDOM_INIT = "random_init"


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Args:
        variant: the variant, or 'random_init'.
        regime: its pretraining regime; empty where the study has one.
        benchmark: the benchmark.
    """

    variant: str
    regime: str
    benchmark: str


@dataclass(frozen=True)
class Claimed:
    """One comparison.

    Args:
        side: the variant.
        reference: the reference.
        margin: margin of a claim of equivalence; None for other claims.
        word: verdict of the hypothesis; empty without a hypothesis.
        effect: the effect; None where nothing can be compared.
    """

    side: Side
    reference: Side
    margin: float | None
    word: str
    effect: Effect | None

    @property
    def name(self) -> str:
        """Return the comparison in words."""
        return f"{self.side.variant} on {self.side.benchmark}"


def claims_of(study: Study) -> list[Claimed]:
    """Return the comparisons of a study.

    Args:
        study: the study.
    """
    if study.outcomes:
        claims = []
        for outcome in study.outcomes:
            h = outcome.hypothesis
            sides = (
                Side(h.variant, h.regime, h.benchmark),
                Side(h.reference, h.reference_regime or h.regime, h.benchmark),
            )
            claims.append(Claimed(*sides, h.margin, outcome.verdict.word, outcome.effect))
        return claims
    scored = [row for row in study.rows if row.control is None]
    names = dict.fromkeys(row.variant for row in scored if row.variant != study.reference)
    places = dict.fromkeys((row.regime, row.benchmark) for row in scored if row.variant == study.reference)
    claims = []
    for name, (regime, benchmark) in product(names, places):
        sides = Side(name, regime, benchmark), Side(study.reference, regime, benchmark)
        if rows_of(study, sides[0]):
            claims.append(Claimed(*sides, None, "", effect_of(study, *sides)))
    return claims


def rows_of(study: Study, side: Side) -> list[Row]:
    """Return the scores of one side: of registered runs where the study has a registration.

    Args:
        study: the study.
        side: the side.
    """
    control = RANDOM_INIT if side.variant == RANDOM_INIT else None
    rows = [r for r in study.rows if (r.control, r.variant, r.benchmark) == (control, side.variant, side.benchmark)]
    rows = [row for row in rows if side.regime in ("", row.regime)]
    if study.registered is None:
        return rows
    return [row for row in rows if is_registered(study.registered.registration, row)]


def effect_of(study: Study, side: Side, reference: Side) -> Effect | None:
    """Return the effect of one side against another; None where they cannot be compared.

    Args:
        study: the study.
        side: the variant.
        reference: the reference.
    """
    with contextlib.suppress(ComparisonError):
        return compare(rows_of(study, side), rows_of(study, reference))
    return None


def sides_of(claims: list[Claimed]) -> list[Side]:
    """Return every side of the comparisons once, without random init.

    Args:
        claims: the comparisons.
    """
    sides = dict.fromkeys(side for claim in claims for side in (claim.reference, claim.side))
    return [side for side in sides if side.variant != RANDOM_INIT]
