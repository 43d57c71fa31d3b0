"""Verdicts on effects: supported, refuted, flagged, inconclusive or not testable, each with one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from auxjepa.evidence.decisions.flags import Flag
from auxjepa.evidence.statistics.equivalence import equivalence, seeds_to_show
from auxjepa.evidence.statistics.intervals import t_interval
from auxjepa.evidence.statistics.records import Effect
from auxjepa.evidence.statistics.significance import seeds_to_test, smallest_p
from auxjepa.evidence.wording import (
    CORRECTION_NAMES,
    format_count,
    format_effect,
    format_limit,
    format_p,
    format_signed,
    format_signed_interval,
    join_words,
)

Word = Literal["supported", "refuted", "flagged", "inconclusive", "not testable"]
Phase = Literal["screen", "confirm"]
DECIDED: tuple[Word, ...] = ("supported", "refuted")
"""Words of claims that are decided."""


@dataclass(frozen=True)
class Verdict:
    """Verdict on a claim.

    Args:
        word: one of the five verdicts, for tables.
        sentence: the verdict with its numbers, for people.
        flags: reasons that took the word of a passed test away; empty for every other word.
    """

    word: Word
    sentence: str
    flags: tuple[Flag, ...] = ()


def decide(
    effect: Effect, phase: Phase = "confirm", claim: Literal["up", "down"] = "up", correction: str = "holm"
) -> Verdict:
    """Return the verdict on the claim that the variant scores above or below the reference.

    Supported and refuted need a sign-flip p, corrected for the family of comparisons, of at most ``effect.alpha``. A
    screening phase makes no claim. Where even unanimous seeds cannot reach ``effect.alpha``, nothing can be tested.

    Args:
        effect: the paired effect, corrected for its family.
        phase: phase of the study.
        claim: 'up' for above the reference, 'down' for below.
        correction: name of the correction for the family.
    """
    numbers = f"{_points(effect)}, {effect.wins} of {effect.n} seeds higher"
    if phase == "screen" or not effect.can_reach_alpha:
        return Verdict("not testable", f"{numbers}; {explain_not_testable(effect, phase, correction)}.")
    p = f"sign-flip p {format_p(effect.p_adjusted)} over {format_count(effect.comparisons, 'comparison')}"
    if effect.p_adjusted > effect.alpha:
        limit = format_limit(effect.detectable)
        detectable = f"; effects below {limit} points are likely to be missed" if limit else ""
        return Verdict("inconclusive", f"{numbers}; {p}{detectable}.")
    return Verdict("supported" if (effect.mean > 0) == (claim == "up") else "refuted", f"{numbers}; {p}.")


def decide_equivalence(
    effect: Effect,
    margin: float,
    phase: Phase = "confirm",
    p_adjusted: float | None = None,
    correction: str = "holm",
) -> Verdict:
    """Return the verdict on the claim that variant and reference differ by at most ``margin`` points.

    - Supported: the corrected p of two one-sided tests is at most ``effect.alpha``.
    - Refuted: the two-sided interval of confidence ``1 - alpha / comparisons`` is completely outside the margin.
    - Not testable: a screening phase, fewer pairs than
      :func:`~auxjepa.evidence.statistics.equivalence.seeds_to_show`, or differences that are all equal.
    - Inconclusive: everything else; the sentence names the smallest margin that these seeds show.

    Args:
        effect: the paired effect.
        margin: largest difference that still counts as equivalent, in points.
        phase: phase of the study.
        p_adjusted: p as corrected in its registered family; Bonferroni over ``effect.comparisons`` when unset.
        correction: name of the correction for the family.

    Raises:
        ComparisonError: for a margin that is not above 0.
    """
    m, alpha = effect.comparisons, effect.alpha
    needed = seeds_to_show(m, alpha, correction)
    numbers = f"{format_signed(effect.mean, 2)} points against a margin of ±{margin:g}"
    if phase == "screen":
        return Verdict("not testable", f"{numbers}; a screening phase makes no claim: confirm on new seeds.")
    if effect.n < needed:
        why = f"{format_count(effect.n, 'seed')} cannot show equivalence, {needed} seeds can"
        return Verdict("not testable", f"{numbers}; {why} ({format_count(m, 'comparison')} at {alpha:g}).")
    if effect.has_equal_differences:
        why = "all differences are equal, and without a spread they say nothing about other seeds"
        return Verdict("not testable", f"{numbers}; {why}.")
    test = equivalence(effect.differences, margin, alpha)
    p = min(1.0, m * test.p) if p_adjusted is None else p_adjusted
    numbers += f", {100 * (1 - 2 * alpha):g} % interval {format_signed_interval(test.interval, 2)}"
    tested = f"equivalence p {format_p(p)} over {format_count(m, 'comparison')}"
    if p <= alpha:
        return Verdict("supported", f"{numbers}; {tested}.")
    low, high = t_interval(list(effect.differences), 1 - alpha / m)
    if low > margin or high < -margin:
        interval = f"the {100 * (1 - alpha / m):.4g} % interval {format_signed_interval((low, high), 2)}"
        return Verdict("refuted", f"{numbers}; {interval} is outside the margin.")
    smallest = format_limit(max(map(abs, t_interval(list(effect.differences), 1 - 2 * alpha / m))), 2)
    margins = f"; these seeds show no margin below {smallest} points" if smallest else ""
    return Verdict("inconclusive", f"{numbers}; {tested}{margins}.")


def apply_flags(verdict: Verdict, flags: Sequence[Flag], unchecked: Sequence[str] = ()) -> Verdict:
    """Return the verdict on a claim with its flags: a passed test with a flag does not decide the claim.

    The words "inconclusive" and "not testable" stay, because no test passed.

    Args:
        verdict: the verdict of the test.
        flags: flags of the comparison.
        unchecked: what could not be checked; the sentence names it.
    """
    if verdict.word not in DECIDED:
        return verdict
    sentence = verdict.sentence.removesuffix(".")
    if flags:
        verb = "supports" if verdict.word == "supported" else "refutes"
        reasons = "; ".join(flag.message for flag in flags)
        sentence += f". The test {verb} the claim, but this does not decide it: {reasons}"
    if unchecked:
        sentence += f". Not checked: {join_words(unchecked)}"
    return Verdict("flagged" if flags else verdict.word, f"{sentence}.", tuple(flags))


def explain_not_testable(effect: Effect, phase: Phase, correction: str = "holm") -> str:
    """Return the reason why an effect supports no claim.

    Args:
        effect: the paired effect.
        phase: phase of the study.
        correction: name of the correction for the family.
    """
    if not effect.can_reach_alpha:
        return explain_few_seeds(effect.n, effect.comparisons, effect.alpha, correction)
    return f"a screening phase makes no claim: confirm on new seeds ({effect.n} here)"


def explain_few_seeds(pairs: int, comparisons: int, alpha: float = 0.05, correction: str = "holm") -> str:
    """Return what a small number of pairs can do, and how many pairs are enough.

    Args:
        pairs: number of paired seeds.
        comparisons: number of comparisons in the family.
        alpha: significance level.
        correction: name of the correction for the family.
    """
    over = f" after {CORRECTION_NAMES[correction]} over {comparisons} comparisons" if comparisons > 1 else ""
    needed = seeds_to_test(comparisons, alpha, correction)
    if pairs >= needed:  # other comparisons of the family have no p, so this one has to pass the strictest step
        needed = seeds_to_test(comparisons, alpha)
    return (
        f"{format_count(pairs, 'seed')} can screen but not confirm (the smallest two-sided sign-flip p with "
        f"{format_count(pairs, 'pair')} is {format_p(smallest_p(pairs))}; "
        f"{needed} seeds can reach {alpha:g}{over})"
    )


def screen_label(effect: Effect) -> str:
    """Return the result of a screen as it appears in tables: 'screen: up', 'screen: down' or 'screen: unclear'.

    Args:
        effect: the paired effect.
    """
    return f"screen: {effect.direction}"


def _points(effect: Effect) -> str:
    """Return mean and interval in points: '+2.3 points [+1.0, +3.6]'."""
    mean, _, interval = format_effect(effect).partition(" ")
    return f"{mean} points {interval}".rstrip()
