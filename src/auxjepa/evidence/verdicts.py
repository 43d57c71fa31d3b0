"""What may be claimed from an effect: supported, refuted, inconclusive or not testable, in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from auxjepa.evidence.effects import Effect
from auxjepa.evidence.significance import seeds_to_test, smallest_p

Word = Literal["supported", "refuted", "inconclusive", "not testable"]
Phase = Literal["screen", "confirm"]


@dataclass(frozen=True)
class Verdict:
    """The verdict on "variant improves on reference"; ``word`` for tables, ``sentence`` for people."""

    word: Word
    sentence: str


def decide(effect: Effect, phase: Phase = "confirm", claim: Literal["up", "down"] = "up") -> Verdict:
    """Judge the claim that the variant scores above (``claim="up"``) or below the reference.

    Supported and refuted need a sign-flip p, corrected for the family of comparisons, of at most ``effect.alpha``. A
    screening phase claims nothing, and where even unanimous seeds could not reach that p nothing can be tested.
    """
    numbers = f"{signed(effect.mean)} points{_within(effect)}, {effect.wins} of {effect.n} seeds up"
    if phase == "screen" or effect.smallest_p_adjusted > effect.alpha:
        return Verdict("not testable", f"{numbers}; {why_not(effect, phase)}.")
    p = f"sign-flip p {probability(effect.p_adjusted)} over {count(effect.comparisons, 'comparison')}"
    if effect.p_adjusted > effect.alpha:
        detectable = "" if effect.detectable is None else f"; effects below {effect.detectable:.1f} points escape it"
        return Verdict("inconclusive", f"{numbers}; {p}{detectable}.")
    return Verdict("supported" if (effect.mean > 0) == (claim == "up") else "refuted", f"{numbers}; {p}.")


def why_not(effect: Effect, phase: Phase) -> str:
    """Why an effect supports no claim, in the honest words."""
    if effect.smallest_p_adjusted > effect.alpha:
        return few_seeds(effect.n, effect.comparisons, effect.alpha)
    return f"a screening phase claims nothing: confirm on fresh seeds ({effect.n} here)"


def few_seeds(pairs: int, comparisons: int, alpha: float = 0.05) -> str:
    """What so few pairs can do, and how many would be enough."""
    over = f" after Holm over {comparisons} comparisons" if comparisons > 1 else ""
    return (
        f"{count(pairs, 'seed')} can screen, not confirm (smallest two-sided sign-flip p with "
        f"{count(pairs, 'pair')}: {probability(smallest_p(pairs))}; "
        f"{seeds_to_test(comparisons, alpha)} seeds could reach {alpha:g}{over})"
    )


def signed(value: float, digits: int = 1) -> str:
    """A difference with its sign, a true minus, and no sign on zero."""
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        return text.lstrip("-")
    return f"+{text}" if value > 0 else f"\N{MINUS SIGN}{text[1:]}"


def bracket(interval: tuple[float, float], digits: int = 1) -> str:
    """An interval of differences: [low, high]."""
    return f"[{signed(interval[0], digits)}, {signed(interval[1], digits)}]"


def probability(p: float) -> str:
    """A p value as it is printed: two significant digits, or a bound."""
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def count(n: int, noun: str) -> str:
    """'1 seed', '3 seeds'."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _within(effect: Effect) -> str:
    return "" if effect.interval is None else f" {bracket(effect.interval)}"
