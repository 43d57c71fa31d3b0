"""Exact tests of paired results, and corrections for having made several comparisons."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import special, stats

EXACT_UP_TO = 20  # 2^20 sign patterns are summed in a few milliseconds


def sign_flip_p(differences: Sequence[float], draws: int = 99_999, seed: int = 0) -> float:
    """Two-sided p of the sign-flip permutation test of paired differences (statistic: the mean).

    Fisher (1935): were variant and reference exchangeable within a pair, each difference could as well have had the
    other sign. Exact over all ``2**n`` patterns up to 20 pairs; beyond, ``draws`` patterns with ``seed``, counting
    the observed one, so that p is never 0.

    Raises:
        ValueError: without a difference.
    """
    d = np.asarray(differences, float)
    if not len(d):
        raise ValueError("a sign-flip test needs at least 1 pair")
    total = abs(float(d.sum()))
    near = total - 1e-9 * float(np.abs(d).sum())  # patterns that tie with the observed one count, rounding or not
    if len(d) <= EXACT_UP_TO:
        sums = np.zeros(1)
        for value in d:
            sums = np.concatenate([sums + value, sums - value])
        return float(np.mean(np.abs(sums) >= near))
    rng = np.random.default_rng(seed)
    hits = sum(
        int(np.sum(np.abs((rng.integers(0, 2, (min(10_000, draws - i), len(d))) * 2 - 1) @ d) >= near))
        for i in range(0, draws, 10_000)
    )
    return (hits + 1) / (draws + 1)


def smallest_p(pairs: int) -> float:
    """Smallest two-sided p a sign-flip test of ``pairs`` pairs can give: ``2 / 2**pairs`` (1 without a pair)."""
    return min(1.0, 2.0 / 2.0**pairs)


def seeds_to_test(comparisons: int = 1, alpha: float = 0.05) -> int:
    """Pairs from which a sign-flip p can fall below ``alpha`` after Holm over ``comparisons`` of equal size."""
    return math.ceil(math.log2(2 * comparisons / alpha))


def mcnemar_p(only_first: int, only_second: int) -> float:
    """Exact two-sided McNemar p: examples only the first classifier gets right against those only the second does."""
    discordant = only_first + only_second
    # With chance 1/2 the binomial is symmetric: two tails are twice the smaller one.
    return min(1.0, 2 * float(special.bdtr(min(only_first, only_second), discordant, 0.5)))


def holm(p: Sequence[float]) -> list[float]:
    """Holm's (1979) step-down adjusted p values, in the order given; controls the chance of any false positive."""
    adjusted = [0.0] * len(p)
    running = 0.0
    for rank, i in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        running = max(running, min(1.0, (len(p) - rank) * p[i]))
        adjusted[i] = running
    return adjusted


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's (1995) adjusted p values; controls the expected share of false positives."""
    return [float(value) for value in stats.false_discovery_control(p)] if len(p) else []


CORRECTIONS = {"holm": holm, "benjamini_hochberg": benjamini_hochberg}
"""Every correction by the name that rules and functions know it by."""
