"""The report's sentences, written from the verdicts: the answer, what the controls say, the limitations that apply."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from auxjepa.evidence.effects import Effect
from auxjepa.evidence.folder import Study
from auxjepa.evidence.verdicts import bracket, count, few_seeds, signed
from auxjepa.report.results import Line, Results

MANY = 10  # variants that are still told one by one
SHOWN = 5


class Strong(str):
    """A piece of a sentence that is set in bold."""


Sentence = list[str]


def answer(study: Study, results: Results) -> list[Sentence]:
    """The answer as sentences: what each variant does on each capability, against the reference."""
    sentences: list[Sentence] = []
    if study.answer_template:
        sentences.append([_fill(study, results)])
    if not results.pooled:
        return [*sentences, ["Nothing can be compared yet: no score of a variant stands beside one of the reference."]]
    pairs = sorted({effect.n for effect in results.pooled.values()})
    seeds = count(pairs[0], "seed") if len(pairs) == 1 else f"{pairs[0]} to {pairs[-1]} seeds"
    if study.decides:
        sentences.append([f"Beyond the hypotheses, explored on {seeds} and not claimed:"])
    else:
        sentences.append([f"As a screen on {seeds}, not a confirmation:"])
    compared = [line for line in results.variants if _of(results.pooled, line, results)]
    told = _by_variant if len(compared) <= MANY else _by_capability
    return [*sentences, *told(study, results, compared)]


def _by_variant(study: Study, results: Results, lines: Sequence[Line]) -> list[Sentence]:
    sentences: list[Sentence] = []
    quiet = []
    for line in lines:
        effects = _of(results.pooled, line, results)
        up, down, open_ = (_sorted(effects, way) for way in ("up", "down", "unclear"))
        if not up and not down:
            quiet.append(line.name)
            continue
        parts = [f"higher than {study.reference} on {_listed(up)}"] if up else []
        parts += [f"lower {'' if up else f'than {study.reference} '}on {_listed(down)}"] if down else []
        rest = f"; on {join(e.benchmark for e in open_)} the two are not told apart" if open_ else ""
        sentences.append([Strong(line.name), f" scores {', but '.join(parts)}{rest}."])
    if quiet:
        said = "is" if len(quiet) == 1 else "are"
        sentences.append([*_bold(quiet), f" {said} not told apart from {study.reference} on any capability."])
    return sentences


def _by_capability(study: Study, results: Results, lines: Sequence[Line]) -> list[Sentence]:
    """For many variants: who leads and who trails on each capability, largest differences first."""
    sentences: list[Sentence] = []
    for capability in results.capabilities:
        effects = [results.pooled[line.name, capability] for line in lines if (line.name, capability) in results.pooled]
        up, down, open_ = (_sorted(effects, way) for way in ("up", "down", "unclear"))
        parts = []
        for word, found in (("higher", up), ("lower", down)):
            named = ", ".join(f"{e.variant} {_numbers(e)}" for e in found[:SHOWN])
            more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            parts += [f"{len(found)} of {len(effects)} variants score {word} than {study.reference}: {named}{more}"]
            parts = parts if found else parts[:-1]
        rest = f"{len(open_)} are not told apart from it" if open_ else ""
        sentences.append([Strong(capability.capitalize()), f": {'; '.join(p for p in (*parts, rest) if p)}."])
    return sentences


def against_random(study: Study, results: Results) -> list[Sentence]:
    """Reference and variants against a random-init encoder: above the reference may still be below that."""
    over = results.pooled_over_random
    reference = next((line for line in results.variants if line.reference), None)
    if not over or reference is None:
        return []
    effects = _of(over, reference, results)
    up, down, open_ = (_sorted(effects, way) for way in ("up", "down", "unclear"))
    parts = [f"above it on {_listed(up)}"] if up else []
    parts += [f"below it on {_listed(down)}"] if down else []
    parts += [f"not told apart from it on {_listed(open_)}"] if open_ else []
    sentences: list[Sentence] = []
    if parts:
        sentences.append(
            ["Against a random-init encoder the reference ", Strong(reference.name), f" is {join(parts)}."]
        )
    others = [line.name for line in results.variants if line is not reference]
    for capability in results.capabilities:
        known = [name for name in others if (name, capability) in over]
        above = [name for name in known if over[name, capability].leaning == "up"]
        if known and not above:
            sentences.append([f"No other variant screens above random init on {capability}."])
        elif len(above) > MANY:
            sentences.append([f"On {capability} {len(above)} of {len(known)} variants screen above random init."])
        elif len(above) < len(known):
            verb = "screens" if len(above) == 1 else "screen"
            sentences.append([f"On {capability} only ", *_bold(above), f" {verb} above random init."])
    return sentences


def permission(study: Study, results: Results) -> str:
    """What these seeds and this phase allow to be said."""
    effects = list(results.pooled.values())
    if not effects:
        return ""
    fewest = min(effects, key=lambda e: e.n)
    if study.decides and study.registered is not None:
        rule = study.registered.registration.rule
        corrected = f"at {rule.alpha:g} after {rule.correction.replace('_', ' and ').title()} over all of them"
        return (
            "Only registered hypotheses are decided, by the exact sign-flip test (equivalence: by two one-sided tests) "
            f"{corrected}. Everything else on this page explores."
        )
    if fewest.smallest_p_adjusted > fewest.alpha:
        return few_seeds(fewest.n, fewest.comparisons, fewest.alpha) + "."
    return f"This is a screen on {count(fewest.n, 'seed')}: it claims nothing until fresh seeds confirm it."


def limitations(study: Study, results: Results) -> list[str]:
    """Only those that apply to this study."""
    said = list(study.scale_notes)
    effects = [c.effect for line in results.variants for c in line.cells if c.effect]
    if effects:
        by_chance = max(1, round(0.05 * len(effects)))
        said.append("Open marks say where a 95 % t interval over seeds leaves out zero; no claim is made from them.")
        said.append(
            f"Of {count(len(effects), 'interval')} shown about {by_chance} would leave out zero by chance alone if no "
            "variant did anything; p values are corrected across variants, not across benchmarks."
        )
        fewest = min(e.n for e in effects)
        if fewest < 6:
            said.append(
                f"With {count(fewest, 'seed')} the t interval leans on normal differences and on a spread known only "
                "roughly; the bootstrap interval is too narrow here and given for completeness."
            )
        partial = sorted({f"{e.variant} on {e.benchmark}" for e in effects if e.unpaired})
        if partial:
            said.append(f"Only seeds present on both sides are compared; some are missing for {join(partial[:6])}.")
    tested = [c.test_interval for line in results.lines for c in line.cells if c.test_interval]
    if tested:
        widest = max(high - low for low, high in tested) / 2
        said.append(
            "All variants are scored on the same test examples, so the intervals over seeds leave out the choice of "
            f"examples: other test clips could move a single score by up to {widest:.1f} points (Wilson, 95 %)."
        )
    if study.benchmarks and all(b.startswith("world_") for b in study.benchmarks):
        said.append("All benchmarks are generated clips with known factors: nothing here is about natural video yet.")
    parameters = [p for p in (run.number("parameters") for run in study.runs) if p]
    if parameters:
        steps = max((run.number("steps") or 0) for run in study.runs)
        said.append(
            f"Encoders have {quantity(max(parameters))} parameters and are trained for {quantity(steps)} steps; "
            "effects may differ at other sizes."
        )
    if any(row.validation is None for row in study.rows if row.control is None):
        said.append("Some scores carry no validation score, so how their probe settings were chosen is not shown.")
    if not results.controls:
        said.append("No control was scored: a difference from the reference may still be below an untrained encoder.")
    if any(run.summary.get("verdict") in ("shrinking", "collapsed") for run in study.runs):
        said.append(
            "Runs that shrank or collapsed count like all others; leaving them out would flatter their variant."
        )
    return said


def join(words: Iterable[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    words = list(words)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def quantity(value: int | float) -> str:
    """A count for people: 640, 4,000, 0.17 M."""
    return f"{value / 1e6:.2f} M" if value >= 100_000 else f"{value:,.0f}"


def plain(sentences: Sequence[Sentence], bold: str = "") -> str:
    """Sentences as one text; ``bold`` is put around strong pieces."""
    return " ".join("".join(f"{bold}{p}{bold}" if isinstance(p, Strong) else p for p in s) for s in sentences)


def _of(effects: dict[tuple[str, str], Effect], line: Line, results: Results) -> list[Effect]:
    return [effects[line.name, c] for c in results.capabilities if (line.name, c) in effects]


def _sorted(effects: list[Effect], way: str) -> list[Effect]:
    return sorted((e for e in effects if e.leaning == way), key=lambda e: -abs(e.mean))


def _listed(effects: list[Effect]) -> str:
    return join(f"{e.benchmark} {_numbers(e)}" for e in effects)


def _numbers(effect: Effect) -> str:
    text = f"({signed(effect.mean)}{' ' + bracket(effect.interval) if effect.interval else ''})"
    return text.replace(" ", "\N{NO-BREAK SPACE}")  # a line break inside an interval is hard to read


def _bold(names: list[str]) -> Sentence:
    pieces: Sentence = []
    for i, name in enumerate(names):
        pieces += [Strong(name)] if i == 0 else [" and " if i == len(names) - 1 else ", ", Strong(name)]
    return pieces


def _fill(study: Study, results: Results) -> str:
    """The study's own words with ``{VARIANT.CAPABILITY}`` replaced by the effect; unknown names stay as they are."""

    def effect(match: re.Match[str]) -> str:
        found = results.pooled.get((match[1], match[2]))
        if found is None:
            return match[0]
        return f"{signed(found.mean)} points" + (f" {bracket(found.interval)}" if found.interval else "")

    return re.sub(r"\{([^{}.]+)\.([^{}.]+)\}", effect, study.answer_template)
