"""Hypotheses of a study that looks at its results several times: what each hypothesis has at which look.

The looks are registered numbers of seeds. At a look, only the first so many registered seeds count. A hypothesis that
was decided at a look stays decided. The formulas are in :mod:`auxjepa.evidence.statistics.sequential`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from auxjepa.evidence.decisions.registration import Hypothesis, Registration, Rule
from auxjepa.evidence.decisions.verdicts import DECIDED, Verdict, decide_equivalence
from auxjepa.evidence.statistics import significance
from auxjepa.evidence.statistics.effects import paired_effect
from auxjepa.evidence.statistics.equivalence import equivalence, seeds_to_show
from auxjepa.evidence.statistics.looks import smallest_sequential_p
from auxjepa.evidence.statistics.records import Effect
from auxjepa.evidence.statistics.sequential import SequentialP, correction_levels, sequential_p
from auxjepa.evidence.wording import format_p
from auxjepa.rows import Row


@dataclass(frozen=True)
class Stage:
    """The state of a hypothesis at the present look.

    Args:
        effect: the effect over the seeds of one look, corrected for the family and for the looks. It is the look that
            decided the hypothesis, else the last complete one; before the first look it has all present seeds.
        look: number of the look that decided the hypothesis, else of the last complete one, from 1; 0 before the first.
        decided: whether the hypothesis was decided at this look.
        remark: the look in words, for the end of the verdict's sentence.
    """

    effect: Effect
    look: int
    decided: bool
    remark: str

    def complete(self, verdict: Verdict) -> Verdict:
        """Return a verdict whose sentence also names the look.

        Args:
            verdict: the verdict on :attr:`effect`.
        """
        if not self.look:
            return Verdict("not testable", f"{self.remark[:1].upper()}{self.remark[1:]}.")
        return replace(verdict, sentence=f"{verdict.sentence.removesuffix('.')}; {self.remark}.")


def stages(registration: Registration, effects: Mapping[str, Effect | str]) -> dict[str, Stage]:
    """Return the stage of every measured hypothesis by its id.

    All hypotheses are one family. A hypothesis without a complete look has the p value 1. The p of a hypothesis never
    rises from look to look, so a hypothesis that lacks later seeds makes the others no easier.

    Args:
        registration: hypotheses, seeds and a rule with looks.
        effects: the effect of each hypothesis over all present seeds by its id, or the reason why there is none.
    """
    rule, family = registration.rule, registration.hypotheses
    looks, correct = rule.looks, significance.CORRECTIONS[rule.correction]
    levels = correction_levels(len(family), rule.alpha, rule.correction)
    by_look: dict[str, list[Effect]] = {}
    p_values: dict[str, list[SequentialP]] = {}
    for hypothesis in family:
        effect = effects[hypothesis.id]
        complete = [] if isinstance(effect, str) else _complete_looks(effect, registration)
        by_look[hypothesis.id] = complete
        p_values[hypothesis.id] = _p_values(hypothesis, complete, registration, levels)
    smallest = correct([_smallest_p(hypothesis, rule) for hypothesis in family])
    adjusted = []  # by look, then by hypothesis
    for number in range(1, len(looks) + 1):
        by_now = [p_values[hypothesis.id][:number] for hypothesis in family]
        adjusted.append(correct([values[-1].p if values else 1.0 for values in by_now]))
    out = {}
    for place, hypothesis in enumerate(family):
        effect, complete = effects[hypothesis.id], by_look[hypothesis.id]
        if isinstance(effect, str):
            continue
        if not complete:
            out[hypothesis.id] = Stage(effect, 0, False, _before_first(effect, registration))
            continue
        last = len(complete)
        stage = None
        for number in range(1, len(looks) + 1):
            values = p_values[hypothesis.id][:number]
            source = values[-1].look if adjusted[number - 1][place] <= rule.alpha else len(values)
            corrected = replace(
                complete[(source or len(values)) - 1],
                comparisons=len(family) * (1 if hypothesis.margin is None else len(looks)),
                p_adjusted=float(adjusted[number - 1][place]),
                smallest_p_adjusted=float(smallest[place]),
            )
            if _is_decided(hypothesis, corrected, rule.correction):
                own = min(number, last)
                remark = f"decided at look {own} of {len(looks)}, {looks[own - 1]} of {looks[-1]} seeds"
                stage = Stage(corrected, own, True, remark)
                break
            stage = Stage(corrected, min(number, last), False, _undecided(last, looks))
        assert stage is not None
        out[hypothesis.id] = stage
    return out


def begun_seeds(registration: Registration, rows: Iterable[Row]) -> tuple[int, ...]:
    """Return the registered seeds up to the look that the present scores belong to; all seeds without looks.

    Args:
        registration: seeds and rule.
        rows: scores of the study.
    """
    scored = {row.seed for row in rows if row.control in (None, "random_init")}
    places = [place + 1 for place, seed in enumerate(registration.seeds) if seed in scored]
    return registration.seeds[: next_look(registration.rule, max(places, default=0))]


def next_look(rule: Rule, seeds: int) -> int | None:
    """Return the smallest look with at least this number of seeds; None without looks, which means all seeds.

    Args:
        rule: the decision rule.
        seeds: number of seeds.
    """
    return next((look for look in rule.looks if look >= seeds), None)


def describe_looks(rule: Rule, hypotheses: Sequence[Hypothesis]) -> list[str]:
    """Return what a plan with looks can decide at which look, one line each; none without looks.

    Args:
        rule: the decision rule.
        hypotheses: all hypotheses of the study.
    """
    if not rule.looks:
        return []
    looks, correct = rule.looks, significance.CORRECTIONS[rule.correction]
    shown = ", ".join(
        f"{rule.alpha * share:.3g} by {seeds} seeds" for seeds, share in zip(looks, rule.shares, strict=True)
    )
    lines = [f"{len(looks)} looks; of alpha {rule.alpha:g}, the tests may use {shown}"]
    enough = seeds_to_show(len(hypotheses) * len(looks), rule.alpha, rule.correction) if hypotheses else 0
    for number, seeds in enumerate(looks, start=1):
        p = smallest_sequential_p(looks, rule.shares, number)
        shows = seeds >= enough
        best = [p if h.margin is None else 0.0 if shows else 1.0 for h in hypotheses]
        corrected = dict(zip([h.margin is None for h in hypotheses], correct(best), strict=True))
        if corrected.get(True, 0.0) > rule.alpha:
            family = f", {format_p(corrected[True])} over {len(hypotheses)} hypotheses" if len(hypotheses) > 1 else ""
            lines.append(
                f"warning: look {number} ({seeds} seeds) cannot decide a hypothesis 'above' or 'below': its smallest p "
                f"is {format_p(p)}{family}, above {rule.alpha:g}"
            )
        if False in corrected and not shows:
            lines.append(
                f"warning: look {number} ({seeds} seeds) cannot decide a hypothesis 'equivalent': at least {enough} "
                f"seeds can, for {len(hypotheses)} x {len(looks)} tests (hypotheses x looks) at {rule.alpha:g}"
            )
    return lines


def _complete_looks(effect: Effect, registration: Registration) -> list[Effect]:
    """Return the effect over the seeds of each complete look. Other seeds are not looked at."""
    complete = []
    for seeds in registration.rule.looks:
        first = registration.seeds[:seeds]
        if not set(first) <= set(effect.seeds):
            break
        places = [effect.seeds.index(seed) for seed in first]
        complete.append(
            paired_effect(
                {effect.seeds[i]: effect.scores[i] for i in places},
                {effect.seeds[i]: effect.reference_scores[i] for i in places},
                variant=effect.variant,
                reference=effect.reference,
                benchmark=effect.benchmark,
                alpha=effect.alpha,
                sample_tests=tuple(test for test in effect.sample_tests if test.seed in first),
            )
        )
    return complete


def _p_values(
    hypothesis: Hypothesis, complete: Sequence[Effect], registration: Registration, levels: Sequence[float]
) -> list[SequentialP]:
    """Return the p of a hypothesis by each complete look, in order of the looks."""
    if not complete:
        return []
    looks = registration.rule.looks
    if hypothesis.margin is None:
        last = complete[-1]
        by_seed = dict(zip(last.seeds, last.differences, strict=True))
        ordered = [by_seed[seed] for seed in registration.seeds[: last.n]]
        return list(sequential_p(ordered, looks, registration.rule.shares, levels))
    # The t test of an equivalence has no sign patterns: Bonferroni over the looks.
    values: list[SequentialP] = []
    for number, effect in enumerate(complete, start=1):
        p = equivalence(effect.differences, hypothesis.margin, effect.alpha).p if effect.n > 1 else 1.0
        p = min(1.0, len(looks) * p)
        values.append(values[-1] if values and values[-1].p <= p else SequentialP(p, number))
    return values


def _smallest_p(hypothesis: Hypothesis, rule: Rule) -> float:
    """Return the smallest p that a hypothesis can reach by the last look."""
    return smallest_sequential_p(rule.looks, rule.shares, len(rule.looks)) if hypothesis.margin is None else 0.0


def _is_decided(hypothesis: Hypothesis, effect: Effect, correction: str) -> bool:
    if hypothesis.margin is None:
        return effect.p_adjusted <= effect.alpha
    word = decide_equivalence(effect, hypothesis.margin, "confirm", effect.p_adjusted, correction).word
    return word in DECIDED


def _before_first(effect: Effect, registration: Registration) -> str:
    looks = registration.rule.looks
    first = registration.seeds[: looks[0]]
    present = len(set(first) & set(effect.seeds))
    return f"look 1 of {len(looks)} is not complete: {present} of its {looks[0]} seeds have scores"


def _undecided(last: int, looks: Sequence[int]) -> str:
    here = f"look {last} of {len(looks)}, {looks[last - 1]} of {looks[-1]} seeds"
    if last == len(looks):
        return f"{here}, the last one"
    return f"{here}: continue, the next look is at {looks[last]} seeds"
