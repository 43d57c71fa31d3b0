from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from auxjepa.evidence.statistics.intervals import (
    bca_interval,
    clustered_wilson,
    effective_size,
    mean_estimate,
    t_interval,
    wilson,
)

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
    result = bca_interval(list(x), resamples=40_000)
    assert result == pytest.approx((expected.low, expected.high), abs=0.02)


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
def test_intervals_contain_the_mean_and_move_with_the_data(x: list[float], shift: float):
    for interval in (t_interval, bca_interval):
        low, high = interval(x)
        assert low - 1e-9 <= np.mean(x) <= high + 1e-9
        moved = interval([v + shift for v in x])
        assert moved == pytest.approx((low + shift, high + shift), abs=1e-6)


def test_equal_values_give_an_interval_of_no_width():
    assert bca_interval([0.1] * 8) == pytest.approx((0.1, 0.1))
    assert t_interval([0.1] * 8) == pytest.approx((0.1, 0.1))


def test_a_mean_has_an_interval_from_two_values_on():
    estimate = mean_estimate([1.0, 2.0, 6.0])
    assert (estimate.value, estimate.interval) == (3.0, t_interval([1.0, 2.0, 6.0]))
    assert mean_estimate([4.0]).value == 4.0 and mean_estimate([4.0]).interval is None


@pytest.mark.parametrize(("hits", "n"), [(0, 20), (165, 1970), (29, 40), (7, 7)])
def test_wilson_equals_scipy(hits: int, n: int):
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits / n, n) == pytest.approx((expected.low, expected.high))


def test_wilson_of_the_published_motion_task():
    # 72.5 % of 40 clips (docs/paper/findings.md#finding-2) is compatible with 57 to 84 %.
    assert wilson(0.725, 40) == pytest.approx((0.5717, 0.8389), abs=1e-4)


@given(st.lists(st.booleans(), min_size=1, max_size=80))
def test_independent_marks_have_the_interval_of_wilson(marks: list[bool]):
    correct = np.array(marks)
    units = np.random.default_rng(0).permutation(len(marks))
    assert effective_size(correct, units) == pytest.approx(len(marks))
    assert clustered_wilson(correct, units) == pytest.approx(wilson(correct.mean(), len(marks)))


@given(st.lists(st.booleans(), min_size=3, max_size=40), st.integers(1, 200))
def test_more_marks_of_the_same_units_add_no_precision(marks: list[bool], clips: int):
    """200 clips of 3 videos count as 3 examples where all clips of a video are right or all are wrong."""
    videos = np.array(marks)
    repeated, units = np.repeat(videos, clips), np.repeat(np.arange(len(videos)), clips)
    assert clustered_wilson(repeated, units) == pytest.approx(wilson(videos.mean(), len(videos)), abs=0.02)
    assert effective_size(repeated, units) <= len(videos) + 1e-9 or not 0 < videos.mean() < 1


def test_effective_sizes_by_hand():
    every = np.ones(20, bool)
    assert effective_size(every, np.repeat([0, 1], [10, 10])) == pytest.approx(2)
    assert effective_size(every, np.repeat([0, 1], [19, 1])) == pytest.approx(400 / 362), (
        "one video has nearly all marks"
    )
    # 10 units of 2 marks each: both marks of 5 units are right, both marks of the other 5 are wrong.
    halves = np.repeat([True, False], 10)
    assert effective_size(halves, np.repeat(np.arange(10), 2)) == pytest.approx(10)
    mixed = np.tile([True, False], 10)  # one mark of every unit is right: the number of marks is the upper bound
    assert effective_size(mixed, np.repeat(np.arange(10), 2)) == 20


@pytest.mark.parametrize("units", [3, 12, 40])
@pytest.mark.parametrize("correlation", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("share", [0.5, 0.8])
def test_the_interval_over_units_has_its_nominal_coverage(units: int, correlation: float, share: float):
    """Videos differ in how well they are recognised: ``correlation`` is that of the marks of one video."""
    rng, clips, runs = np.random.default_rng(7), 20, 600
    covered, naive = 0, 0
    for _ in range(runs):
        if 0 < correlation < 1:
            precision = (1 - correlation) / correlation
            of_video = rng.beta(share * precision, (1 - share) * precision, units)
        else:
            of_video = (rng.random(units) < share).astype(float) if correlation else np.full(units, share)
        correct = rng.random((units, clips)) < of_video[:, None]
        low, high = clustered_wilson(correct.ravel(), np.repeat(np.arange(units), clips))
        covered += low <= share <= high
        low, high = wilson(correct.mean(), correct.size)
        naive += low <= share <= high
    assert covered / runs > (0.92 if units > 3 else 0.88), (
        "the coverage of Wilson's interval is uneven with three marks"
    )
    if correlation:
        assert naive / runs < 0.75, "the interval over clips is far too narrow"


@pytest.mark.parametrize(
    "call",
    [
        lambda: t_interval([1.0]),
        lambda: bca_interval([1.0, 2.0]),
        lambda: wilson(1.2, 5),
        lambda: wilson(0.5, 0),
        lambda: clustered_wilson(np.empty(0, bool), np.empty(0, np.int64)),
    ],
)
def test_too_little_is_an_error(call):
    with pytest.raises(ValueError, match="needs"):
        call()


@pytest.mark.parametrize("values", [[0.1 + 0.2, 0.3], [100.0, 100.0 + 1e-12, 100.0 - 1e-12], [1e8, 1e8 + 1e-6]])
def test_rounding_gives_intervals_without_width(values: list[float]) -> None:
    low, high = t_interval(values)
    assert low == high == np.mean(values)
    if len(values) > 2:
        assert bca_interval(values) == (low, high)
