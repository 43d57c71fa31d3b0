"""Exact tests of paired results, and corrections for several comparisons."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

EXACT_UP_TO = 20
"""Number of pairs up to which all sign patterns are summed; 2^20 patterns take a few milliseconds."""


def sign_flip_p(differences: Sequence[float], draws: int = 99_999, seed: int = 0) -> float:
    """Return the two-sided p of the sign-flip permutation test of paired differences; the statistic is the mean.

    If variant and reference are exchangeable within a pair, each difference has either sign with the same probability.
    The test is exact over all ``2**n`` sign patterns up to 20 pairs. With more pairs it draws patterns and counts the
    observed pattern too, so p is never 0.

    Args:
        differences: one difference per pair.
        draws: number of patterns that are drawn for more than 20 pairs.
        seed: seed of the draws.

    Raises:
        ValueError: without a difference.

    Source:
        Fisher (1935), "The Design of Experiments".
    """
    d = np.asarray(differences, float)
    if not len(d):
        raise ValueError("a sign-flip test needs at least 1 pair")
    total = abs(float(d.sum()))
    near = total - 1e-9 * float(np.abs(d).sum())  # a pattern that ties with the observed one counts despite rounding
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
    """Return the smallest two-sided p that a sign-flip test can give: ``2 / 2**pairs``, and 1 without a pair.

    Args:
        pairs: number of pairs.
    """
    return min(1.0, 2.0 / 2.0**pairs)


def seeds_to_test(comparisons: int = 1, alpha: float = 0.05, correction: str = "holm") -> int:
    """Return the smallest number of pairs whose sign-flip p can reach ``alpha`` after a correction.

    Benjamini and Hochberg's largest p is not multiplied, so the number of comparisons does not raise the number of
    pairs if every comparison can be unanimous.

    Args:
        comparisons: number of comparisons in the family, each with this number of pairs.
        alpha: significance level.
        correction: name of the correction in :data:`CORRECTIONS`.
    """
    factor = comparisons if correction == "holm" else 1
    return math.ceil(math.log2(2 * factor / alpha))


def mcnemar_p(only_first: int, only_second: int) -> float:
    """Return the exact two-sided p of McNemar's test on the same test examples.

    Args:
        only_first: number of examples that only the first classifier gets right.
        only_second: number of examples that only the second classifier gets right.

    Source:
        McNemar (1947).
    """
    discordant = only_first + only_second
    # With probability 1/2 the binomial is symmetric: both tails together are twice the smaller tail.
    return min(1.0, 2 * float(special.bdtr(min(only_first, only_second), discordant, 0.5)))


def holm(p: Sequence[float]) -> list[float]:
    """Return Holm's step-down adjusted p values; they control the probability of any false positive.

    Args:
        p: p values of one family; the result has the same order.

    Source:
        Holm (1979).
    """
    adjusted = [0.0] * len(p)
    running = 0.0
    for rank, i in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        running = max(running, min(1.0, (len(p) - rank) * p[i]))
        adjusted[i] = running
    return adjusted


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """Return Benjamini and Hochberg's adjusted p values; they control the expected share of false positives.

    Args:
        p: p values of one family; the result has the same order.

    Source:
        Benjamini and Hochberg (1995).
    """
    from scipy import stats  # takes more than half a second to import, and few processes need it

    return [float(value) for value in stats.false_discovery_control(p)] if len(p) else []


CORRECTIONS = {"holm": holm, "benjamini_hochberg": benjamini_hochberg}
"""Every correction by its name in decision rules."""
