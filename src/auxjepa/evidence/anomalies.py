"""What a table of scores gives away by itself, whatever is claimed from it. Each rule is one function.

The rules know no result: they look for coincidences, unequal conditions and gaps in any table of the published form.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from auxjepa.evidence import cells
from auxjepa.evidence.arithmetic import some
from auxjepa.evidence.entry import Anomaly
from auxjepa.evidence.intervals import wilson
from auxjepa.evidence.published import PublishedScore, main_heads, untrained
from auxjepa.evidence.verdicts import count, probability

SHARED = 3  # rows with one and the same count: pairs are common in any long table
COINCIDENCE = 0.5  # groups of that size expected by chance, above which equal counts are no surprise
WIDE = 5.0  # points to either side of a score: a test set that leaves so much open is tiny
CONTROLS = {
    "random init": ("random_init", "random"),
    "majority class": ("majority",),
    "raw pixels": ("raw_pixels", "pixels"),
    "chance": ("chance",),
}
"""What every table should have, and names it could stand under."""


def find(
    scores: Sequence[PublishedScore], *, reference: str = "baseline", unfit: Iterable[str] | None = None
) -> list[Anomaly]:
    """Every rule's findings, in the order of the rules.

    Args:
        reference: the variant that the others are compared with.
        unfit: ``regime/variant`` of rows whose probed network was never trained; those this package knows when unset.
    """
    bad = untrained() if unfit is None else frozenset(unfit)
    by_cell = _by_cell(main_heads(scores))
    found: list[Anomaly] = [*identical_counts(scores), *never_trained(scores, bad)]
    for rule in cells.RULES:
        found += [a for (regime, name), cell in by_cell.items() for a in rule(regime, name, cell, reference)]
    return [*found, *tiny_tests(scores), *missing_controls(scores), *missing_cells(scores)]


def shared_counts(scores: Sequence[PublishedScore]) -> Iterator[tuple[list[PublishedScore], float]]:
    """Groups of rows of a benchmark with the same exact count, and how many groups of that size chance would give.

    The expectation takes the counts as independent draws from one normal density: the number of r-tuples times the
    chance that r draws coincide.
    """
    by_test: dict[tuple[str, int], list[PublishedScore]] = defaultdict(list)
    for score in scores:
        if score.counts[0] == score.counts[1]:
            by_test[score.benchmark, score.n_test].append(score)
    for rows in by_test.values():
        counts = Counter(row.correct for row in rows)
        spread = max(float(np.std([row.correct for row in rows])), 1.0)
        for number, r in counts.items():
            if r >= SHARED:
                chance = math.comb(len(rows), r) * (2 * math.pi * spread**2) ** (-(r - 1) / 2) / math.sqrt(r)
                yield [row for row in rows if row.correct == number], chance


def identical_counts(scores: Sequence[PublishedScore]) -> Iterator[Anomaly]:
    """Several rows got exactly as many examples right, more rows than chance explains."""
    for rows, chance in shared_counts(scores):
        if chance > COINCIDENCE:
            continue
        k, n = rows[0].correct, rows[0].n_test
        names = tuple(row.name for row in rows)
        yield Anomaly(
            rule="identical_counts",
            benchmark=rows[0].benchmark,
            variants=names,
            message=f"{some(names)} all have exactly {k} of {n} examples right; by chance {probability(chance)} such "
            "groups would be expected: the same predictions, or one class always answered, would explain it",
            numbers={"correct": k, "n_test": n, "rows": len(rows), "expected": chance},
        )


def never_trained(scores: Sequence[PublishedScore], unfit: frozenset[str]) -> Iterator[Anomaly]:
    """Scores of a network that no training step changed."""
    rows = [score for score in scores if score.name in unfit]
    if rows:
        names = tuple(dict.fromkeys(row.name for row in rows))
        yield Anomaly(
            rule="never_trained",
            variants=names,
            message=f"{count(len(rows), 'score')} of {len(scores)} are of a network at its random initialisation "
            f"(EMA off, the teacher is probed): {', '.join(names)}",
            numbers={"scores": len(rows)},
        )


def tiny_tests(scores: Sequence[PublishedScore]) -> Iterator[Anomaly]:
    """Test sets so small that their scores say little."""
    by_test: dict[tuple[str, int], list[PublishedScore]] = defaultdict(list)
    for score in scores:
        by_test[score.benchmark, score.n_test].append(score)
    for (benchmark, n), rows in by_test.items():
        ends = {row: wilson(row.correct / n, n) for row in rows}
        if max(high - low for low, high in ends.values()) < 2 * WIDE / 100:
            continue
        told = [f"{r.variant} {r.top1:.1f} [{100 * low:.1f}, {100 * high:.1f}]" for r, (low, high) in ends.items()]
        yield Anomaly(
            rule="tiny_test",
            benchmark=benchmark,
            variants=tuple(row.variant for row in rows),
            message=f"{n} test examples, each {100 / n:.2g} points; 95 % Wilson intervals: {some(told)}",
            numbers={"n_test": n, "points_per_example": 100 / n}
            | {
                f"{r.variant} {end}": 100 * v
                for r, both in ends.items()
                for end, v in zip(("low", "high"), both, strict=True)
            },
        )


def missing_controls(scores: Sequence[PublishedScore]) -> Iterator[Anomaly]:
    """Controls that the table lacks."""
    names = {score.variant for score in scores}
    lacking = [control for control, called in CONTROLS.items() if not names & set(called)]
    if lacking:
        yield Anomaly(
            rule="missing_controls",
            message=f"no {', no '.join(lacking)} in the table: how much of a score is pretraining's isn't known",
            numbers={"missing": len(lacking)},
        )


def missing_cells(scores: Sequence[PublishedScore]) -> Iterator[Anomaly]:
    """Variants that were not scored on every benchmark of their regime."""
    for regime in dict.fromkeys(s.regime for s in scores):
        own = [s for s in scores if s.regime == regime]
        names, benchmarks = (dict.fromkeys(getattr(s, key) for s in own) for key in ("variant", "benchmark"))
        there = {(s.variant, s.benchmark) for s in own}
        absent = [f"{v} on {b}" for v in names for b in benchmarks if (v, b) not in there]
        if absent:
            yield Anomaly(
                rule="missing_cells",
                regime=regime,
                variants=tuple(dict.fromkeys(a.partition(" on ")[0] for a in absent)),
                message=f"{len(absent)} of {len(names) * len(benchmarks)} scores are missing: {some(absent)}",
                numbers={"missing": len(absent), "planned": len(names) * len(benchmarks)},
            )


def _by_cell(scores: Iterable[PublishedScore]) -> dict[tuple[str, str], list[PublishedScore]]:
    by_cell: dict[tuple[str, str], list[PublishedScore]] = defaultdict(list)
    for score in scores:
        by_cell[score.regime, score.benchmark].append(score)
    return by_cell
