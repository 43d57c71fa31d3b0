"""From rows to a verdict on a claim: paired effects of every comparison it makes, corrected as in the report.

One engine for the published table and for a measured study. It asks for directions only: how large a difference was in
one setting says nothing of another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from auxjepa.evidence.claims import Claim
from auxjepa.evidence.effects import ComparisonError, Correct, Effect, adjust, compare
from auxjepa.evidence.verdicts import Phase, Verdict, Word, decide
from auxjepa.rows import Row

Side = Callable[[str, str, str], Sequence[Row]]  # regime, variant, benchmark: the rows of it


class Pair(NamedTuple):
    """One comparison: a variant against another (or the reference) on a benchmark, by their published names."""

    regime: str
    variant: str
    other: str
    benchmark: str
    ordered: bool = False


class Ruling(NamedTuple):
    """A verdict on a claim, and why; ``effects`` are those it rests on, as far as they could be had."""

    word: Word
    reason: str
    effects: tuple[Effect, ...] = ()


def pairs_of(claim: Claim, others: Sequence[str]) -> list[Pair]:
    """The comparisons that a claim on objectives makes.

    Args:
        others: the variants an ordering is about where the claim doesn't list them.
    """
    if claim.kind == "ordering":
        rest = [v for v in claim.among or others if v not in claim.variants]
        return [
            Pair(claim.regime, v, o, b, ordered=True) for b in claim.benchmarks for v in claim.variants for o in rest
        ]
    counted = claim.variants or tuple(others)
    return [Pair(claim.regime, v, claim.reference, b) for b in claim.benchmarks for v in counted]


class Comparisons:
    """Every comparison that some claims make.

    Holm corrects over all comparisons with a reference of a regime on a benchmark, as the report does; those of an
    ordering, which has to win all of them, are a family for each variant that is to come first or last.
    """

    def __init__(self, pairs: Sequence[Pair], side: Side, phase: Phase, correct: Correct | None = None) -> None:
        self.phase: Phase = phase
        self.refused: dict[Pair, str] = {}
        self.effects: dict[Pair, Effect] = {}
        families: dict[tuple[str, str, str], list[Pair]] = defaultdict(list)
        for pair in dict.fromkeys(pairs):
            sides = [side(pair.regime, name, pair.benchmark) for name in (pair.variant, pair.other)]
            names = (pair.variant, pair.other)
            try:
                self.effects[pair] = compare(*sides, correct=correct, names=names)
                row = sides[0][0]  # what was measured: a study may stand for both published regimes at once
                families[row.regime, row.benchmark, pair.variant if pair.ordered else ""].append(pair)
            except ComparisonError as error:
                self.refused[pair] = str(error)
        for family in families.values():
            adjusted = adjust([self.effects[pair] for pair in family])
            self.effects.update(zip(family, adjusted, strict=True))

    def rule(self, claim: Claim, others: Sequence[str]) -> Ruling:
        """The verdict on a claim whose direction is known."""
        sign, pairs = claim.sign, pairs_of(claim, others)
        effects = tuple(self.effects[pair] for pair in pairs if pair in self.effects)
        if sign is None:
            return Ruling("not testable", "closeness has no direction that could be tested", effects)
        if claim.kind == "ordering" and len(claim.benchmarks) > 1:
            return Ruling("not testable", "no test is defined for the worst of several benchmarks", effects)
        refused = [self.refused[pair] for pair in pairs if pair in self.refused]
        if refused or not pairs:
            return Ruling("not testable", refused[0] if refused else "nothing to compare with", effects)
        verdicts = [decide(effect, self.phase, sign) for effect in effects]
        word = _majority(claim, verdicts) if claim.kind == "count" else _all(verdicts)
        told = next((i for i, verdict in enumerate(verdicts) if verdict.word == word), 0)
        who = f"{compared(effects[told], effects)}: " if len(effects) > 1 else ""
        return Ruling(word, who + verdicts[told].sentence.rstrip("."), effects)


def compared(effect: Effect, among: Sequence[Effect]) -> str:
    """What tells an effect from the others: its variant, and other side and benchmark where these vary."""
    other = f" against {effect.reference}" if len({e.reference for e in among}) > 1 else ""
    place = f" on {effect.benchmark}" if len({e.benchmark for e in among}) > 1 else ""
    return f"{effect.variant}{other}{place}"


def _all(verdicts: Sequence[Verdict]) -> Word:
    """Every comparison has to come out; one that comes out the other way refutes."""
    words = [v.word for v in verdicts]
    if "refuted" in words:
        return "refuted"
    if "not testable" in words:
        return "not testable"
    return "supported" if set(words) == {"supported"} else "inconclusive"


def _majority(claim: Claim, verdicts: Sequence[Verdict]) -> Word:
    """As many comparisons as the claim counts have to come out."""
    words = [v.word for v in verdicts]
    needed = claim.count if claim.count is not None else round(claim.low or 0)
    if words.count("supported") >= needed:
        return "supported"
    if words.count("refuted") > len(words) - needed:
        return "refuted"
    return "not testable" if "not testable" in words else "inconclusive"
