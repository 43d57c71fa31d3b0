"""Decide registered hypotheses from rows, by the registered rule: all of them are one family of comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from auxjepa.evidence import significance
from auxjepa.evidence.effects import ComparisonError, Correct, Effect, compare
from auxjepa.evidence.equivalence import decide_equivalence, equivalence
from auxjepa.evidence.registration import Hypothesis, Registration, registered
from auxjepa.evidence.verdicts import Verdict, decide, signed
from auxjepa.rows import Row


@dataclass(frozen=True)
class Outcome:
    """A hypothesis, what was measured for it (None: nothing), and the verdict."""

    hypothesis: Hypothesis
    effect: Effect | None
    verdict: Verdict


def outcomes(
    registration: Registration, rows: Sequence[Row], correct: Correct | None = None, void: str = ""
) -> list[Outcome]:
    """One outcome a hypothesis, in the registered order.

    Only registered rows count. Nothing is decided before every registered seed is in: whoever looks earlier and stops
    when the result pleases has no error rate. The family is every registered hypothesis, measured or not, so that one
    that couldn't be measured makes the others no easier.

    Args:
        void: why the registration binds nothing (it was edited, say); then nothing is decided either.
    """
    rule = registration.rule
    kept = [row for row in rows if row.control in (None, "random_init") and registered(registration, row)]
    measured: dict[str, Effect | str] = {}
    for hypothesis in registration.hypotheses:
        try:
            measured[hypothesis.id] = _measure(hypothesis, kept, rule.alpha, correct)
        except ComparisonError as error:
            measured[hypothesis.id] = str(error)
    p, least = [], []
    for hypothesis in registration.hypotheses:
        effect = measured[hypothesis.id]
        p.append(1.0 if isinstance(effect, str) else _p(hypothesis, effect))
        least.append(1.0 if isinstance(effect, str) else _least_p(hypothesis, effect))
    correct_for = significance.CORRECTIONS[rule.correction]
    adjusted, best = correct_for(p), correct_for(least)
    found = []
    for hypothesis, p_adjusted, smallest in zip(registration.hypotheses, adjusted, best, strict=True):
        effect = measured[hypothesis.id]
        if isinstance(effect, str):
            found.append(Outcome(hypothesis, None, Verdict("not testable", f"{effect[:1].upper()}{effect[1:]}.")))
            continue
        effect = replace(
            effect, comparisons=len(adjusted), p_adjusted=float(p_adjusted), smallest_p_adjusted=float(smallest)
        )
        verdict = _verdict(hypothesis, effect)
        lost = sorted(set(registration.seeds) - set(effect.seeds))
        if void or lost:
            have = f"{len(effect.seeds)} of {len(registration.seeds)} registered seeds are in"
            verdict = Verdict("not testable", f"{signed(effect.mean)} points; {void or have}.")
        found.append(Outcome(hypothesis, effect, verdict))
    return found


def _measure(hypothesis: Hypothesis, rows: Sequence[Row], alpha: float, correct: Correct | None) -> Effect:
    def side(variant: str, regime: str) -> list[Row]:
        return [
            r for r in rows if (r.variant, r.benchmark) == (variant, hypothesis.benchmark) and regime in ("", r.regime)
        ]

    mine = side(hypothesis.variant, hypothesis.regime)
    other = side(hypothesis.reference, hypothesis.reference_regime or hypothesis.regime)
    return compare(mine, other, correct=correct, alpha=alpha, names=(hypothesis.variant, hypothesis.reference))


def _p(hypothesis: Hypothesis, effect: Effect) -> float:
    if hypothesis.margin is None:
        return effect.p
    return equivalence(effect.differences, hypothesis.margin, effect.alpha).p if effect.n > 1 else 1.0


def _least_p(hypothesis: Hypothesis, effect: Effect) -> float:
    """Smallest p that so many pairs could have given: t tests have no floor, sign flips do."""
    if hypothesis.margin is None:
        return significance.smallest_p(effect.n)
    return 0.0 if effect.n > 1 else 1.0


def _verdict(hypothesis: Hypothesis, effect: Effect) -> Verdict:
    if hypothesis.margin is not None:
        return decide_equivalence(effect, hypothesis.margin, "confirm", effect.p_adjusted)
    return decide(effect, "confirm", "up" if hypothesis.claim == "above" else "down")
