"""Anomalies of a table of scores: coincidences, unequal conditions and gaps. Each rule is one function.

The rules do not depend on any claim or result. They can read every table of the published form.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from auxjepa.evidence.ledger import cell_anomalies
from auxjepa.evidence.ledger.entry import Anomaly
from auxjepa.evidence.ledger.published import PublishedScore, main_heads, untrained_rows
from auxjepa.evidence.statistics.intervals import wilson
from auxjepa.evidence.wording import format_count, format_p
from auxjepa.lists import shorten_list

SHARED = 3
"""Smallest number of rows with the same count that is an anomaly: pairs are common in any long table."""
COINCIDENCE = 0.5
"""Number of groups of that size expected by chance, above which equal counts are no anomaly."""
WIDE = 5.0
"""Half width of a Wilson interval in points, from which a test set is tiny."""
CONTROLS = {
    "random init": ("random_init", "random"),
    "majority class": ("majority",),
    "raw pixels": ("raw_pixels", "pixels"),
    "chance": ("chance",),
}
"""Controls that every table needs, and their possible names in it."""


def find_anomalies(
    scores: Sequence[PublishedScore], *, reference: str = "baseline", untrained: Iterable[str] | None = None
) -> list[Anomaly]:
    """Return the anomalies that every rule finds, in the order of the rules.

    Args:
        scores: scores of a results table.
        reference: variant that the others are compared with.
        untrained: ``regime/variant`` of rows whose probed network was never trained; those of the published table when
            unset.
    """
    names = untrained_rows() if untrained is None else frozenset(untrained)
    by_cell = _by_cell(main_heads(scores))
    anomalies: list[Anomaly] = [*identical_counts(scores), *never_trained(scores, names)]
    for rule in cell_anomalies.RULES:
        anomalies += [a for (regime, name), cell in by_cell.items() for a in rule(regime, name, cell, reference)]
    return [*anomalies, *tiny_tests(scores), *missing_controls(scores), *missing_cells(scores)]


def shared_counts(scores: Sequence[PublishedScore]) -> Iterator[tuple[list[PublishedScore], float]]:
    """Return groups of rows of a benchmark with the same exact count, each with the number expected by chance.

    The expectation treats the counts as independent draws from one normal density: the number of r-tuples times the
    probability that r draws are equal.

    Args:
        scores: scores of a results table.
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
    """Return groups of rows with equal numbers of correct examples, where chance does not explain them.

    Args:
        scores: scores of a results table.
    """
    for rows, chance in shared_counts(scores):
        if chance > COINCIDENCE:
            continue
        k, n = rows[0].correct, rows[0].n_test
        names = tuple(row.name for row in rows)
        yield Anomaly(
            rule="identical_counts",
            benchmark=rows[0].benchmark,
            variants=names,
            message=f"{shorten_list(names)} all have exactly {k} of {n} examples right; by chance {format_p(chance)} "
            "such groups are expected; identical predictions, or one class for all examples, would explain it",
            numbers={"correct": k, "n_test": n, "rows": len(rows), "expected": chance},
        )


def never_trained(scores: Sequence[PublishedScore], untrained: frozenset[str]) -> Iterator[Anomaly]:
    """Return the scores of networks that no training step changed.

    Args:
        scores: scores of a results table.
        untrained: ``regime/variant`` of rows whose probed network was never trained.
    """
    rows = [score for score in scores if score.name in untrained]
    if rows:
        names = tuple(dict.fromkeys(row.name for row in rows))
        yield Anomaly(
            rule="never_trained",
            variants=names,
            message=f"{format_count(len(rows), 'score')} of {len(scores)} are of a network at its random "
            f"initialisation (EMA off, the teacher is probed): {', '.join(names)}",
            numbers={"scores": len(rows)},
        )


def tiny_tests(scores: Sequence[PublishedScore]) -> Iterator[Anomaly]:
    """Return test sets that are so small that their scores are very uncertain.

    Args:
        scores: scores of a results table.
    """
    by_test: dict[tuple[str, int], list[PublishedScore]] = defaultdict(list)
    for score in scores:
        by_test[score.benchmark, score.n_test].append(score)
    for (benchmark, n), rows in by_test.items():
        ends = {row: wilson(row.correct / n, n) for row in rows}
        if max(high - low for low, high in ends.values()) < 2 * WIDE / 100:
            continue
        intervals = [f"{r.variant} {r.top1:.1f} [{100 * low:.1f}, {100 * high:.1f}]" for r, (low, high) in ends.items()]
        yield Anomaly(
            rule="tiny_test",
            benchmark=benchmark,
            variants=tuple(row.variant for row in rows),
            message=f"{n} test examples, each worth {100 / n:.2g} points; 95 % Wilson intervals: "
            f"{shorten_list(intervals)}",
            numbers={"n_test": n, "points_per_example": 100 / n}
            | {
                f"{r.variant} {end}": 100 * v
                for r, both in ends.items()
                for end, v in zip(("low", "high"), both, strict=True)
            },
        )


def missing_controls(scores: Sequence[PublishedScore]) -> Iterator[Anomaly]:
    """Return the controls that the table lacks.

    Args:
        scores: scores of a results table.
    """
    names = {score.variant for score in scores}
    missing = [control for control, aliases in CONTROLS.items() if not names & set(aliases)]
    if missing:
        yield Anomaly(
            rule="missing_controls",
            message=f"no {', no '.join(missing)} in the table, so it is unknown how much of a score pretraining adds",
            numbers={"missing": len(missing)},
        )


def missing_cells(scores: Sequence[PublishedScore]) -> Iterator[Anomaly]:
    """Return the variants that were not scored on every benchmark of their regime.

    Args:
        scores: scores of a results table.
    """
    for regime in dict.fromkeys(s.regime for s in scores):
        rows = [s for s in scores if s.regime == regime]
        names, benchmarks = (dict.fromkeys(getattr(s, key) for s in rows) for key in ("variant", "benchmark"))
        present = {(s.variant, s.benchmark) for s in rows}
        absent = [f"{v} on {b}" for v in names for b in benchmarks if (v, b) not in present]
        if absent:
            planned = len(names) * len(benchmarks)
            yield Anomaly(
                rule="missing_cells",
                regime=regime,
                variants=tuple(dict.fromkeys(a.partition(" on ")[0] for a in absent)),
                message=f"{len(absent)} of {planned} scores are missing: {shorten_list(absent)}",
                numbers={"missing": len(absent), "planned": planned},
            )


def _by_cell(scores: Iterable[PublishedScore]) -> dict[tuple[str, str], list[PublishedScore]]:
    by_cell: dict[tuple[str, str], list[PublishedScore]] = defaultdict(list)
    for score in scores:
        by_cell[score.regime, score.benchmark].append(score)
    return by_cell
