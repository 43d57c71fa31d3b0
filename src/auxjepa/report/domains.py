"""Several regimes over several recognition tasks: transfer matrix, mean ranks, worst domains, mixed against single."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from auxjepa.evidence.aggregate import Estimate
from auxjepa.evidence.domains import ALL, WORST, Domains, Mixing, Standing, domains
from auxjepa.evidence.effects import Effect
from auxjepa.evidence.folder import Study, current
from auxjepa.evidence.transfer import mixed_regimes
from auxjepa.evidence.verdicts import bracket, count, probability, signed
from auxjepa.report import alike
from auxjepa.report.shades import DASH, Shade, Shaded
from auxjepa.report.svg import SERIES, Drawing, Scale
from auxjepa.report.words import Sentence, Strong, join

ELSEWHERE = ("robustness", "few-shot", "alignment", "factors")
"""Capabilities whose benchmarks aren't recognition of undisturbed clips."""
STANDINGS = (
    "encoder",
    "mean rank",
    "first",
    "worst domain, points",
    "worst on",
    "worst domain, difference",
    "p corrected",
)
BESTS = ("benchmark", "best regime", "next", "ahead, points", "best in")
MIXED = ("variant", "regime", "against", "benchmark", "which", "pairs", "points", "p", "p corrected")
FEW = 6
"""Seeds below which ranks say little."""
ROW = 30


def collect(study: Study) -> Domains | None:
    """What a study with several pretraining regimes shows on its recognition benchmarks; None where it has but one."""
    rows = [row for row in current(study, []) if _capability(study, row.benchmark) not in ELSEWHERE]
    return domains(rows, study.reference, mixed_regimes(study.regimes))


def section(found: Domains | None, study: Study, colours: dict[str, int]) -> dict[str, Any] | None:
    """What the page shows, by name: of several regimes, and of how alike encoders are; None with neither."""
    if found is None and study.similarity is None:
        return None
    there = found is not None
    several = {
        "answer": answer(found) if there else [],
        "ranked": ranked(found) if there else [],
        "refusals": found.refusals if there and found.standings else (),
        "transfer": transfer(found, study) if there and found.cells else None,
        "figures": figures(found, colours) if there else [],
        "reference": found.reference.name if there else "",
        "mixing": mixing_rows(found) if there else [],
        "bests": best_rows(found) if there else [],
        "standings": standing_rows(found) if there else [],
    }
    return several | {
        "heads": {"mixing": MIXED, "bests": BESTS, "standings": STANDINGS, "alike": alike.HEAD},
        "alike": alike.sentences(study.similarity),
        "matrices": alike.matrices(study.similarity),
        "alike_rows": alike.rows(study.similarity),
    }


def answer(found: Domains) -> list[Sentence]:
    """What mixing does against single regimes, in one sentence; where nothing is mixed, which regime is best where."""
    if not found.standings:
        return [[f"{reason[0].upper()}{reason[1:]}."] for reason in found.refusals]
    over = f"Over {count(len(found.benchmarks), 'benchmark')} and {count(len(found.seeds), 'seed')}, "
    against = [m for m in found.mixings if m.against == "best single"]
    if not against:
        parts = [f"{b.regime} on {b.benchmark} ({_numbers(b.ahead)} before {b.ahead.reference})" for b in found.bests]
        return [[over, "the best regimes, averaged over variants, are ", join(parts), "."]] if parts else []
    sentences: list[Sentence] = []
    for regime in dict.fromkeys(m.mixed for m in against):
        own = [m for m in against if m.mixed == regime]
        oracle = "the best single regime of each benchmark" if _several(own) else own[0].singles[0]
        said = _leanings(own, ALL, oracle)
        worst = _leanings(own, WORST, "that of the best single regime" if _several(own) else f"that of {oracle}")
        rest = f"; its worst domain is {worst}" if worst else ""
        sentences.append([over if not sentences else "", Strong(regime), f" is {said}{rest}."])
    return sentences


def ranked(found: Domains) -> list[Sentence]:
    """Who has the lowest mean rank, and how much that says."""
    if not found.standings:
        return []
    best = min(found.standings, key=lambda s: s.rank.value)
    often = "" if best.first is None else f", the lowest in {100 * best.first:.0f} % of resamples of the seeds"
    text = f" has the lowest mean rank, {_plain(best.rank, 2)} among {len(found.standings)} encoders{often}."
    seeds = count(len(found.seeds), "seed")
    few = (
        f" Ranks of {seeds} and {count(len(found.benchmarks), 'benchmark')} say little."
        if len(found.seeds) < FEW
        else ""
    )
    return [[Strong(best.encoder.name), text + few]]


def transfer(found: Domains, study: Study) -> Shaded:
    """The transfer matrix: encoders by benchmarks, shaded within a benchmark from the lowest to the highest mean."""
    head = ("pretrained", *(_title(study, b) for b in found.benchmarks))
    cells = found.cells or {}
    lines: list[tuple[str, str, list[Estimate | None]]] = [
        (e.variant, e.regime, [cells.get((e, b)) for b in found.benchmarks]) for e in found.encoders
    ]
    if found.untrained:
        lines.append(("random init", "not pretrained", [found.untrained.get(b) for b in found.benchmarks]))
    ends = []
    for k in range(len(found.benchmarks)):
        known = [one.value for _, _, values in lines if (one := values[k]) is not None]
        ends.append((min(known), max(known)) if known else (0.0, 0.0))
    return head, [(n, below, [_shade(v, *ends[k]) for k, v in enumerate(values)]) for n, below, values in lines]


def transfer_rows(found: Domains, study: Study) -> tuple[tuple[str, ...], list[list[str]]]:
    """The transfer matrix as plain text."""
    head, lines = transfer(found, study)
    rows = [[f"{name} · {below}", *(f"{c.text} {c.below}".strip() for c in cells)] for name, below, cells in lines]
    return head, rows


def standing_rows(found: Domains) -> list[list[str]]:
    """One row an encoder, the lowest mean rank first (columns: ``STANDINGS``)."""
    return [
        [
            s.encoder.name,
            _plain(s.rank, 2),
            DASH if s.first is None else f"{100 * s.first:.0f} %",
            DASH if s.worst is None else _signed(s.worst),
            ", ".join(f"{name} {n}" for name, n in s.worst_on.items()) or DASH,
            DASH if s.worst_effect is None else _numbers(s.worst_effect),
            DASH if s.worst_effect is None else probability(s.worst_effect.p_adjusted),
        ]
        for s in sorted(found.standings, key=lambda s: s.rank.value)
    ]


def best_rows(found: Domains) -> list[list[str]]:
    """One row a benchmark (columns: ``BESTS``)."""
    share = [DASH if b.share is None else f"{100 * b.share:.0f} %" for b in found.bests]
    return [
        [b.benchmark, b.regime, b.ahead.reference, _numbers(b.ahead), s]
        for b, s in zip(found.bests, share, strict=True)
    ]


def mixing_rows(found: Domains) -> list[list[str]]:
    """One row an effect (columns: ``MIXED``)."""
    return [
        [
            m.variant,
            m.mixed,
            m.against,
            e.benchmark,
            single or DASH,
            str(e.n),
            _numbers(e),
            probability(e.p),
            probability(e.p_adjusted),
        ]
        for m in found.mixings
        for e, single in zip(m.effects, m.singles, strict=True)
    ]


def figures(found: Domains, colours: dict[str, int]) -> list[Markup]:
    """Mean ranks and worst domains of all encoders, with their intervals."""
    if not found.standings:
        return []
    order = sorted(found.standings, key=lambda s: s.rank.value)
    seeds = count(len(found.seeds), "seed")
    under = f"1 is best of {len(order)} · {count(len(found.benchmarks), 'benchmark')}, {seeds}"
    drawn = [_dots("domains-rank", "Mean rank", under, [(s, s.rank) for s in order], colours, 2, False)]
    known = [(s, s.worst) for s in order if s.worst is not None]
    if known:
        under = f"points over the random-init encoder · mean of {seeds}"
        drawn.append(_dots("domains-worst", "Worst domain", under, known, colours, 1, True))
    return drawn


def _dots(
    name: str,
    title: str,
    under: str,
    entries: Sequence[tuple[Standing, Estimate]],
    colours: dict[str, int],
    digits: int,
    zero: bool,
) -> Markup:
    """One line an encoder: the mean and its interval."""
    shown = [(s, e, signed(e.value, digits) if zero else f"{e.value:.{digits}f}") for s, e in entries]
    said = "; ".join(f"{s.encoder.name} {_signed(e) if zero else _plain(e, digits)}" for s, e, _ in shown)
    bottom = 44 + ROW * len(shown)
    draw = Drawing(520, bottom + 30, name, title, f"{title}, {under}: {said}.")
    x = Scale([v for _, e, _ in shown for v in (e.value, *(e.interval or ()))], 208, 462, zero=zero)
    draw.text(0, 14, title, "strong", room=516)
    draw.text(0, 31, under, "quiet", room=516)
    for value, label in x.ticks(5):
        draw.line(x(value), 42, x(value), bottom, "grid")
        draw.text(x(value), bottom + 16, label, "tick", "middle")
    if zero:
        draw.line(x(0.0), 38, x(0.0), bottom + 3, "zero")
    for j, (standing, estimate, value) in enumerate(shown):
        colour, y = colours.get(standing.encoder.variant, 0), 44 + ROW * (j + 0.5)
        draw.text(0, y + 4, standing.encoder.name, room=200)
        if estimate.interval:
            draw.line(x(estimate.interval[0]), y, x(estimate.interval[1]), y, f"whisker s{colour % SERIES}")
        draw.mark(colour, x(estimate.value), y, f"hollow s{colour % SERIES}")
        draw.text(518, y + 4, value, "value", "end")
    return draw.render()


def _leanings(mixings: Sequence[Mixing], benchmark: str, other: str) -> str:
    """'above X with ld (…), below it with baseline (…) and not told apart from it with fwm (…)'."""
    effects = [(m.variant, e) for m in mixings for e in m.effects if e.benchmark == benchmark]
    parts = []
    for way, words in (("up", "above"), ("down", "below"), ("unclear", "not told apart from")):
        named = [f"{variant} ({_numbers(e)})" for variant, e in effects if e.leaning == way]
        if named:
            parts.append(f"{words} {'it' if parts else other} with {join(named)}")
    return join(parts)


def _several(mixings: Sequence[Mixing]) -> bool:
    return len({single for m in mixings for single in m.singles}) > 1


def _capability(study: Study, benchmark: str) -> str:
    return str(study.benchmark_info.get(benchmark, {}).get("capability", ""))


def _title(study: Study, benchmark: str) -> str:
    return str(study.benchmark_info.get(benchmark, {}).get("title") or benchmark)


def _shade(estimate: Estimate | None, low: float, high: float) -> Shade:
    if estimate is None:
        return Shade(DASH)
    heat = (estimate.value - low) / (high - low) if high > low else 0.0
    ends = "" if estimate.interval is None else f"[{estimate.interval[0]:.1f}, {estimate.interval[1]:.1f}]"
    return Shade(f"{estimate.value:.1f}", ends.replace("-", "\N{MINUS SIGN}"), heat)


def _numbers(effect: Effect) -> str:
    return signed(effect.mean) + (f" {bracket(effect.interval)}" if effect.interval else "")


def _signed(estimate: Estimate) -> str:
    return signed(estimate.value) + (f" {bracket(estimate.interval)}" if estimate.interval else "")


def _plain(estimate: Estimate, digits: int) -> str:
    ends = (
        "" if estimate.interval is None else f" [{estimate.interval[0]:.{digits}f}, {estimate.interval[1]:.{digits}f}]"
    )
    return f"{estimate.value:.{digits}f}{ends}"
