"""Paired effects of a variant against a reference: one difference per seed, and all that may honestly be said of them.

Seeds pair runs: a seed fixes initialisation, data order, masks and probe of every variant, so that the difference of
two scores with the same seed is free of what the seed alone does. Only seeds present on both sides are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from auxjepa.evidence import significance
from auxjepa.evidence.intervals import ROUNDING, bca_interval, spread, t_interval
from auxjepa.evidence.power import minimum_detectable_effect, seeds_needed
from auxjepa.rows import Row

Correct = Callable[[Row], np.ndarray | None]  # RowStore.correct, or a stand-in


class ComparisonError(ValueError):
    """Scores that cannot be compared; the message is one line for people."""


class ProtocolMismatch(ComparisonError):
    """Scores measured differently: another protocol, benchmark or metric. ``first`` and ``second`` name the two."""

    def __init__(self, what: str, first: str, second: str) -> None:
        super().__init__(f"scores of a different {what} cannot be compared: {first} against {second}")
        self.what, self.first, self.second = what, first, second


@dataclass(frozen=True)
class SampleTest:
    """Exact McNemar test of one seed: do variant and reference differ on these very test examples?"""

    seed: int
    only_variant: int  # examples only the variant gets right
    only_reference: int
    p: float


@dataclass(frozen=True)
class Effect:
    """Variant minus reference over ``n`` paired seeds, in the unit of the scores (percentage points).

    ``p``, ``p_adjusted`` and ``smallest_p_adjusted`` (the best this design could have given) are of the two-sided
    sign-flip test; in the outcome of an equivalence hypothesis, of two one-sided tests. ``improvement`` is the chance
    that a variant's run beats a reference's run, over all pairs of seeds (Mann-Whitney, as rliable's probability of
    improvement), ``wins`` the paired seeds on which it did. None stands where there are too few pairs.
    """

    variant: str
    reference: str
    benchmark: str
    seeds: tuple[int, ...]
    scores: tuple[float, ...]
    against: tuple[float, ...]
    unpaired: tuple[int, ...]
    alpha: float
    comparisons: int
    mean: float
    median: float
    sd: float | None
    interval: tuple[float, float] | None
    bca: tuple[float, float] | None
    p: float
    p_adjusted: float
    smallest_p_adjusted: float
    improvement: float
    wins: int
    standardised: float | None
    sample_tests: tuple[SampleTest, ...] = ()

    @property
    def n(self) -> int:
        """Paired seeds."""
        return len(self.seeds)

    @property
    def equal(self) -> bool:
        """Whether all differences are equal up to rounding, so that their spread says nothing about other seeds."""
        return self.sd == 0

    @property
    def detectable(self) -> float | None:
        """Smallest true mean that this design finds with a chance of 80 %; None without a spread."""
        return None if not self.sd else minimum_detectable_effect(self.sd, self.n, self.comparisons, self.alpha)

    @property
    def seeds_needed(self) -> int | None:
        """Seeds that find an effect of the observed size so surely; None beyond 1,000, or where the differences
        have no spread."""
        return None if not self.sd else seeds_needed(self.mean, self.sd, self.comparisons, self.alpha)

    @property
    def differences(self) -> tuple[float, ...]:
        """Variant minus reference, in the order of ``seeds``."""
        return tuple(_differences(self.scores, self.against).tolist())

    @property
    def leaning(self) -> str:
        """'up' or 'down' where the whole t interval lies on one side of zero, else 'unclear': a screen, not a claim."""
        if self.interval is None or self.interval[0] <= 0 <= self.interval[1]:
            return "unclear"
        return "up" if self.interval[0] > 0 else "down"


def paired_effect(
    scores: Mapping[int, float],
    against: Mapping[int, float],
    *,
    variant: str,
    reference: str,
    benchmark: str,
    alpha: float = 0.05,
    sample_tests: Sequence[SampleTest] = (),
) -> Effect:
    """The effect from scores by seed; a family of effects is then corrected with :func:`adjust`.

    Raises:
        ComparisonError: when the two have no seed in common.
    """
    seeds = tuple(sorted(scores.keys() & against.keys()))
    if not seeds:
        raise ComparisonError(
            f"{variant} and {reference} have no seed in common on {benchmark}: {_list(scores)} against {_list(against)}"
        )
    first = tuple(float(scores[s]) for s in seeds)
    second = tuple(float(against[s]) for s in seeds)
    difference = _differences(first, second)
    n, mean = len(seeds), float(difference.mean())
    sd = spread(list(difference)) if n > 1 else None
    cross = _rounded(np.subtract.outer(first, second), [*first, *second])
    effect = Effect(
        variant=variant,
        reference=reference,
        benchmark=benchmark,
        seeds=seeds,
        scores=first,
        against=second,
        unpaired=tuple(sorted(scores.keys() ^ against.keys())),
        alpha=alpha,
        comparisons=1,
        mean=mean,
        median=float(np.median(difference)),
        sd=sd,
        interval=t_interval(list(difference), 1 - alpha) if n > 1 else None,
        bca=bca_interval(list(difference), 1 - alpha) if n > 2 else None,
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
    correct: Correct | None = None,
    alpha: float = 0.05,
    names: tuple[str, str] | None = None,
) -> Effect:
    """The effect of ``variant`` rows against ``reference`` rows: one benchmark, one row a seed on each side.

    Args:
        correct: gives a row's per-example correctness (``RowStore.correct``) for McNemar tests seed by seed.
        names: what to call the two; the rows' variant names when unset.

    Raises:
        ProtocolMismatch: when benchmark, its hash, the protocol's hash or the metric differ anywhere.
        ComparisonError: when a side is empty or has a seed twice, or no seed is on both sides.
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
    """Nothing, if all rows were measured alike.

    Raises:
        ProtocolMismatch: naming the first two that were not.
    """
    for what in ("benchmark", "benchmark_hash", "protocol_hash", "metric"):
        for row in rows[1:]:
            if getattr(row, what) != getattr(rows[0], what):
                first, second = (_describe(r, what) for r in (rows[0], row))
                raise ProtocolMismatch(what.removesuffix("_hash"), first, second)


def adjust(effects: Sequence[Effect], method: str = "holm") -> tuple[Effect, ...]:
    """The effects as one family: p corrected by ``"holm"`` or ``"benjamini_hochberg"``, power for as many comparisons.

    Raises:
        ValueError: for another method.
    """
    methods = significance.CORRECTIONS
    if method not in methods:
        raise ValueError(f"unknown correction {method!r}: use one of {', '.join(methods)}")
    adjusted = methods[method]([e.p for e in effects])
    best = methods[method]([significance.smallest_p(e.n) for e in effects])
    m = len(effects)
    return tuple(
        replace(
            e,
            comparisons=m,
            p_adjusted=float(p),
            smallest_p_adjusted=float(least),
        )
        for e, p, least in zip(effects, adjusted, best, strict=True)
    )


def _differences(first: Sequence[float], second: Sequence[float]) -> Float[np.ndarray, " n"]:
    """First minus second; 0 where they are equal up to rounding, which would have a sign else."""
    return _rounded(np.subtract(first, second), [*first, *second])


def _rounded(differences: Float[np.ndarray, ...], scores: Sequence[float]) -> Float[np.ndarray, ...]:
    least = ROUNDING * max(1.0, float(np.abs(scores).max()))
    return np.where(np.abs(differences) <= least, 0.0, differences)


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


def _list(seeds: Mapping[int, float]) -> str:
    return "seeds " + ", ".join(map(str, sorted(seeds))) if seeds else "no seed"
