"""Sentences of the report, written from effects: the answer, and the comparison with random init.

"Higher" and "lower" are about simultaneous intervals over all comparisons about which the page writes sentences. So at
most 5 % of pages without any effect have such a sentence. "Leans" is about the 95 % interval of one comparison alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from auxjepa.evidence.analyses.directions import group_by_direction, undecided_effects
from auxjepa.evidence.analyses.results import Line, Results
from auxjepa.evidence.analyses.training import UNHEALTHY
from auxjepa.evidence.statistics.records import Effect, expected_by_chance
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.study_folder.units import PERCENT
from auxjepa.evidence.wording import (
    difference_unit,
    format_count,
    format_effect,
    format_signed,
    format_signed_interval,
    join_words,
)
from auxjepa.lists import shorten_list

MOST_BY_VARIANT = 10
"""Number of variants up to which each variant has a sentence."""
MOST_SHOWN = 5
"""Number of variants that a sentence on one capability names."""
MOST_LISTED = 8
"""Number of capabilities that a sentence lists."""


class Strong(str):
    """A piece of a sentence in bold."""


Sentence = list[str]
"""Pieces of a sentence."""
EffectsByPair = dict[tuple[str, str], Effect]
"""Variant and capability: the effect."""


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
    effects_by_pair = undecided_effects(study, results)
    if not effects_by_pair:
        return sentences
    pairs = sorted({effect.n for effect in effects_by_pair.values()})
    seeds = format_count(pairs[0], "seed") if len(pairs) == 1 else f"{pairs[0]} to {pairs[-1]} seeds"
    end = "." if pairs == [1] else ":"
    if study.decides:
        sentences.append([f"Beyond the hypotheses this is an exploration on {seeds} and not a claim{end}"])
    else:
        sentences.append([f"This is a screen on {seeds} and not a confirmation{end}"])
    compared = [line for line in results.variants if _effects_of(effects_by_pair, line, results)]
    if pairs == [1]:
        return [*sentences, *_single_seed(study, results, compared)]
    write = _by_variant if len(compared) <= MOST_BY_VARIANT else _by_capability
    effects = effects_by_pair.values()
    written = [*write(study, results, compared, effects_by_pair), *_equal(effects, results), *_chance(effects, results)]
    return [*sentences, *written, *_unhealthy_reference(study)]


def against_random(results: Results) -> list[Sentence]:
    """Return reference and variants against a random-init encoder.

    A variant above the reference may still be below a random-init encoder.

    Args:
        results: the table of results.
    """
    effects_over_random, reference = results.pooled_over_random, results.reference
    if not effects_over_random or reference is None:
        return []
    groups = group_by_direction(_effects_of(effects_over_random, reference, results), results.sentence_family)
    parts = [
        f"{words} on {_list(group, results)}"
        for words, group in (
            ("scores higher", groups.up),
            ("scores lower", groups.down),
            ("leans higher", groups.leans_up),
            ("leans lower", groups.leans_down),
            ("has no clear difference", groups.unclear),
        )
        if group
    ]
    sentences: list[Sentence] = []
    if parts:
        start = "Compared with a random-init encoder, the reference "
        sentences.append([start, Strong(reference.name), f" {join_words(parts)}."])
    variants = [line.name for line in results.variants if line is not reference]
    for capability in results.capabilities:
        compared = [name for name in variants if (name, capability) in effects_over_random]
        groups = group_by_direction(
            [effects_over_random[name, capability] for name in compared], results.sentence_family
        )
        above = [name for name in compared if effects_over_random[name, capability] in groups.up]
        more = f" ({len(groups.leans_up)} more {_lean(groups.leans_up)} above it)" if groups.leans_up else ""
        if compared and not above:
            sentences.append([f"On {capability} no other variant screens above random init{more}."])
        elif len(above) > MOST_BY_VARIANT:
            count = f"{len(above)} of {len(compared)} variants screen"
            sentences.append([f"On {capability} {count} above random init{more}."])
        elif len(above) < len(compared):
            verb = "screens" if len(above) == 1 else "screen"
            sentences.append([f"On {capability} only ", *_bold(above), f" {verb} above random init{more}."])
    return sentences


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


def _by_variant(
    study: Study, results: Results, lines: Sequence[Line], effects_by_pair: EffectsByPair
) -> list[Sentence]:
    sentences: list[Sentence] = []
    unclear_names = []
    for line in lines:
        groups = group_by_direction(_effects_of(effects_by_pair, line, results), results.sentence_family)
        if len(groups.unclear) == sum(map(len, groups)):
            unclear_names.append(line.name)
            continue
        than = f"than {study.reference} "
        clauses = []
        if groups.up or groups.down:
            parts = [f"higher {than}on {_list(groups.up, results)}"] if groups.up else []
            parts += [f"lower {'' if parts else than}on {_list(groups.down, results)}"] if groups.down else []
            clauses.append(f"scores {', but '.join(parts)}")
        if groups.leans_up or groups.leans_down:
            than = "" if clauses else than
            parts = [f"higher {than}on {_list(groups.leans_up, results)}"] if groups.leans_up else []
            parts += [f"lower {'' if parts else than}on {_list(groups.leans_down, results)}"] * bool(groups.leans_down)
            clauses.append(f"{'it ' if clauses else ''}leans {' and '.join(parts)}")
        if groups.unclear:
            clauses.append(f"on {_words([e.benchmark for e in groups.unclear])} there is no clear difference")
        sentences.append([Strong(line.name), f" {'; '.join(clauses)}."])
    if unclear_names:
        verb = "shows" if len(unclear_names) == 1 else "show"
        which = "any other capability" if study.decides else "any capability"
        text = f" {verb} no clear difference from {study.reference} on {which}."
        sentences.append([*_bold(unclear_names), text])
    return sentences


def _by_capability(
    study: Study, results: Results, lines: Sequence[Line], effects_by_pair: EffectsByPair
) -> list[Sentence]:
    """Write, for many variants, who is above and who is below the reference on each capability."""
    sentences: list[Sentence] = []
    for capability in results.capabilities:
        pairs = [(line.name, capability) for line in lines]
        effects = [effects_by_pair[pair] for pair in pairs if pair in effects_by_pair]
        if not effects:
            continue
        groups = group_by_direction(effects, results.sentence_family)
        parts = []
        for words, group in (
            ("score higher", groups.up),
            ("score lower", groups.down),
            ("lean higher", groups.leans_up),
            ("lean lower", groups.leans_down),
        ):
            if group:
                names = shorten_list([f"{e.variant} {_numbers(e, results)}" for e in group], MOST_SHOWN)
                parts.append(f"{len(group)} of {len(effects)} variants {words} than {study.reference}: {names}")
        if groups.unclear:
            n = len(groups.unclear)
            parts.append(f"{n} {'shows' if n == 1 else 'show'} no clear difference")
        sentences.append([Strong(capability[:1].upper() + capability[1:]), f": {'; '.join(parts)}."])
    return sentences


def _equal(effects: Iterable[Effect], results: Results) -> list[Sentence]:
    """Write which differences are equal on all seeds: they have no interval, so they are neither higher nor lower."""
    equal = [e for e in effects if e.has_equal_differences and e.mean]
    if not equal:
        return []
    listed = shorten_list([f"{e.variant} on {e.benchmark} {_numbers(e, results)}" for e in equal], MOST_SHOWN)
    return [[f"Equal differences on all seeds have no spread, so nothing is shown by {listed}."]]


def _unhealthy_reference(study: Study) -> list[Sentence]:
    """Write how many runs of the reference are unhealthy: a healthy reference could score higher."""
    runs = [run for run in study.runs if run.variant == study.reference]
    unhealthy = sum(run.health in UNHEALTHY for run in runs)
    if not unhealthy:
        return []
    return [
        [
            f"{unhealthy} of {format_count(len(runs), 'run')} of the reference ",
            Strong(study.reference),
            " shrank or collapsed, so a variant can be higher than it without being higher than a healthy reference.",
        ]
    ]


def _chance(effects: Iterable[Effect], results: Results) -> list[Sentence]:
    """Write how many intervals exclude zero, and how many would do so by chance alone."""
    with_interval = [effect for effect in effects if effect.interval is not None]
    outside = sum(effect.direction != "unclear" for effect in with_interval)
    if not outside:
        return []
    verb = "excludes" if outside == 1 else "exclude"
    return [
        [
            f"{outside} of {format_count(len(with_interval), 'interval')} {verb} zero alone; "
            f"{expected_by_chance(with_interval):.1f} would by chance. “Higher” and “lower” hold for all "
            f"{results.sentence_family} comparisons of this page together, “leans” only for one interval alone."
        ]
    ]


def _effects_of(effects: EffectsByPair, line: Line, results: Results) -> list[Effect]:
    return [effects[line.name, c] for c in results.capabilities if (line.name, c) in effects]


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


def _lean(effects: list[Effect]) -> str:
    return "leans" if len(effects) == 1 else "lean"


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
