"""Decisions on registered hypotheses, by the registered rule: all hypotheses are one family of comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from auxjepa.evidence.decisions.registration import Hypothesis, Registration, is_registered
from auxjepa.evidence.decisions.sequential import stages
from auxjepa.evidence.decisions.verdicts import Verdict, decide, decide_equivalence
from auxjepa.evidence.statistics import significance
from auxjepa.evidence.statistics.effects import compare
from auxjepa.evidence.statistics.equivalence import equivalence
from auxjepa.evidence.statistics.records import ComparisonError, CorrectnessReader, Effect
from auxjepa.evidence.wording import format_signed
from auxjepa.rows import Row


@dataclass(frozen=True)
class Outcome:
    """Result of a registered hypothesis.

    Args:
        hypothesis: the hypothesis.
        effect: the effect that was measured for it; None where nothing was measured.
        verdict: the verdict.
    """

    hypothesis: Hypothesis
    effect: Effect | None
    verdict: Verdict


def decide_hypotheses(
    registration: Registration, rows: Sequence[Row], correct: CorrectnessReader | None = None, void: str = ""
) -> list[Outcome]:
    """Return one outcome a hypothesis, in the registered order.

    Only registered rows count. Nothing is decided before the scores of every registered seed are present: a decision
    that is taken early, when the result pleases, has no error rate. A rule with looks decides at complete
    looks. The family is every registered hypothesis, measured or not, so a hypothesis that could not be measured makes
    the others no easier.

    Args:
        registration: hypotheses, rule and design.
        rows: all scores of the study.
        correct: reads the marks of a row.
        void: reason why the registration does not bind (an edit, for example); then nothing is decided either.
    """
    rule = registration.rule
    registered_rows = [row for row in rows if row.control in (None, "random_init") and is_registered(registration, row)]
    effects: dict[str, Effect | str] = {}
    for hypothesis in registration.hypotheses:
        try:
            effects[hypothesis.id] = _measure(hypothesis, registered_rows, rule.alpha, correct)
        except ComparisonError as error:
            effects[hypothesis.id] = str(error)
    by_look = stages(registration, effects) if rule.looks else {}
    p, smallest = [], []
    for hypothesis in registration.hypotheses:
        effect = effects[hypothesis.id]
        p.append(1.0 if isinstance(effect, str) else _p(hypothesis, effect))
        smallest.append(1.0 if isinstance(effect, str) else _smallest_p(hypothesis, effect))
    correction = significance.CORRECTIONS[rule.correction]
    outcomes = []
    for hypothesis, p_adjusted, least in zip(registration.hypotheses, correction(p), correction(smallest), strict=True):
        effect = effects[hypothesis.id]
        if isinstance(effect, str):
            outcomes.append(Outcome(hypothesis, None, Verdict("not testable", f"{effect[:1].upper()}{effect[1:]}.")))
            continue
        effect = replace(effect, comparisons=len(p), p_adjusted=float(p_adjusted), smallest_p_adjusted=float(least))
        verdict = _verdict(hypothesis, effect)
        if rule.looks and not void:
            stage = by_look[hypothesis.id]
            outcomes.append(Outcome(hypothesis, stage.effect, stage.complete(_verdict(hypothesis, stage.effect))))
            continue
        missing_seeds = sorted(set(registration.seeds) - set(effect.seeds))
        if void or missing_seeds:
            present = f"{len(effect.seeds)} of {len(registration.seeds)} registered seeds have scores"
            verdict = Verdict("not testable", f"{format_signed(effect.mean)} points; {void or present}.")
        outcomes.append(Outcome(hypothesis, effect, verdict))
    return outcomes


def _measure(hypothesis: Hypothesis, rows: Sequence[Row], alpha: float, correct: CorrectnessReader | None) -> Effect:
    def side(variant: str, regime: str) -> list[Row]:
        return [
            r for r in rows if (r.variant, r.benchmark) == (variant, hypothesis.benchmark) and regime in ("", r.regime)
        ]

    return compare(
        side(hypothesis.variant, hypothesis.regime),
        side(hypothesis.reference, hypothesis.reference_regime or hypothesis.regime),
        correct=correct,
        alpha=alpha,
        names=(hypothesis.variant, hypothesis.reference),
    )


def _p(hypothesis: Hypothesis, effect: Effect) -> float:
    if hypothesis.margin is None:
        return effect.p
    return equivalence(effect.differences, hypothesis.margin, effect.alpha).p if effect.n > 1 else 1.0


def _smallest_p(hypothesis: Hypothesis, effect: Effect) -> float:
    """Return the smallest p that this number of pairs can give: t tests have no lower bound, sign flips have one."""
    if hypothesis.margin is None:
        return significance.smallest_p(effect.n)
    return 0.0 if effect.n > 1 else 1.0


def _verdict(hypothesis: Hypothesis, effect: Effect) -> Verdict:
    if hypothesis.margin is not None:
        return decide_equivalence(effect, hypothesis.margin, "confirm", effect.p_adjusted)
    return decide(effect, "confirm", "up" if hypothesis.claim == "above" else "down")
