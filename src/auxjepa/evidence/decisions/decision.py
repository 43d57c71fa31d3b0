"""Decisions on registered hypotheses, by the registered rule: all hypotheses are one family of comparisons."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from auxjepa.evidence.decisions.flags import FlagContext, list_flags, list_unchecked
from auxjepa.evidence.decisions.other_hashes import explain_missing
from auxjepa.evidence.decisions.registration import (
    Hypothesis,
    Registration,
    is_measured_as_registered,
    is_registered,
    run_name,
    run_name_of,
)
from auxjepa.evidence.decisions.sequential import stages
from auxjepa.evidence.decisions.verdicts import DECIDED, Verdict, apply_flags, decide, decide_equivalence
from auxjepa.evidence.statistics import significance
from auxjepa.evidence.statistics.effects import compare
from auxjepa.evidence.statistics.equivalence import equivalence
from auxjepa.evidence.statistics.records import ComparisonError, CorrectnessReader, Effect, FaultReader
from auxjepa.evidence.wording import format_signed
from auxjepa.rows import MEAN_OF_MARKS, Row


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
    registration: Registration,
    rows: Sequence[Row],
    correct: CorrectnessReader | None = None,
    void: str = "",
    health: Mapping[str, str] | None = None,
    marks_fault: FaultReader | None = None,
    suspects: Collection[str] = (),
) -> list[Outcome]:
    """Return one outcome a hypothesis, in the registered order.

    Only registered rows count. Nothing is decided before the scores of every registered seed are present: a decision
    that is taken early, when the result pleases, has no error rate. A rule with looks decides at complete looks. The
    family is every registered hypothesis, measured or not. A hypothesis that is not testable enters it with p = 1, so
    missing scores make no other hypothesis easier.

    Args:
        registration: hypotheses, rule and design.
        rows: all scores of the study.
        correct: reads the marks of a row.
        void: reason why the registration does not bind (an edit, for example); then nothing is decided either.
        health: verdict of the monitor on each run, by its content hash; empty where no run has one. Verdicts then also
            name what could not be checked. None for scores without training.
        marks_fault: reads the fault of the marks of a row.
        suspects: runs that agree with another one more than two trainings do.
    """
    rule = registration.rule
    registered_rows = [row for row in rows if row.control in (None, "random_init") and is_registered(registration, row)]
    effects: dict[str, Effect | str] = {}
    for hypothesis in registration.hypotheses:
        try:
            effects[hypothesis.id] = _measure(hypothesis, registered_rows, rule.alpha, correct)
        except ComparisonError as error:
            other = explain_missing(registration, hypothesis, rows)
            effects[hypothesis.id] = f"{error}: {other}" if other else str(error)
    by_look = stages(registration, effects) if rule.looks and not void else {}
    pairs = [
        _p_values(hypothesis, effects[hypothesis.id], registration.seeds, void)
        for hypothesis in registration.hypotheses
    ]
    correction = significance.CORRECTIONS[rule.correction]
    adjusted, smallest = (correction(values) for values in zip(*pairs, strict=True)) if pairs else ([], [])
    outcomes = []
    for hypothesis, p_adjusted, least in zip(registration.hypotheses, adjusted, smallest, strict=True):
        effect = effects[hypothesis.id]
        if isinstance(effect, str):
            outcomes.append(Outcome(hypothesis, None, Verdict("not testable", f"{effect[:1].upper()}{effect[1:]}.")))
            continue
        stage = by_look.get(hypothesis.id)
        if stage is None:
            p, least = float(p_adjusted), float(least)
            effect = replace(effect, comparisons=len(pairs), p_adjusted=p, smallest_p_adjusted=least)
        else:
            effect = stage.effect
        verdict = _verdict(hypothesis, effect, rule.correction)
        if stage is not None:
            verdict = stage.complete(verdict)
        elif why := _why_undecided(effect, registration.seeds, void):
            verdict = Verdict("not testable", f"{format_signed(effect.mean)} points; {why}.")
        if verdict.word in DECIDED:
            context = flag_context(registration, hypothesis, rows, correct, health, marks_fault, suspects)
            unchecked = list_unchecked(context) if health is not None else ()
            verdict = apply_flags(verdict, list_flags(effect, context), unchecked)
        outcomes.append(Outcome(hypothesis, effect, verdict))
    return outcomes


def find_outcome(
    outcomes: Sequence[Outcome], sides: tuple[str | None, str | None], benchmark: str, regime: str
) -> Outcome | None:
    """Return the outcome of the hypothesis on the direction of a comparison; None where none is registered.

    A hypothesis with the sides exchanged is the same comparison. A hypothesis of equivalence has no direction.

    Args:
        outcomes: outcomes of the registered hypotheses.
        sides: variant and reference, by their names in the study.
        benchmark: benchmark of the study.
        regime: pretraining regime of both sides.
    """
    directed = [outcome for outcome in outcomes if outcome.hypothesis.margin is None]
    matches = (o for s in (sides, sides[::-1]) for o in directed if o.hypothesis.compares(s, benchmark, regime))
    return next(matches, None)


def flag_context(
    registration: Registration,
    hypothesis: Hypothesis,
    rows: Sequence[Row],
    correct: CorrectnessReader | None = None,
    health: Mapping[str, str] | None = None,
    marks_fault: FaultReader | None = None,
    suspects: Collection[str] = (),
) -> FlagContext:
    """Return the facts on the two sides of a hypothesis that its flags need.

    Args:
        registration: hypotheses, rule and design.
        hypothesis: the hypothesis.
        rows: all scores of the study.
        correct: reads the marks of a row.
        health: verdict of the monitor on each run, by its content hash.
        marks_fault: reads the fault of the marks of a row.
        suspects: runs that agree with another one more than two trainings do.
    """
    registered_rows = [row for row in rows if row.control in (None, "random_init") and is_registered(registration, row)]
    variant, reference = _sides(hypothesis, registered_rows)
    regimes = {row.regime for row in reference}
    planned = frozenset(
        seed
        for seed in registration.seeds
        for regime in regimes
        if hypothesis.benchmark in registration.measures.get(regime, {})
        and run_name("random_init", seed, regime) in registration.runs
    )
    measured = [
        row
        for row in rows
        if (row.benchmark, row.control) == (hypothesis.benchmark, "random_init")
        and row.regime in regimes
        and is_measured_as_registered(registration, row)
        and registration.runs.get(run_name_of(row), row.run) == row.run
    ]
    return FlagContext(
        variant=tuple(variant),
        reference=tuple(reference),
        random_init=tuple(measured),
        planned_random_init=planned,
        guess=_guess(reference[0], rows) if reference else None,
        health=health,
        correct=correct,
        marks_fault=marks_fault,
        suspects=suspects,
        margin=hypothesis.margin,
    )


def _guess(row: Row, rows: Sequence[Row]) -> float | None:
    """Return the score of an answer without features: chance, or the most frequent class where this is higher."""
    scores = [
        other.score
        for other in rows
        if other.control in ("majority", "chance")
        and (other.benchmark, other.benchmark_hash, other.metric) == (row.benchmark, row.benchmark_hash, row.metric)
    ]
    if row.metric in MEAN_OF_MARKS and (row.n_classes > 1 or "chance" in row.parts):
        scores.append(row.parts["chance"] if "chance" in row.parts else 100 / row.n_classes)
    return max(scores, default=None)


def _sides(hypothesis: Hypothesis, rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    def side(variant: str, regime: str) -> list[Row]:
        return [
            r for r in rows if (r.variant, r.benchmark) == (variant, hypothesis.benchmark) and regime in ("", r.regime)
        ]

    return (
        side(hypothesis.variant, hypothesis.regime),
        side(hypothesis.reference, hypothesis.reference_regime or hypothesis.regime),
    )


def _measure(hypothesis: Hypothesis, rows: Sequence[Row], alpha: float, correct: CorrectnessReader | None) -> Effect:
    names = hypothesis.variant, hypothesis.reference
    return compare(*_sides(hypothesis, rows), correct=correct, alpha=alpha, names=names)


def _why_undecided(effect: Effect, seeds: Sequence[int], void: str) -> str:
    """Return why nothing is decided on an effect: a void registration, or missing seeds; else an empty text."""
    if void or not set(seeds) - set(effect.seeds):
        return void
    return f"{len(effect.seeds)} of {len(seeds)} registered seeds have scores"


def _p_values(hypothesis: Hypothesis, effect: Effect | str, seeds: Sequence[int], void: str) -> tuple[float, float]:
    """Return p and the smallest possible p with which a hypothesis enters its family.

    Args:
        hypothesis: the hypothesis.
        effect: its effect, or the reason why it has none.
        seeds: the registered seeds.
        void: reason why the registration does not bind.
    """
    if isinstance(effect, str) or _why_undecided(effect, seeds, void):
        return 1.0, 1.0
    return _p(hypothesis, effect), _smallest_p(hypothesis, effect)


def _p(hypothesis: Hypothesis, effect: Effect) -> float:
    if hypothesis.margin is None:
        return effect.p
    return equivalence(effect.differences, hypothesis.margin, effect.alpha).p if effect.n > 1 else 1.0


def _smallest_p(hypothesis: Hypothesis, effect: Effect) -> float:
    """Return the smallest p that this number of pairs can give: t tests have no lower bound, sign flips have one."""
    if hypothesis.margin is None:
        return significance.smallest_p(effect.n)
    return 0.0 if effect.n > 1 else 1.0


def _verdict(hypothesis: Hypothesis, effect: Effect, correction: str) -> Verdict:
    if hypothesis.margin is not None:
        return decide_equivalence(effect, hypothesis.margin, "confirm", effect.p_adjusted, correction)
    return decide(effect, "confirm", "up" if hypothesis.claim == "above" else "down", correction)
