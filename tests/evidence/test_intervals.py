from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from auxjepa.evidence.intervals import bca_interval, t_interval, wilson

values = st.lists(st.floats(-100, 100, allow_nan=False), min_size=3, max_size=6)


def test_t_interval_equals_scipy():
    x = [4.1, 5.6, 2.2, 7.9, 3.3]
    expected = stats.ttest_1samp(x, 0).confidence_interval(0.95)
    assert t_interval(x) == pytest.approx((expected.low, expected.high))


def test_t_interval_by_hand():
    # mean 2, sd 1, t(0.975, 2) = 4.30265: 2 -/+ 4.30265 / sqrt(3)
    assert t_interval([1.0, 2.0, 3.0]) == pytest.approx((-0.48414, 4.48414), abs=1e-5)


def test_bca_equals_scipy_on_a_skewed_sample():
    x = np.random.default_rng(3).exponential(size=14)
    expected = stats.bootstrap((x,), np.mean, n_resamples=40_000, method="BCa", rng=1).confidence_interval
    got = bca_interval(list(x), resamples=40_000)
    assert got == pytest.approx((expected.low, expected.high), abs=0.02)


def test_bca_of_a_few_values_enumerates_every_resample():
    x = np.array([0.0, 1.0, 5.0, 7.0])
    means = np.array([np.mean(c) for c in itertools.product(x, repeat=4)])
    bias = stats.norm.ppf((np.mean(means < x.mean()) + np.mean(means <= x.mean())) / 2)
    out = np.array([np.delete(x, i).mean() for i in range(4)])
    u = out.mean() - out
    a = (u**3).sum() / (6 * (u**2).sum() ** 1.5)
    z = bias + stats.norm.ppf([0.025, 0.975])
    assert bca_interval(list(x)) == pytest.approx(np.quantile(means, stats.norm.cdf(bias + z / (1 - a * z))))


def test_bca_same_seed_same_bits():
    x = list(np.random.default_rng(0).normal(size=9))
    assert bca_interval(x, seed=5) == bca_interval(x, seed=5) != bca_interval(x, seed=6)


@given(values, st.floats(-50, 50))
def test_intervals_hold_the_mean_and_move_with_the_data(x: list[float], shift: float):
    for interval in (t_interval, bca_interval):
        low, high = interval(x)
        assert low - 1e-9 <= np.mean(x) <= high + 1e-9
        moved = interval([v + shift for v in x])
        assert moved == pytest.approx((low + shift, high + shift), abs=1e-6)


def test_equal_values_give_an_interval_of_no_width():
    assert bca_interval([0.1] * 8) == pytest.approx((0.1, 0.1))
    assert t_interval([0.1] * 8) == pytest.approx((0.1, 0.1))


@pytest.mark.parametrize(("hits", "n"), [(0, 20), (165, 1970), (29, 40), (7, 7)])
def test_wilson_equals_scipy(hits: int, n: int):
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits / n, n) == pytest.approx((expected.low, expected.high))


def test_wilson_of_the_published_motion_task():
    # 72.5 % of 40 clips (docs/paper/findings.md#finding-2) leaves anything from 57 to 84 %.
    assert wilson(0.725, 40) == pytest.approx((0.5717, 0.8389), abs=1e-4)


@pytest.mark.parametrize(
    "call",
    [lambda: t_interval([1.0]), lambda: bca_interval([1.0, 2.0]), lambda: wilson(1.2, 5), lambda: wilson(0.5, 0)],
)
def test_too_little_is_an_error(call):
    with pytest.raises(ValueError, match="needs"):
        call()
