"""The expected best of a number of trials, against all subsets, all draws and simulated searches."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from auxjepa.evidence.statistics.expected_best import best_weights, expected_best
from auxjepa.evidence.statistics.tuning_records import FEWEST_TRIALS

VALUES = [3.0, 1.0, 4.0, 1.0, 5.5, 9.0]


def test_without_replacement_is_the_mean_over_all_subsets() -> None:
    curve = expected_best(VALUES, 100)
    assert curve is not None
    assert curve.estimator == "without replacement"
    expected = [np.mean([max(s) for s in combinations(VALUES, n)]) for n in range(1, 7)]
    assert curve.mean == pytest.approx(expected)
    assert curve.mean[0] == pytest.approx(np.mean(VALUES))
    assert (curve.mean[-1], curve.trials, curve.steps[:2]) == (9.0, (1, 2, 3, 4, 5, 6), (100, 200))


def test_with_replacement_is_the_mean_over_all_draws() -> None:
    curve = expected_best(VALUES, 1, estimator="with replacement")
    assert curve is not None
    expected = [np.mean([max(s) for s in product(VALUES, repeat=n)]) for n in range(1, 5)]
    assert curve.mean[:4] == pytest.approx(expected)
    assert curve.mean[-1] < 9.0


@pytest.mark.parametrize("total", [1, 2, 7, 40, 300])
def test_weights_are_probabilities(total: int) -> None:
    for estimator in ("without replacement", "with replacement"):
        weights = best_weights(total, estimator)
        assert weights.sum(axis=1) == pytest.approx(np.ones(total))
        assert (weights >= 0).all()


def test_unbiased_for_simulated_searches() -> None:
    # The true expected best of n uniform trials is n / (n + 1).
    rng = np.random.default_rng(0)
    searches = np.sort(rng.random((4000, 12)), axis=1)
    exact = searches @ best_weights(12).T
    biased = searches @ best_weights(12, "with replacement").T
    truth = np.arange(1, 13) / np.arange(2, 14)
    error = exact.std(axis=0) / np.sqrt(4000)
    assert (np.abs(exact.mean(axis=0) - truth) < 4 * error).all()
    assert (biased.mean(axis=0)[1:] < truth[1:] - 4 * error[1:]).all()


def test_interval_is_seeded_and_covers_the_truth_at_small_budgets() -> None:
    rng = np.random.default_rng(1)
    covered = np.zeros(5)
    for _ in range(100):
        curve = expected_best(rng.random(40).tolist(), 1, resamples=299)
        assert curve is not None
        assert curve.has_interval
        truth = np.arange(1, 6) / np.arange(2, 7)
        covered += (np.array(curve.low[:5]) <= truth) & (truth <= np.array(curve.high[:5]))
        assert all(low <= high for low, high in zip(curve.low, curve.high, strict=True))
    assert (covered >= 85).all()
    assert expected_best(VALUES, 1) == expected_best(VALUES, 1)
    first, second = (expected_best([*VALUES, 2.2, 7.1, 0.3], 1, resamples=199, seed=s) for s in (0, 1))
    assert first is not None
    assert second is not None
    assert first.low != second.low


def test_few_or_equal_trials_have_no_interval() -> None:
    assert expected_best([], 10) is None
    for values in ([1.0], VALUES[: FEWEST_TRIALS - 1], [2.0] * 8):
        curve = expected_best(values, 10)
        assert curve is not None
        assert not curve.has_interval
        assert curve.mean[-1] == pytest.approx(max(values))
