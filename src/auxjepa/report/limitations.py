"""Sentences on what a study cannot show: what its seeds allow to claim, and its limitations."""

from __future__ import annotations

from auxjepa.evidence.analyses.frozen_encoders import describe_frozen
from auxjepa.evidence.analyses.margins import object_to_margins
from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.analyses.training import UNHEALTHY
from auxjepa.evidence.decisions.registration import Rule
from auxjepa.evidence.decisions.verdicts import explain_few_seeds
from auxjepa.evidence.statistics.records import FEWEST_SEEDS
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.study_folder.grid_edges import count_edges
from auxjepa.evidence.wording import CORRECTION_NAMES, format_count, format_limit, format_quantity, join_words
from auxjepa.report import frozen_section


def permission(study: Study, results: Results) -> str:
    """Return what these seeds and this phase allow to claim.

    Args:
        study: the study.
        results: the table of results.
    """
    effects = list(results.pooled.values())
    if not effects:
        return ""
    fewest = min(effects, key=lambda e: e.n)
    if study.decides and study.registered is not None:
        rule = study.registered.registration.rule
        correction = CORRECTION_NAMES[rule.correction]
        return (
            "Only registered hypotheses are decided, by the exact sign-flip test (equivalence: by two one-sided tests) "
            f"at {rule.alpha:g} after {correction} over all of them. Everything else on this page is exploration."
        )
    if not fewest.can_reach_alpha:
        rule = study.registered.registration.rule if study.registered else Rule()
        return explain_few_seeds(fewest.n, fewest.comparisons, rule.alpha, rule.correction) + "."
    return f"This is a screen on {format_count(fewest.n, 'seed')}. It makes no claim until new seeds confirm it."


def limitations(study: Study, results: Results) -> list[str]:
    """Return the limitations that apply to this study.

    Args:
        study: the study.
        results: the table of results.
    """
    lines = list(study.scale_notes)
    effects = results.table_effects
    with_interval = [effect for effect in effects if effect.interval]
    if effects and not with_interval:
        lines.append("Every comparison has one seed, so there is no interval over seeds and no test.")
    if with_interval:
        outside = sum(effect.direction != "unclear" for effect in with_interval)
        lines.append("Open marks show where a 95 % t interval over seeds excludes zero. They are not claims.")
        lines.append(
            f"{outside} of {format_count(len(with_interval), 'interval')} in the table "
            f"{'excludes' if outside == 1 else 'exclude'} zero; about {results.expected_by_chance:.1f} would exclude "
            "zero by chance alone if no variant had an effect. p values are corrected across variants and not across "
            "benchmarks."
        )
        fewest = min(e.n for e in with_interval)
        if fewest < FEWEST_SEEDS:
            lines.append(
                f"Aggregates, mean ranks, rank stability and effective robustness have no interval with fewer than "
                f"{FEWEST_SEEDS} seeds: a bootstrap of so few seeds covers far less than 95 %."
            )
        if fewest < 6:
            lines.append(
                f"With {format_count(fewest, 'seed')} the t interval depends on normal differences and on an uncertain "
                "standard deviation."
            )
    if effects:
        partial = sorted({f"{e.variant} on {e.benchmark}" for e in effects if e.unpaired})
        equal = sum(e.has_equal_differences for e in effects)
        if equal:
            verb = "has" if equal == 1 else "have"
            lines.append(
                f"{format_count(equal, 'comparison')} {verb} equal differences on all seeds: without "
                "a spread there is no interval, no mark and no sentence."
            )
        if partial:
            names = join_words(partial[:6])
            lines.append(f"Only seeds that both sides have are compared; some seeds are missing for {names}.")
    if results.widest_test_interval is not None:
        lines.append(
            "All variants are scored on the same test examples, so the intervals over seeds do not cover the choice of "
            "examples. Other test clips could change a single score by up to "
            f"{format_limit(results.widest_test_interval)} points (Wilson, 95 %)."
        )
    lines += object_to_margins(study, results)
    if study.benchmarks and all(b.startswith("world_") for b in study.benchmarks):
        lines.append(
            "All benchmarks are generated clips with known factors, so these results say nothing about natural video."
        )
    parameters = [p for p in (run.number("parameters") for run in study.runs) if p]
    if parameters:
        steps = max((run.number("steps") or 0) for run in study.runs)
        lines.append(
            f"Encoders have {format_quantity(max(parameters))} parameters and are trained for {format_quantity(steps)} "
            "steps; effects may differ at other sizes."
        )
    if any(row.validation is None for row in study.rows if row.control is None):
        lines.append("Some scores have no validation score, so the choice of their probe settings is not shown.")
    lines += filter(None, [count_edges(study.rows, study.protocols).sentence])
    if not results.controls:
        lines.append("No control was scored, so a variant above the reference may still be below an untrained encoder.")
    if frozen := describe_frozen(study):
        lines.append(frozen_section.sentence(frozen))
    unhealthy = {run.variant for run in study.runs if run.health in UNHEALTHY}
    if unhealthy - {study.reference}:
        lines.append(
            "Runs that shrank or collapsed count like all other runs. Without them their variant would look better."
        )
    if study.reference in unhealthy:
        lines.append(
            f"Runs of the reference {study.reference} shrank or collapsed and count like all other runs. With healthy "
            "runs the reference could score higher, so the other variants look better here than they may be."
        )
    return lines
