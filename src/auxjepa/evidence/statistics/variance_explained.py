"""Share of the variance of a number that a grouping explains, with a permutation test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from scipy import stats

from auxjepa.evidence.statistics.tuning_records import ExplainedVariance

PERMUTATIONS = 999
BINS = 4
"""Number of quantile bins of a numeric setting."""
FEWEST_RANKS = 3
"""Number of pairs below which a rank correlation is not computed."""


def quantile_bins(settings: Sequence[int | float], bins: int = BINS) -> list[int]:
    """Return the index of the quantile bin of each value; equal values share a bin.

    Args:
        settings: the values.
        bins: number of bins.
    """
    values = np.asarray(settings, dtype=np.float64)
    edges = np.quantile(values, np.arange(1, bins) / bins)
    return [int(index) for index in np.searchsorted(edges, values, side="left")]


def explained_variance(
    values: Sequence[int | float], groups: Sequence[object], *, permutations: int = PERMUTATIONS, seed: int = 0
) -> ExplainedVariance | None:
    """Return the share of the variance that groups explain; None with one group, equal values or only single members.

    Args:
        values: the values.
        groups: group of each value.
        permutations: number of permutations.
        seed: seed of the permutations.
    """
    names = list(dict.fromkeys(groups))
    numbers = np.asarray(values, dtype=np.float64)
    spread = float(((numbers - numbers.mean()) ** 2).sum()) if len(numbers) else 0.0
    if len(names) < 2 or len(names) >= len(numbers) or spread <= 1e-12 * max(1.0, float((numbers**2).sum())):
        return None
    index = np.array([names.index(group) for group in groups])
    centred = numbers - numbers.mean()
    rng = np.random.default_rng(seed)
    shuffled = rng.permuted(np.broadcast_to(centred, (permutations, len(centred))), axis=1)
    share = float(_between(centred[None], index)[0]) / spread
    others = _between(shuffled, index) / spread
    p = (1 + int((others >= share - 1e-12).sum())) / (1 + permutations)
    return ExplainedVariance(share, p, len(names), len(numbers))


def rank_correlation(first: Sequence[int | float], second: Sequence[int | float]) -> float | None:
    """Return Spearman's rank correlation; None with fewer than 3 pairs, and where one side has no spread.

    Args:
        first: values of one side.
        second: values of the other side, in the same order.
    """
    if len(first) < FEWEST_RANKS:
        return None
    ranks = np.stack([stats.rankdata(first), stats.rankdata(second)])
    if (ranks.std(axis=1) == 0).any():
        return None
    return float(np.corrcoef(ranks)[0, 1])


def _between(values: Float[np.ndarray, "P N"], index: Int[np.ndarray, " N"]) -> Float[np.ndarray, " P"]:
    """Return the sum of squares between groups of values with mean 0."""
    members = np.equal.outer(np.arange(index.max() + 1), index).astype(np.float64)
    return ((values @ members.T) ** 2 / members.sum(axis=1)).sum(axis=1)
