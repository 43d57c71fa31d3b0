"""The section on several regimes: transfer matrix, mean ranks, worst domains, mixed against single regimes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auxjepa.evidence.analyses.directions import group_by_direction
from auxjepa.evidence.analyses.domains import Domains
from auxjepa.evidence.analyses.mixing import ALL, WORST, Mixing
from auxjepa.evidence.statistics.records import Estimate
from auxjepa.evidence.study_evidence import StudyEvidence
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.wording import (
    DASH,
    format_count,
    format_effect,
    format_estimate,
    format_interval,
    format_number,
    format_p,
    format_percent,
    format_signed_estimate,
    join_words,
)
from auxjepa.report import similarity_section
from auxjepa.report.domains_figures import figures
from auxjepa.report.sentences import Sentence, Strong
from auxjepa.report.shaded_table import ShadedCell, ShadedTable, heat

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
DIRECTION_WORDS = ("above", "below", "leaning above", "leaning below", "not clearly different from")
"""Words for the groups of :class:`~auxjepa.evidence.analyses.directions.Directions`, in their order."""
FEW = 6
"""Number of seeds below which ranks are very uncertain."""


def section(evidence: StudyEvidence, colours: dict[str, int]) -> dict[str, Any] | None:
    """Return the content of the section by name; None without several regimes and without similarities.

    Args:
        evidence: the evidence on the study.
        colours: index of every variant.
    """
    domains, similarity = evidence.domains, evidence.study.similarity
    if domains is None and similarity is None:
        return None
    several = domains is not None
    content = {
        "answer": answer(domains) if several else [],
        "ranked": ranks(domains) if several else [],
        "refusals": domains.refusals if several and domains.standings else (),
        "transfer": transfer_matrix(domains, evidence.study) if several and domains.cells else None,
        "figures": figures(domains, colours) if several else [],
        "reference": domains.reference.name if several else "",
        "mixing": mixing_rows(domains) if several else [],
        "bests": best_rows(domains) if several else [],
        "standings": standing_rows(domains) if several else [],
    }
    return content | {
        "heads": {"mixing": MIXED, "bests": BESTS, "standings": STANDINGS, "similarity": similarity_section.HEAD},
        "similarity": similarity_section.sentences(similarity, evidence.largest_gap),
        "matrices": similarity_section.matrices(similarity),
        "similarity_rows": similarity_section.rows(similarity),
    }


def answer(domains: Domains) -> list[Sentence]:
    """Return mixed regimes against single regimes in sentences; without a mixed regime, the best regimes.

    Args:
        domains: results of several regimes.
    """
    if not domains.standings:
        return [[f"{reason[0].upper()}{reason[1:]}."] for reason in domains.refusals]
    over = f"Over {format_count(len(domains.benchmarks), 'benchmark')} and {format_count(len(domains.seeds), 'seed')}, "
    with_best = [m for m in domains.mixings if m.opponent == "best single"]
    if not with_best:
        parts = [
            f"{b.regime} on {b.benchmark} ({format_effect(b.ahead)} ahead of {b.ahead.reference})"
            for b in domains.bests
        ]
        return [[over, "the best regimes, averaged over variants, are ", join_words(parts), "."]] if parts else []
    sentences: list[Sentence] = []
    for regime in dict.fromkeys(m.mixed for m in with_best):
        mixings = [m for m in with_best if m.mixed == regime]
        several = len({single for m in mixings for single in m.singles}) > 1
        oracle = "the best single regime of each benchmark" if several else mixings[0].singles[0]
        overall = _directions(domains, mixings, ALL, oracle)
        worst_oracle = "that of the best single regime" if several else f"that of {oracle}"
        worst = _directions(domains, mixings, WORST, worst_oracle)
        end = f"; its worst domain is {worst}" if worst else ""
        sentences.append([over if not sentences else "", Strong(regime), f" is {overall}{end}."])
    return sentences


def ranks(domains: Domains) -> list[Sentence]:
    """Return the encoder with the lowest mean rank, and how certain that is.

    Args:
        domains: results of several regimes.
    """
    if not domains.standings:
        return []
    best = min(domains.standings, key=lambda s: s.rank.value)
    share = "" if best.first is None else f", the lowest in {format_percent(best.first)} of resamples of the seeds"
    if best.first_by_chance is not None:
        share += f" ({format_percent(best.first_by_chance)} on average if all encoders were equal)"
    text = f" has the lowest mean rank, {format_estimate(best.rank, 2)} among {len(domains.standings)} encoders{share}."
    if len(domains.seeds) < FEW:
        seeds, benchmarks = len(domains.seeds), len(domains.benchmarks)
        text += f" Ranks of {format_count(seeds, 'seed')} and {format_count(benchmarks, 'benchmark')} are uncertain."
    return [[Strong(best.encoder.name), text]]


def transfer_matrix(domains: Domains, study: Study) -> ShadedTable:
    """Return encoders by benchmarks, shaded within a benchmark from the lowest to the highest mean.

    Args:
        domains: results of several regimes.
        study: the study, for titles of benchmarks.
    """
    head = ("pretrained", *(_title(study, b) for b in domains.benchmarks))
    cells = domains.cells or {}
    lines: list[tuple[str, str, list[Estimate | None]]] = [
        (e.variant, e.regime, [cells.get((e, b)) for b in domains.benchmarks]) for e in domains.encoders
    ]
    if domains.untrained:
        lines.append(("random init", "not pretrained", [domains.untrained.get(b) for b in domains.benchmarks]))
    columns = [
        [estimate.value for _, _, estimates in lines if (estimate := estimates[k]) is not None]
        for k in range(len(domains.benchmarks))
    ]
    return head, [
        (name, below, [_shaded(estimate, columns[k]) for k, estimate in enumerate(estimates)])
        for name, below, estimates in lines
    ]


def transfer_rows(domains: Domains, study: Study) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return the transfer matrix as plain text: heading and rows.

    Args:
        domains: results of several regimes.
        study: the study, for titles of benchmarks.
    """
    head, lines = transfer_matrix(domains, study)
    rows = [[f"{name} · {below}", *(f"{c.text} {c.below}".strip() for c in cells)] for name, below, cells in lines]
    return head, rows


def standing_rows(domains: Domains) -> list[list[str]]:
    """Return one row an encoder, the lowest mean rank first (columns: ``STANDINGS``).

    Args:
        domains: results of several regimes.
    """
    return [
        [
            s.encoder.name,
            format_estimate(s.rank, 2),
            DASH if s.first is None else format_percent(s.first),
            DASH if s.worst is None else format_signed_estimate(s.worst),
            ", ".join(f"{name} {n}" for name, n in s.worst_on.items()) or DASH,
            DASH if s.worst_effect is None else format_effect(s.worst_effect),
            DASH if s.worst_effect is None else format_p(s.worst_effect.p_adjusted),
        ]
        for s in sorted(domains.standings, key=lambda s: s.rank.value)
    ]


def best_rows(domains: Domains) -> list[list[str]]:
    """Return one row a benchmark (columns: ``BESTS``).

    Args:
        domains: results of several regimes.
    """
    return [
        [
            b.benchmark,
            b.regime,
            b.ahead.reference,
            format_effect(b.ahead),
            DASH if b.share is None else format_percent(b.share),
        ]
        for b in domains.bests
    ]


def mixing_rows(domains: Domains) -> list[list[str]]:
    """Return one row an effect of a mixed regime (columns: ``MIXED``).

    Args:
        domains: results of several regimes.
    """
    return [
        [
            m.variant,
            m.mixed,
            m.opponent,
            e.benchmark,
            single or DASH,
            str(e.n),
            format_effect(e),
            format_p(e.p),
            format_p(e.p_adjusted),
        ]
        for m in domains.mixings
        for e, single in zip(m.effects, m.singles, strict=True)
    ]


def _directions(domains: Domains, mixings: Sequence[Mixing], benchmark: str, opponent: str) -> str:
    """Return 'above X with ld (…), below it with baseline (…) and not clearly different from it with fwm (…)'."""
    variants = {id(e): m.variant for m in mixings for e in m.effects if e.benchmark == benchmark}
    effects = [e for m in mixings for e in m.effects if e.benchmark == benchmark]
    groups = group_by_direction(effects, domains.sentence_family)
    parts = []
    for group, words in zip(groups, DIRECTION_WORDS, strict=True):
        names = [f"{variants[id(e)]} ({format_effect(e)})" for e in effects if e in group]
        if names:
            parts.append(f"{words} {'it' if parts else opponent} with {join_words(names)}")
    return join_words(parts)


def _title(study: Study, benchmark: str) -> str:
    return str(study.benchmark_info.get(benchmark, {}).get("title") or benchmark)


def _shaded(estimate: Estimate | None, column: Sequence[float]) -> ShadedCell:
    if estimate is None:
        return ShadedCell(DASH)
    interval = "" if estimate.interval is None else format_interval(estimate.interval)
    return ShadedCell(format_number(estimate.value), interval, heat(estimate.value, column))
