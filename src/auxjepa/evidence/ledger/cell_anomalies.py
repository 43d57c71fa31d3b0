"""Anomalies of the scores of one regime on one benchmark: clusters, seeds, unequal probes, tiny differences.

A cell is all scores that a table shows next to each other. Each rule is one function.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import numpy as np
from scipy import stats

from auxjepa.evidence.ledger.entry import Anomaly
from auxjepa.evidence.ledger.published import PublishedScore, QuotedDifference, quote
from auxjepa.evidence.statistics.significance import holm
from auxjepa.evidence.wording import MINUS, format_count, format_p, format_signed
from auxjepa.lists import shorten_list

Cell = list[PublishedScore]

ALPHA = 0.05
CLUSTER = 3
"""Smallest number of variants in a cluster."""
TIGHT = 0.5
"""Largest spread of a cluster, in standard errors of one score."""
APART = 5.0
"""Smallest distance of a cluster from the next score, in its spreads; it is also at least one standard error."""


def clusters(regime: str, benchmark: str, cell: Cell, reference: str) -> Iterator[Anomaly]:
    """Return variants that score closer together than one would repeat on other examples, and apart from the others.

    Args:
        regime: pretraining regime of the cell.
        benchmark: benchmark of the cell.
        cell: scores of the cell.
        reference: name of the reference.
    """
    rows = sorted(cell, key=lambda s: s.top1)
    for first, last in combinations(range(len(rows)), 2):
        group = rows[first : last + 1]
        if len({row.variant for row in group}) < CLUSTER:
            continue
        spread = group[-1].top1 - group[0].top1
        share, n = np.mean([row.top1 for row in group]) / 100, group[0].n_test
        error = 100 * math.sqrt(share * (1 - share) / n)
        if not error:  # scores of 0 % or 100 %: no number of examples distinguishes such variants
            continue
        ends = ([rows[first - 1].top1] if first else []) + ([rows[last + 1].top1] if last + 1 < len(rows) else [])
        gap = min((min(abs(e - group[0].top1), abs(e - group[-1].top1)) for e in ends), default=math.inf)
        if spread > TIGHT * error or gap < max(APART * spread, error):
            continue
        p = float(stats.studentized_range.cdf(spread / error, len(group), np.inf)) if spread else 0.0
        examples = format_count(group[-1].correct - group[0].correct, "example")
        yield Anomaly(
            rule="cluster",
            regime=regime,
            benchmark=benchmark,
            variants=tuple(row.variant for row in group),
            message=f"{shorten_list([row.variant for row in group])} are within {spread:.2f} points "
            f"({group[0].top1:.2f} to {group[-1].top1:.2f}, {examples} of {n}); the standard error of one score is "
            f"{error:.2f} (p {format_p(p)} for independent scores of equal networks)",
            numbers={"spread": spread, "standard_error": error, "p": p, "low": group[0].top1, "high": group[-1].top1},
        )


def reference_seeds(regime: str, benchmark: str, cell: Cell, reference: str) -> Iterator[Anomaly]:
    """Return seeds that only the reference has: its differences then mix objective and seed.

    Args:
        regime: pretraining regime of the cell.
        benchmark: benchmark of the cell.
        cell: scores of the cell.
        reference: name of the reference.
    """
    seeds = {s.seed for s in cell if s.variant == reference}
    variant_seeds = {s.seed for s in cell if s.variant != reference}
    unshared = sorted(seeds - variant_seeds)
    if unshared and variant_seeds:
        common = sorted(seeds & variant_seeds)
        also = f"; {reference} of seed {_list(common)} also exists and should be used" if common else ""
        yield Anomaly(
            rule="reference_seed",
            regime=regime,
            benchmark=benchmark,
            variants=(reference,),
            message=f"{reference} has seed {_list(unshared)}, every other variant has seed "
            f"{_list(sorted(variant_seeds))}{also}",
            numbers={"in_common": len(common)},
        )


def seed_noise(regime: str, benchmark: str, cell: Cell, reference: str) -> Iterator[Anomaly]:
    """Return the distance between the seeds of one variant, and its effect on the differences of the others.

    Args:
        regime: pretraining regime of the cell.
        benchmark: benchmark of the cell.
        cell: scores of the cell.
        reference: name of the reference.
    """
    for variant in dict.fromkeys(s.variant for s in cell):
        rows = sorted((s for s in cell if s.variant == variant), key=lambda s: s.seed)
        if len(rows) < 2:
            continue
        low, high = min(rows, key=lambda s: s.top1), max(rows, key=lambda s: s.top1)
        distance = high.top1 - low.top1
        message = (
            f"{variant} scores {_scores(rows)} with seeds {_list([s.seed for s in rows])}: "
            f"{distance:.2f} points of seed noise"
        )
        variants = [s.top1 for s in cell if s.variant != variant] if variant == reference else []
        between = sum(low.top1 < top1 < high.top1 for top1 in variants)
        if variants:
            message += (
                f"; {between} of {len(variants)} variants are between them, so the sign of their effect depends on the "
                "seed"
            )
        yield Anomaly(
            rule="seed_noise",
            regime=regime,
            benchmark=benchmark,
            variants=(variant,),
            message=message,
            numbers={"distance": distance, "turned": between, "others": len(variants)},
        )


def unequal_epochs(regime: str, benchmark: str, cell: Cell, reference: str) -> Iterator[Anomaly]:
    """Return the probes of one benchmark that were trained for another number of epochs than the others.

    Args:
        regime: pretraining regime of the cell.
        benchmark: benchmark of the cell.
        cell: scores of the cell.
        reference: name of the reference.
    """
    counts = Counter(s.epochs for s in cell)
    if len(counts) > 1:
        usual = counts.most_common(1)[0][0]
        unusual = [s for s in cell if s.epochs != usual]
        yield Anomaly(
            rule="unequal_epochs",
            regime=regime,
            benchmark=benchmark,
            variants=tuple(s.variant for s in unusual),
            message=f"probed for {usual} epochs, but {', '.join(f'{s.variant} for {s.epochs}' for s in unusual)}",
            numbers={"usual": usual, "odd": len(unusual)},
        )


def within_sampling(regime: str, benchmark: str, cell: Cell, reference: str) -> Iterator[Anomaly]:
    """Return the variants that the test examples alone cannot distinguish from the reference; seeds are not counted.

    Args:
        regime: pretraining regime of the cell.
        benchmark: benchmark of the cell.
        cell: scores of the cell.
        reference: name of the reference.
    """
    by_variant: dict[str, list[PublishedScore]] = defaultdict(list)
    for score in cell:
        by_variant[score.variant].append(score)
    reference_rows = by_variant.get(reference, [])
    seeds = sorted({s.seed for s in reference_rows})
    pairs = [quote(rows, reference_rows, seeds[0]) for v, rows in by_variant.items() if v != reference and seeds]
    quoted = [q for q in pairs if q is not None]
    p = holm([q.p for q in quoted])
    close = sorted((q for q, value in zip(quoted, p, strict=True) if value > ALPHA), key=lambda q: abs(q.examples))
    if close:
        yield Anomaly(
            rule="within_sampling",
            regime=regime,
            benchmark=benchmark,
            variants=tuple(q.variant for q in close),
            message=f"{len(close)} of {len(quoted)} variants are within sampling error of {reference} "
            f"(seed {seeds[0]}, Holm): {shorten_list([_describe(q) for q in close])}",
            numbers={"within": len(close), "variants": len(quoted)},
        )


RULES: tuple[Callable[[str, str, Cell, str], Iterator[Anomaly]], ...] = (
    clusters,
    reference_seeds,
    seed_noise,
    unequal_epochs,
    within_sampling,
)


def _describe(q: QuotedDifference) -> str:
    number = f"{q.examples:+d}".replace("-", MINUS)
    about = "" if q.exact else "about "
    return f"{q.variant} {format_signed(q.difference, 2)} ({about}{number} of {q.n[0]}, p {format_p(q.p)})"


def _scores(rows: Sequence[PublishedScore]) -> str:
    return " and ".join(f"{row.top1:.2f}" for row in rows)


def _list(seeds: Sequence[int]) -> str:
    return " and ".join(map(str, seeds))
