"""Shares of variance against an analysis of variance, and rank correlations against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from auxjepa.evidence.statistics.variance_explained import explained_variance, quantile_bins, rank_correlation


def test_share_and_p_agree_with_an_analysis_of_variance() -> None:
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 3, 30)
    values = rng.normal(0, 1, 30) + 0.5 * groups
    result = explained_variance(values.tolist(), groups.tolist())
    assert result is not None
    f, p = stats.f_oneway(*(values[groups == g] for g in range(3)))
    assert result.share == pytest.approx(f * 2 / (f * 2 + 27))
    assert result.p == pytest.approx(p, abs=0.03)
    assert (result.groups, result.n, result.by_chance) == (3, 30, pytest.approx(2 / 29))
    assert explained_variance(values.tolist(), groups.tolist()) == result


def test_p_is_uniform_without_an_effect_and_small_with_one() -> None:
    rng = np.random.default_rng(1)
    ps = []
    for _ in range(150):
        result = explained_variance(rng.normal(size=20).tolist(), (np.arange(20) % 4).tolist(), permutations=99)
        assert result is not None
        ps.append(result.p)
    assert 0.01 <= np.mean(np.array(ps) <= 0.05) <= 0.1
    strong = explained_variance([1, 1.1, 0.9, 5, 5.1, 4.9, 1, 5], list("aaabbbab"))
    assert strong is not None
    assert strong.share > 0.99
    assert strong.p < 0.1


def test_nothing_is_explained_without_groups_or_spread() -> None:
    assert explained_variance([1.0, 2.0], ["a", "a"]) is None
    assert explained_variance([1.0, 2.0], ["a", "b"]) is None
    assert explained_variance([2.0, 2.0, 2.0], ["a", "b", "b"]) is None
    assert explained_variance([], []) is None


def test_bins_are_quartiles_and_equal_values_share_one() -> None:
    assert quantile_bins(range(8)) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert len(set(quantile_bins([1.0] * 6 + [2.0] * 2))) == 2
    assert quantile_bins([5.0]) == [0]


def test_rank_correlation_is_that_of_scipy() -> None:
    rng = np.random.default_rng(2)
    first, second = rng.integers(0, 5, 20).tolist(), rng.normal(size=20).tolist()
    assert rank_correlation(first, second) == pytest.approx(stats.spearmanr(first, second).statistic)
    assert rank_correlation([1, 2], [1, 2]) is None
    assert rank_correlation([1, 1, 1], [1, 2, 3]) is None
