"""From rows to the verdict on a claim: the paired effect of every comparison that it makes, and one word for all.

The same code combines comparisons of the published table, which are tested here, and comparisons of a study, which its
registered hypotheses decide. Only directions are decided, because the size of a difference in one setting says nothing
about another setting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from auxjepa.evidence.decisions.verdicts import Verdict, Word, decide
from auxjepa.evidence.ledger.claims import Claim
from auxjepa.evidence.statistics.effects import adjust, compare
from auxjepa.evidence.statistics.records import ComparisonError, CorrectnessReader, Effect
from auxjepa.rows import Row

RowReader = Callable[[str, str, str], Sequence[Row]]
"""Function of regime, variant and benchmark that returns the rows of one side of a comparison."""
Direction = Literal["up", "down"]


class Pair(NamedTuple):
    """One comparison: a variant against another variant (or the reference) on a benchmark, by published names."""

    regime: str
    variant: str
    reference: str
    benchmark: str
    ordered: bool = False


PairRule = Callable[[Pair, Effect, Direction], Verdict]
"""Function of a comparison, its effect and the claimed direction that returns the verdict on this comparison."""


class Ruling(NamedTuple):
    """A verdict on a claim, its reason, and the effects that could be computed for it."""

    word: Word
    reason: str
    effects: tuple[Effect, ...] = ()


def pairs_of(claim: Claim, variants: Sequence[str]) -> list[Pair]:
    """Return the comparisons that a claim on objectives makes.

    Args:
        claim: the claim.
        variants: the variants of an ordering or count, where the claim does not list them.
    """
    if claim.kind == "ordering":
        rivals = [v for v in claim.among or variants if v not in claim.variants]
        return [
            Pair(claim.regime, v, r, b, ordered=True) for b in claim.benchmarks for v in claim.variants for r in rivals
        ]
    counted = claim.variants or tuple(variants)
    return [Pair(claim.regime, v, claim.reference, b) for b in claim.benchmarks for v in counted]


class Comparisons:
    """Every comparison that a set of claims makes.

    Without a rule, comparisons are tested here. Then Holm corrects over all comparisons with a reference of a regime on
    a benchmark. An ordering has to win every comparison, so its comparisons are a family for each variant that is
    claimed to be first or last.

    Args:
        pairs: the comparisons.
        side: returns the rows of one side.
        rule: decides each comparison; the sign-flip test, corrected in these families, when unset.
        correct: reads the marks of a row.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        side: RowReader,
        rule: PairRule | None = None,
        correct: CorrectnessReader | None = None,
    ) -> None:
        self.refusals: dict[Pair, str] = {}
        self.effects: dict[Pair, Effect] = {}
        families: dict[tuple[str, str, str], list[Pair]] = defaultdict(list)
        for pair in dict.fromkeys(pairs):
            sides = [side(pair.regime, name, pair.benchmark) for name in (pair.variant, pair.reference)]
            names = (pair.variant, pair.reference)
            try:
                self.effects[pair] = compare(*sides, correct=correct, names=names)
                row = sides[0][0]  # families follow the rows: a study can be the substitute of both published regimes
                families[row.regime, row.benchmark, pair.variant if pair.ordered else ""].append(pair)
            except ComparisonError as error:
                self.refusals[pair] = str(error)
        self._decide_pair: PairRule = rule or _test_pair
        if rule is None:
            for family in families.values():
                adjusted = adjust([self.effects[pair] for pair in family])
                self.effects.update(zip(family, adjusted, strict=True))

    def decide_claim(self, claim: Claim, variants: Sequence[str]) -> Ruling:
        """Return the verdict on a claim.

        Args:
            claim: the claim.
            variants: the variants of an ordering or count, where the claim does not list them.
        """
        sign, pairs = claim.sign, pairs_of(claim, variants)
        effects = tuple(self.effects[pair] for pair in pairs if pair in self.effects)
        if sign is None:
            return Ruling("not testable", "closeness has no direction that can be tested", effects)
        if claim.kind == "ordering" and len(claim.benchmarks) > 1:
            return Ruling("not testable", "no test is defined for the worst of several benchmarks", effects)
        refusals = [self.refusals[pair] for pair in pairs if pair in self.refusals]
        if refusals or not pairs:
            return Ruling("not testable", refusals[0] if refusals else "nothing to compare with", effects)
        verdicts = [self._decide_pair(pair, self.effects[pair], sign) for pair in pairs]
        word = _majority(claim, verdicts) if claim.kind == "count" else _all(verdicts)
        index = next((i for i, verdict in enumerate(verdicts) if verdict.word == word), 0)
        who = f"{label_effect(effects[index], effects)}: " if len(effects) > 1 else ""
        return Ruling(word, who + verdicts[index].sentence.rstrip("."), effects)


def label_effect(effect: Effect, among: Sequence[Effect]) -> str:
    """Return the names that distinguish an effect from the others: variant, reference and benchmark where these vary.

    Args:
        effect: the effect.
        among: all effects.
    """
    reference = f" against {effect.reference}" if len({e.reference for e in among}) > 1 else ""
    benchmark = f" on {effect.benchmark}" if len({e.benchmark for e in among}) > 1 else ""
    return f"{effect.variant}{reference}{benchmark}"


def needed_count(claim: Claim) -> int:
    """Return how many comparisons a count claim needs.

    Args:
        claim: a claim of kind 'count'.
    """
    return claim.count if claim.count is not None else round(claim.low or 0)


def _test_pair(pair: Pair, effect: Effect, claim: Direction) -> Verdict:
    return decide(effect, "confirm", claim)


def _all(verdicts: Sequence[Verdict]) -> Word:
    """Combine verdicts where every comparison has to be supported; one refuted comparison refutes the claim."""
    words = [v.word for v in verdicts]
    if "refuted" in words:
        return "refuted"
    if "not testable" in words:
        return "not testable"
    if "inconclusive" in words:
        return "inconclusive"
    return "flagged" if "flagged" in words else "supported"


def _majority(claim: Claim, verdicts: Sequence[Verdict]) -> Word:
    """Combine verdicts where as many comparisons as the claim counts have to be supported."""
    words = [v.word for v in verdicts]
    needed = needed_count(claim)
    if words.count("supported") >= needed:
        return "supported"
    if words.count("refuted") > len(words) - needed:
        return "refuted"
    if "not testable" in words:
        return "not testable"
    return "flagged" if words.count("supported") + words.count("flagged") >= needed else "inconclusive"
