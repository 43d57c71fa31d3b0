"""Sentences of the report, written from verdicts: the answer, the comparison with random init, the limitations."""

from __future__ import annotations

import re
from collections.abc import Sequence

from auxjepa.evidence.analyses.frozen_encoders import describe_frozen
from auxjepa.evidence.analyses.results import Line, Results
from auxjepa.evidence.analyses.training import UNHEALTHY
from auxjepa.evidence.decisions.verdicts import explain_few_seeds
from auxjepa.evidence.statistics.records import Effect
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.study_folder.grid_edges import count_edges
from auxjepa.evidence.study_folder.units import PERCENT
from auxjepa.evidence.wording import (
    difference_unit,
    format_count,
    format_effect,
    format_quantity,
    format_signed,
    format_signed_interval,
    join_words,
)
from auxjepa.lists import shorten_list
from auxjepa.report import frozen_section

MOST_BY_VARIANT = 10
"""Number of variants up to which each variant has a sentence."""
MOST_SHOWN = 5
"""Number of variants that a sentence on one capability names."""
MOST_LISTED = 8
"""Number of capabilities that a sentence lists."""
DIRECTIONS = ("up", "down", "unclear")


class Strong(str):
    """A piece of a sentence in bold."""


Sentence = list[str]
"""Pieces of a sentence."""


def answer(study: Study, results: Results) -> list[Sentence]:
    """Return the answer: the effect of each variant on each capability, against the reference.

    Args:
        study: the study.
        results: the table of results.
    """
    sentences: list[Sentence] = []
    if study.answer_template:
        sentences.append([_fill(study, results)])
    if not results.pooled:
        why = "there is no seed with a score of a variant and of the reference"
        return [*sentences, [f"Nothing can be compared yet: {why}."]]
    pairs = sorted({effect.n for effect in results.pooled.values()})
    seeds = format_count(pairs[0], "seed") if len(pairs) == 1 else f"{pairs[0]} to {pairs[-1]} seeds"
    end = "." if pairs == [1] else ":"
    if study.decides:
        sentences.append([f"Beyond the hypotheses this is an exploration on {seeds} and not a claim{end}"])
    else:
        sentences.append([f"This is a screen on {seeds} and not a confirmation{end}"])
    compared = [line for line in results.variants if _effects_of(results.pooled, line, results)]
    if pairs == [1]:
        return [*sentences, *_single_seed(study, results, compared)]
    write = _by_variant if len(compared) <= MOST_BY_VARIANT else _by_capability
    return [*sentences, *write(study, results, compared)]


def against_random(results: Results) -> list[Sentence]:
    """Return reference and variants against a random-init encoder.

    A variant above the reference may still be below a random-init encoder.

    Args:
        results: the table of results.
    """
    effects_over_random, reference = results.pooled_over_random, results.reference
    if not effects_over_random or reference is None:
        return []
    up, down, unclear = _by_direction(_effects_of(effects_over_random, reference, results))
    parts = [f"higher on {_list(up, results)}"] if up else []
    parts += [f"lower on {_list(down, results)}"] if down else []
    parts += [f"without a clear difference on {_list(unclear, results)}"] if unclear else []
    sentences: list[Sentence] = []
    if parts:
        start = "Compared with a random-init encoder, the reference "
        sentences.append([start, Strong(reference.name), f" scores {join_words(parts)}."])
    variants = [line.name for line in results.variants if line is not reference]
    for capability in results.capabilities:
        compared = [name for name in variants if (name, capability) in effects_over_random]
        above = [name for name in compared if effects_over_random[name, capability].direction == "up"]
        if compared and not above:
            sentences.append([f"On {capability} no other variant screens above random init."])
        elif len(above) > MOST_BY_VARIANT:
            sentences.append([f"On {capability} {len(above)} of {len(compared)} variants screen above random init."])
        elif len(above) < len(compared):
            verb = "screens" if len(above) == 1 else "screen"
            sentences.append([f"On {capability} only ", *_bold(above), f" {verb} above random init."])
    return sentences


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
        correction = rule.correction.replace("_", " and ").title()
        return (
            "Only registered hypotheses are decided, by the exact sign-flip test (equivalence: by two one-sided tests) "
            f"at {rule.alpha:g} after {correction} over all of them. Everything else on this page is exploration."
        )
    if not fewest.can_reach_alpha:
        return explain_few_seeds(fewest.n, fewest.comparisons, fewest.alpha) + "."
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
        lines.append("Open marks show where a 95 % t interval over seeds excludes zero. They are not claims.")
        lines.append(
            f"Of {format_count(len(with_interval), 'interval')} shown, about {results.expected_by_chance} would "
            "exclude zero by chance alone if no variant had an effect. p values are corrected across "
            "variants and not across benchmarks."
        )
        fewest = min(e.n for e in with_interval)
        if fewest < 6:
            lines.append(
                f"With {format_count(fewest, 'seed')} the t interval depends on normal differences and on an uncertain "
                "standard deviation. The bootstrap interval is too narrow here and is shown for completeness."
            )
    if effects:
        partial = sorted({f"{e.variant} on {e.benchmark}" for e in effects if e.unpaired})
        if partial:
            names = join_words(partial[:6])
            lines.append(f"Only seeds that both sides have are compared; some seeds are missing for {names}.")
    if results.widest_test_interval is not None:
        lines.append(
            "All variants are scored on the same test examples, so the intervals over seeds do not cover the choice of "
            f"examples. Other test clips could change a single score by up to {results.widest_test_interval:.1f} "
            "points (Wilson, 95 %)."
        )
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
    if any(run.summary.get("verdict") in UNHEALTHY for run in study.runs):
        lines.append(
            "Runs that shrank or collapsed count like all other runs. Without them their variant would look better."
        )
    return lines


def plain_text(sentences: Sequence[Sentence], bold: str = "") -> str:
    """Return sentences as one text.

    Args:
        sentences: the sentences.
        bold: text before and after each piece in bold.
    """
    return " ".join("".join(f"{bold}{p}{bold}" if isinstance(p, Strong) else p for p in s) for s in sentences)


def keep_together(text: str) -> str:
    """Return a text in which no line break is possible: an interval on two lines is hard to read.

    Args:
        text: any text.
    """
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _by_variant(study: Study, results: Results, lines: Sequence[Line]) -> list[Sentence]:
    sentences: list[Sentence] = []
    unclear_names = []
    for line in lines:
        up, down, unclear = _by_direction(_effects_of(results.pooled, line, results))
        if not up and not down:
            unclear_names.append(line.name)
            continue
        parts = [f"higher than {study.reference} on {_list(up, results)}"] if up else []
        parts += [f"lower {'' if up else f'than {study.reference} '}on {_list(down, results)}"] if down else []
        end = f"; on {_words([e.benchmark for e in unclear])} there is no clear difference" if unclear else ""
        sentences.append([Strong(line.name), f" scores {', but '.join(parts)}{end}."])
    if unclear_names:
        verb = "shows" if len(unclear_names) == 1 else "show"
        text = f" {verb} no clear difference from {study.reference} on any capability."
        sentences.append([*_bold(unclear_names), text])
    return sentences


def _by_capability(study: Study, results: Results, lines: Sequence[Line]) -> list[Sentence]:
    """Write, for many variants, who is above and who is below the reference on each capability."""
    sentences: list[Sentence] = []
    for capability in results.capabilities:
        effects = [results.pooled[line.name, capability] for line in lines if (line.name, capability) in results.pooled]
        up, down, unclear = _by_direction(effects)
        parts = []
        for word, group in (("higher", up), ("lower", down)):
            if group:
                names = shorten_list([f"{e.variant} {_numbers(e, results)}" for e in group], MOST_SHOWN)
                n = f"{len(group)} of {len(effects)}"
                parts.append(f"{n} variants score {word} than {study.reference}: {names}")
        if unclear:
            parts.append(f"{len(unclear)} {'shows' if len(unclear) == 1 else 'show'} no clear difference")
        sentences.append([Strong(capability[:1].upper() + capability[1:]), f": {'; '.join(parts)}."])
    return sentences


def _effects_of(effects: dict[tuple[str, str], Effect], line: Line, results: Results) -> list[Effect]:
    return [effects[line.name, c] for c in results.capabilities if (line.name, c) in effects]


def _by_direction(effects: Sequence[Effect]) -> tuple[list[Effect], ...]:
    """Return the effects that are up, down and unclear, largest first."""
    return tuple(
        sorted((e for e in effects if e.direction == direction), key=lambda e: -abs(e.mean)) for direction in DIRECTIONS
    )


def _single_seed(study: Study, results: Results, lines: Sequence[Line]) -> list[Sentence]:
    """Write the largest differences of single seeds, which have no interval."""
    why = "One seed has no interval, so no difference counts as higher or lower."
    parts = []
    for capability in results.capabilities:
        effects = [results.pooled[line.name, capability] for line in lines if (line.name, capability) in results.pooled]
        if effects:
            largest = max(effects, key=lambda e: abs(e.mean))
            parts.append(f"on {capability} {largest.variant} {_numbers(largest, results)}")
    listed = shorten_list(parts, MOST_SHOWN, "; ")
    return [[f"{why} The largest differences from {study.reference} are: {listed}."]]


def _list(effects: list[Effect], results: Results) -> str:
    return _words([f"{e.benchmark} {_numbers(e, results)}" for e in effects])


def _words(words: list[str]) -> str:
    """Return a list in words; a long one is shortened."""
    return join_words(words) if len(words) <= MOST_LISTED else shorten_list(words, MOST_LISTED)


def _numbers(effect: Effect, results: Results) -> str:
    """Return the mean and the interval of an effect on a capability, with the unit unless it is points."""
    unit = results.unit_of(effect.benchmark)
    text = format_effect(effect, results.decimals_of(effect.benchmark))
    return keep_together(f"({text}{f' {unit}' if unit not in ('', PERCENT) else ''})")


def _bold(names: list[str]) -> Sentence:
    pieces: Sentence = []
    for i, name in enumerate(names):
        pieces += [Strong(name)] if i == 0 else [" and " if i == len(names) - 1 else ", ", Strong(name)]
    return pieces


def _fill(study: Study, results: Results) -> str:
    """Replace ``{VARIANT.CAPABILITY}`` in the study's own sentence by the effect; unknown names stay."""

    def effect(match: re.Match[str]) -> str:
        pooled = results.pooled.get((match[1], match[2]))
        if pooled is None:
            return match[0]
        digits, unit = results.decimals_of(match[2]), difference_unit(results.unit_of(match[2]))
        interval = f" {format_signed_interval(pooled.interval, digits)}" if pooled.interval else ""
        return f"{format_signed(pooled.mean, digits)} {unit}".rstrip() + interval

    return re.sub(r"\{([^{}.]+)\.([^{}.]+)\}", effect, study.answer_template)
