from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from auxjepa.evidence.statistics.bootstrap import expanded_percentile, percentile, seed_weights
from auxjepa.evidence.statistics.intervals import t_interval


def test_weights_are_draws_with_replacement():
    weights = seed_weights(5, 4000)
    assert weights.sum(axis=1) == pytest.approx(np.ones(4000))
    assert set(np.unique(np.round(5 * weights))) <= {0, 1, 2, 3, 4, 5}
    # variance of a seed's share: (1 / 5)(4 / 5) / 5
    assert weights.var(axis=0) == pytest.approx(np.full(5, 0.032), rel=0.1)


def test_same_seed_same_bits():
    assert (seed_weights(4, 50, seed=1) == seed_weights(4, 50, seed=1)).all()
    assert (seed_weights(4, 50, seed=1) != seed_weights(4, 50, seed=2)).any()


def test_percentile_equals_scipy():
    x = np.random.default_rng(3).exponential(size=14)
    expected = stats.bootstrap((x,), np.mean, n_resamples=40_000, method="percentile", rng=1).confidence_interval
    result = percentile(seed_weights(14, 40_000) @ x)
    assert result == pytest.approx([expected.low, expected.high], abs=0.02)


def test_expanded_percentile_of_a_mean_is_about_the_t_interval():
    x = np.random.default_rng(0).normal(size=12)
    result = expanded_percentile(seed_weights(12, 40_000) @ x, 12)
    narrow = percentile(seed_weights(12, 40_000) @ x)
    low, high = t_interval(x.tolist())
    assert result[1] - result[0] == pytest.approx(high - low, rel=0.06)
    assert narrow[1] - narrow[0] < 0.9 * (high - low)


def test_expanded_level_by_hand():
    # n 5: t(0.975, 4) = 2.776445, times sqrt(5 / 4) = 3.104160, Phi(-3.104160) = 0.00095407
    statistics = np.linspace(0.0, 1.0, 100_001)
    assert expanded_percentile(statistics, 5) == pytest.approx([0.00095407, 1 - 0.00095407], abs=2e-6)


def test_one_seed_is_an_error():
    with pytest.raises(ValueError, match="at least 2 seeds, got 1"):
        expanded_percentile(np.zeros(10), 1)
