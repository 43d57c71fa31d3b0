"""Paired effects of a variant against a reference: one difference per seed.

Seeds pair runs: a seed fixes initialisation, data order, masks and probe of every variant. So the difference of two
scores with the same seed does not contain what the seed does to both. Only seeds that both sides have are compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from auxjepa.evidence.statistics import significance
from auxjepa.evidence.statistics.intervals import bca_interval, seed_interval
from auxjepa.evidence.statistics.records import (
    FEWEST_SEEDS,
    ComparisonError,
    CorrectnessReader,
    Effect,
    ProtocolMismatch,
    SampleTest,
)
from auxjepa.evidence.statistics.rounding import differences, remove_rounding, standard_deviation
from auxjepa.rows import Row


def paired_effect(
    scores: Mapping[int, float],
    reference_scores: Mapping[int, float],
    *,
    variant: str,
    reference: str,
    benchmark: str,
    alpha: float = 0.05,
    sample_tests: Sequence[SampleTest] = (),
) -> Effect:
    """Return the effect from scores by seed. A family of effects is corrected with :func:`adjust` afterwards.

    Args:
        scores: scores of the variant by seed.
        reference_scores: scores of the reference by seed.
        variant: name of the variant.
        reference: name of the reference.
        benchmark: name of the benchmark.
        alpha: significance level; the intervals have confidence ``1 - alpha``.
        sample_tests: McNemar tests by seed, kept in the effect.

    Raises:
        ComparisonError: when the two sides have no seed in common.
    """
    seeds = tuple(sorted(scores.keys() & reference_scores.keys()))
    if not seeds:
        raise ComparisonError(
            f"{variant} and {reference} have no seed in common on {benchmark}: "
            f"{_list_seeds(scores)} against {_list_seeds(reference_scores)}"
        )
    first = tuple(float(scores[s]) for s in seeds)
    second = tuple(float(reference_scores[s]) for s in seeds)
    difference = differences(first, second)
    n, mean = len(seeds), float(difference.mean())
    sd = standard_deviation(difference.tolist()) if n > 1 else None
    cross = remove_rounding(np.subtract.outer(first, second), [*first, *second])
    effect = Effect(
        variant=variant,
        reference=reference,
        benchmark=benchmark,
        seeds=seeds,
        scores=first,
        reference_scores=second,
        unpaired=tuple(sorted(scores.keys() ^ reference_scores.keys())),
        alpha=alpha,
        comparisons=1,
        mean=mean,
        median=float(np.median(difference)),
        sd=sd,
        interval=seed_interval(list(difference), 1 - alpha),
        bca=bca_interval(list(difference), 1 - alpha) if n >= FEWEST_SEEDS and sd else None,
        p=significance.sign_flip_p(list(difference)),
        p_adjusted=1.0,
        smallest_p_adjusted=1.0,
        improvement=float(np.mean(cross > 0) + np.mean(cross == 0) / 2),
        wins=int(np.sum(difference > 0)),
        standardised=mean / sd if sd else None,
        sample_tests=tuple(sample_tests),
    )
    return adjust([effect])[0]


def compare(
    variant: Sequence[Row],
    reference: Sequence[Row],
    *,
    correct: CorrectnessReader | None = None,
    alpha: float = 0.05,
    names: tuple[str, str] | None = None,
) -> Effect:
    """Return the effect of ``variant`` rows against ``reference`` rows on one benchmark.

    Args:
        variant: rows of the variant, one a seed.
        reference: rows of the reference, one a seed.
        correct: reads the marks of a row (``RowStore.correct``), for McNemar tests seed by seed.
        alpha: significance level.
        names: names of the two sides; the variants of the rows when unset.

    Raises:
        ProtocolMismatch: when benchmark, benchmark hash, protocol hash or metric differ between any two rows.
        ComparisonError: when a side is empty, when a side has a seed twice, or when no seed is on both sides.
    """
    for rows, name in zip((variant, reference), names or ("the variant", "the reference"), strict=True):
        if not rows:
            raise ComparisonError(f"there is no score of {name}")
    check_comparable([*variant, *reference])
    first, second = _by_seed(variant), _by_seed(reference)
    tests = []
    for seed in sorted(first.keys() & second.keys()):
        marks = [correct(rows[seed]) for rows in (first, second)] if correct else [None, None]
        if marks[0] is not None and marks[1] is not None and len(marks[0]) == len(marks[1]):
            a, b = int(np.sum(marks[0] & ~marks[1])), int(np.sum(marks[1] & ~marks[0]))
            tests.append(SampleTest(seed, a, b, significance.mcnemar_p(a, b)))
    return paired_effect(
        {seed: row.score for seed, row in first.items()},
        {seed: row.score for seed, row in second.items()},
        variant=names[0] if names else variant[0].variant,
        reference=names[1] if names else reference[0].variant,
        benchmark=variant[0].benchmark,
        alpha=alpha,
        sample_tests=tests,
    )


def check_comparable(rows: Sequence[Row]) -> None:
    """Check that all rows were measured on the same benchmark, under the same protocol, with the same metric.

    Args:
        rows: the rows to compare.

    Raises:
        ProtocolMismatch: for the first row that differs from the first row of all.
    """
    for what in ("benchmark", "benchmark_hash", "protocol_hash", "metric"):
        for row in rows[1:]:
            if getattr(row, what) != getattr(rows[0], what):
                first, second = (_describe(r, what) for r in (rows[0], row))
                raise ProtocolMismatch(what.removesuffix("_hash"), first, second)


def adjust(effects: Sequence[Effect], method: str = "holm") -> tuple[Effect, ...]:
    """Return the effects as one family: p values corrected, power for this number of comparisons.

    Args:
        effects: every effect of the family.
        method: ``"holm"`` or ``"benjamini_hochberg"``.

    Raises:
        ValueError: for another method.
    """
    methods = significance.CORRECTIONS
    if method not in methods:
        raise ValueError(f"unknown correction {method!r}: use one of {', '.join(methods)}")
    adjusted = methods[method]([e.p for e in effects])
    smallest = methods[method]([significance.smallest_p(e.n) for e in effects])
    m = len(effects)
    return tuple(
        replace(
            e,
            comparisons=m,
            p_adjusted=float(p),
            smallest_p_adjusted=float(least),
        )
        for e, p, least in zip(effects, adjusted, smallest, strict=True)
    )


def _by_seed(rows: Sequence[Row]) -> dict[int, Row]:
    by_seed: dict[int, Row] = {}
    for row in rows:
        if row.seed in by_seed:
            raise ComparisonError(f"{row.variant} has two scores for seed {row.seed} on {row.benchmark}")
        by_seed[row.seed] = row
    return by_seed


def _describe(row: Row, what: str) -> str:
    who = f"{row.variant} seed {row.seed}"
    if what == "protocol_hash":
        return f"{who} ({row.protocol} {row.protocol_hash})"
    if what == "benchmark_hash":
        return f"{who} ({row.benchmark} {row.benchmark_hash})"
    return f"{who} ({getattr(row, what)})"


def _list_seeds(seeds: Mapping[int, float]) -> str:
    return "seeds " + ", ".join(map(str, sorted(seeds))) if seeds else "no seed"
