"""Warnings about the design of a confirming study, before anything runs."""

from __future__ import annotations

from math import isfinite

from auxjepa.evidence.decisions.registration import Hypothesis
from auxjepa.evidence.statistics.equivalence import seeds_to_show
from auxjepa.evidence.statistics.margins import clip_noise, object_to_margin
from auxjepa.evidence.statistics.power import MOST_SEEDS, minimum_detectable_effect
from auxjepa.evidence.statistics.significance import CORRECTIONS, seeds_to_test, smallest_p
from auxjepa.evidence.wording import CORRECTION_NAMES, format_count, join_words
from auxjepa.study.plan import StudyConfig


def design_warnings(study: StudyConfig) -> list[str]:
    """Return one line for each reason why a confirming study cannot decide what it registers; none for a screen.

    Args:
        study: the study.
    """
    return [*_undecidable(study), *_margins(study)]


def describe_power(study: StudyConfig) -> list[str]:
    """Return the effect that a confirming study finds with a probability of 80 %, and what its stated effects need.

    Args:
        study: the study.
    """
    number, seeds = len(study.hypotheses), len(study.seeds)
    tested = [h for h in study.hypotheses if h.margin is None]
    if not tested or _undecided(study, seeds):
        return []
    effect = minimum_detectable_effect(1.0, seeds, number, study.rule.alpha)
    if not isfinite(effect):
        enough = seeds_to_test(number, study.rule.alpha)
        return [
            f"{_count(number)} on {format_count(seeds, 'seed')}: a hypothesis 'above' or 'below' is decided only if "
            f"others of the family are decided too, however large its effect is; {enough} seeds can decide it alone"
        ]
    looks = "; with looks, the effect must be larger or the power is lower" if study.rule.looks else ""
    lines = [
        f"{_count(number)} on {format_count(seeds, 'seed')}: the test finds an effect of {effect:.1f} standard "
        f"deviations of the per-seed differences with a probability of 80 %{looks}"
    ]
    for h in tested:
        stated = h.effect
        if stated:
            lines.append(
                f"hypothesis {h.id!r}: its effect of {abs(stated):g} points is found with 80 % if the standard "
                f"deviation of the per-seed differences is at most {abs(stated) / effect:.2g}"
            )
    return lines


def _undecidable(study: StudyConfig) -> list[str]:
    number, seeds = len(study.hypotheses), len(study.seeds)
    undecided = _undecided(study, seeds)
    if not undecided:
        return []
    enough = next((n for n in range(seeds + 1, MOST_SEEDS) if not _undecided(study, n)), None)
    which = f"all {_count(number)}" if len(undecided) == number and number > 1 else _count(number)
    if len(undecided) < number:
        which = f"{len(undecided)} of {_count(number)} ({join_words([h.id for h in undecided[:5]])})"
    return [
        f"warning: {format_count(seeds, 'seed')} cannot decide {which} at {study.rule.alpha:g} after "
        f"{CORRECTION_NAMES[study.rule.correction]}, however large the effects are: "
        f"at least {enough} seeds are needed"
    ]


def _undecided(study: StudyConfig, seeds: int) -> list[Hypothesis]:
    """Return the hypotheses that no scores of this number of seeds could decide."""
    rule, hypotheses = study.rule, study.hypotheses
    if not hypotheses:
        return []
    # With looks, the t tests of an equivalence are corrected for them (Bonferroni).
    tests = len(hypotheses) * max(1, len(rule.looks))
    shows = seeds >= seeds_to_show(tests, rule.alpha, rule.correction)
    smallest = [smallest_p(seeds) if h.margin is None else 0.0 if shows else 1.0 for h in hypotheses]
    corrected = CORRECTIONS[rule.correction](smallest)
    return [h for h, p in zip(hypotheses, corrected, strict=True) if p > rule.alpha]


def _margins(study: StudyConfig) -> list[str]:
    if not any(h.margin is not None for h in study.hypotheses):
        return []
    benchmarks = {b.name: b for b in study.chosen_benchmarks()}
    lines = []
    for h in study.hypotheses:
        benchmark = benchmarks.get(h.benchmark)
        if h.margin is None or benchmark is None or benchmark.metric != "top1" or benchmark.classes < 2:
            continue
        # The reference has no score yet: its distance to chance is at most that of a perfect score.
        why = object_to_margin(h.margin, clip_noise((), benchmark.test), 100 - 100 / benchmark.classes)
        lines += [f"warning: hypothesis {h.id!r} on {h.benchmark}: {why}"] if why else []
    return lines


def _count(number: int) -> str:
    return "1 hypothesis" if number == 1 else f"{number} hypotheses"
