"""What the scores of one regime on one benchmark give away: clusters, seeds, unequal probes, tiny differences.

A cell is all scores that belong side by side in a table. Thresholds stand here; each rule is one function.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import numpy as np
from scipy import stats

from auxjepa.evidence.arithmetic import some
from auxjepa.evidence.entry import Anomaly
from auxjepa.evidence.published import PublishedScore, Quoted, quote
from auxjepa.evidence.significance import holm
from auxjepa.evidence.verdicts import count, probability, signed

Cell = list[PublishedScore]

ALPHA = 0.05
CLUSTER = 3  # variants
TIGHT = 0.5  # a cluster's spread, in standard errors of one score
APART = 5.0  # its distance from the next score, in its spreads (and at least one standard error)


def clusters(regime: str, benchmark: str, cell: Cell, reference: str) -> Iterator[Anomaly]:
    """Different variants score closer together than one would repeat on other examples, and apart from the rest."""
    rows = sorted(cell, key=lambda s: s.top1)
    for first, last in combinations(range(len(rows)), 2):
        group = rows[first : last + 1]
        if len({row.variant for row in group}) < CLUSTER:
            continue
        spread = group[-1].top1 - group[0].top1
        share, n = np.mean([row.top1 for row in group]) / 100, group[0].n_test
        error = 100 * math.sqrt(share * (1 - share) / n)
        if not error:  # all right or all wrong: no number of examples tells these apart
            continue
        ends = ([rows[first - 1].top1] if first else []) + ([rows[last + 1].top1] if last + 1 < len(rows) else [])
        gap = min((min(abs(e - group[0].top1), abs(e - group[-1].top1)) for e in ends), default=math.inf)
        if spread > TIGHT * error or gap < max(APART * spread, error):
            continue
        p = float(stats.studentized_range.cdf(spread / error, len(group), np.inf)) if spread else 0.0
        yield Anomaly(
            rule="cluster",
            regime=regime,
            benchmark=benchmark,
            variants=tuple(row.variant for row in group),
            message=f"{some([row.variant for row in group])} lie within {spread:.2f} points ({group[0].top1:.2f} to "
            f"{group[-1].top1:.2f}, {count(group[-1].correct - group[0].correct, 'example')} of {n}), one score's "
            f"standard error being {error:.2f} (p {probability(p)} for independent scores of equal networks)",
            numbers={"spread": spread, "standard_error": error, "p": p, "low": group[0].top1, "high": group[-1].top1},
        )


def reference_seeds(regime: str, benchmark: str, cell: Cell, reference: str) -> Iterator[Anomaly]:
    """The reference has seeds that no variant has: its differences mix the objective with the seed."""
    own = {s.seed for s in cell if s.variant == reference}
    others = {s.seed for s in cell if s.variant != reference}
    odd = sorted(own - others)
    if odd and others:
        common = sorted(own & others)
        also = f"; {reference} of seed {_list(common)} is there too and should be used" if common else ""
        yield Anomaly(
            rule="reference_seed",
            regime=regime,
            benchmark=benchmark,
            variants=(reference,),
            message=f"{reference} has seed {_list(odd)}, every other variant seed {_list(sorted(others))}{also}",
            numbers={"in_common": len(common)},
        )


def seed_noise(regime: str, benchmark: str, cell: Cell, reference: str) -> Iterator[Anomaly]:
    """How far one variant's seeds lie apart, and what that does to the others' differences."""
    for variant in dict.fromkeys(s.variant for s in cell):
        rows = sorted((s for s in cell if s.variant == variant), key=lambda s: s.seed)
        if len(rows) < 2:
            continue
        low, high = min(rows, key=lambda s: s.top1), max(rows, key=lambda s: s.top1)
        distance = high.top1 - low.top1
        message = (
            f"{variant} scores {_scores(rows)} with seeds {_list([s.seed for s in rows])}: {distance:.2f} points of "
        )
        message += "seed noise"
        others = [s.top1 for s in cell if s.variant != variant] if variant == reference else []
        turned = sum(low.top1 < top1 < high.top1 for top1 in others)
        if others:
            message += (
                f"; {turned} of {len(others)} variants lie between them, so that the sign of their effect is the seed's"
            )
        yield Anomaly(
            rule="seed_noise",
            regime=regime,
            benchmark=benchmark,
            variants=(variant,),
            message=message,
            numbers={"distance": distance, "turned": turned, "others": len(others)},
        )


def unequal_epochs(regime: str, benchmark: str, cell: Cell, reference: str) -> Iterator[Anomaly]:
    """Probes of one benchmark were trained for different numbers of epochs."""
    counted = Counter(s.epochs for s in cell)
    if len(counted) > 1:
        usual = counted.most_common(1)[0][0]
        odd = [s for s in cell if s.epochs != usual]
        yield Anomaly(
            rule="unequal_epochs",
            regime=regime,
            benchmark=benchmark,
            variants=tuple(s.variant for s in odd),
            message=f"probed for {usual} epochs, but {', '.join(f'{s.variant} for {s.epochs}' for s in odd)}",
            numbers={"usual": usual, "odd": len(odd)},
        )


def within_sampling(regime: str, benchmark: str, cell: Cell, reference: str) -> Iterator[Anomaly]:
    """Variants that test examples alone can't tell from the reference, seeds not even counted."""
    named: dict[str, list[PublishedScore]] = defaultdict(list)
    for score in cell:
        named[score.variant].append(score)
    seeds = sorted({s.seed for s in named.get(reference, [])})
    pairs = [quote(rows, named.get(reference, []), seeds[0]) for v, rows in named.items() if v != reference and seeds]
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
            f"(seed {seeds[0]}, Holm): {some([_apart(q) for q in close])}",
            numbers={"within": len(close), "variants": len(quoted)},
        )


RULES: tuple[Callable[[str, str, Cell, str], Iterator[Anomaly]], ...] = (
    clusters,
    reference_seeds,
    seed_noise,
    unequal_epochs,
    within_sampling,
)


def _apart(q: Quoted) -> str:
    number = f"{q.examples:+d}".replace("-", "\N{MINUS SIGN}")
    about = "" if q.exact else "about "
    return f"{q.variant} {signed(q.difference, 2)} ({about}{number} of {q.n[0]}, p {probability(q.p)})"


def _scores(rows: Sequence[PublishedScore]) -> str:
    return " and ".join(f"{row.top1:.2f}" for row in rows)


def _list(seeds: Sequence[int]) -> str:
    return " and ".join(map(str, seeds))
