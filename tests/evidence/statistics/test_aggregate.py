from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from auxjepa.evidence.statistics.aggregate import (
    NormalisedScores,
    improvement,
    iqm,
    normalise,
    optimality_gap,
    paired_iqm,
    profile,
)
from auxjepa.evidence.statistics.records import ComparisonError

shapes = st.tuples(st.integers(2, 5), st.integers(1, 4))
tables = shapes.flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(-20, 120).map(lambda i: i / 100), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


def table(values, seeds=None) -> NormalisedScores:
    x = np.array(values, float)
    names = tuple("abcdefgh"[: x.shape[1]])
    return NormalisedScores(tuple(seeds or range(len(x))), names, x, ())


def test_chance_is_zero_and_the_ceiling_one():
    scores = {"order": {0: 12.5, 1: 56.25, 2: 100.0}, "speed": {1: 25.0, 0: 40.0, 2: 10.0, 7: 99.0}}
    result = normalise(scores, {"order": 12.5, "speed": 25.0}, {"order": 100.0, "speed": 40.0})
    assert (result.seeds, result.benchmarks, result.dropped) == ((0, 1, 2), ("order", "speed"), (7,))
    assert result.values == pytest.approx(np.array([[0.0, 1.0], [0.5, 0.0], [1.0, -1.0]]))
    assert normalise({"order": {0: 50.0}}, {"order": 0.0}).values == pytest.approx(np.array([[0.5]]))


@pytest.mark.parametrize(
    ("scores", "chance", "match"),
    [
        ({}, {}, "no benchmark"),
        ({"a": {0: 1.0}, "b": {1: 1.0}}, {"a": 0.0, "b": 0.0}, "no seed has a score on each of a, b"),
        ({"a": {0: 1.0}}, {}, "a: normalising needs a chance"),
        ({"a": {0: 1.0}}, {"a": 100.0}, "a: normalising needs a chance"),
    ],
)
def test_scores_that_cannot_be_normalised_are_an_error(scores, chance, match: str):
    with pytest.raises(ComparisonError, match=match):
        normalise(scores, chance)


def test_iqm_by_hand():
    # 8 runs 0, 0.1 ... 0.6, 5: without the two lowest and the two highest, the mean of 0.2 0.3 0.4 0.5
    assert iqm(table([[0.0, 0.1, 0.2, 0.3], [5.0, 0.5, 0.6, 0.4]])).value == pytest.approx(0.35)


@given(tables)
def test_iqm_equals_scipy(values):
    assert iqm(table(values)).value == pytest.approx(stats.trim_mean(np.array(values).ravel(), 0.25))


@given(tables, st.floats(-1, 1))
def test_a_constant_on_all_moves_the_iqm_and_its_interval(values, shift: float):
    before, after = iqm(table(values)), iqm(table(np.add(values, shift)))
    assert after.value == pytest.approx(before.value + shift, abs=1e-9)
    assert (before.interval is None) == (after.interval is None)
    if before.interval and after.interval:
        assert after.interval == pytest.approx(tuple(np.add(before.interval, shift)), abs=1e-9)


@given(tables, st.floats(-1, 1))
def test_a_constant_on_both_sides_cancels(values, shift: float):
    zero = table(np.zeros_like(values))
    before = paired_iqm(table(values), zero)
    after = paired_iqm(table(np.add(values, shift)), table(zero.values + shift))
    assert before.value == pytest.approx(after.value, abs=1e-9)


@given(tables, st.randoms(use_true_random=False))
def test_seeds_and_benchmarks_have_no_order(values, random):
    x = np.array(values)
    rows, columns = (random.sample(range(n), n) for n in x.shape)
    for metric in (iqm, optimality_gap):
        assert metric(table(x[rows][:, columns])).value == pytest.approx(metric(table(x)).value)


@given(tables)
def test_swapping_sides_mirrors(values):
    x = np.array(values)
    y = x[::-1] * 0.9 + 0.05
    assert paired_iqm(table(x), table(y)).value == pytest.approx(-paired_iqm(table(y), table(x)).value, abs=1e-9)
    assert improvement(table(x), table(y)).value == pytest.approx(1 - improvement(table(y), table(x)).value)


def test_sides_are_paired_by_seed():
    variant = table([[0.5], [0.7], [0.9]], seeds=(0, 1, 2))
    reference = table([[0.1], [0.9], [0.3]], seeds=(2, 5, 1))
    result = paired_iqm(variant, reference)  # seed 1: 0.7 - 0.3, seed 2: 0.9 - 0.1
    assert result.value == pytest.approx(0.6)
    with pytest.raises(ComparisonError, match="only one side has b"):
        paired_iqm(variant, table([[0.1, 0.2]]))
    with pytest.raises(ComparisonError, match="no seed has every benchmark"):
        improvement(variant, table([[0.1]], seeds=(9,)))


def test_optimality_gap_by_hand():
    # below 1 by 0.5, 0, 0.75 and 0.25; a run above 1 counts as 0
    assert optimality_gap(table([[0.5, 1.5], [0.25, 0.75]])).value == pytest.approx(0.375)
    assert optimality_gap(table([[0.5, 1.5], [0.25, 0.75]]), target=0.5).value == pytest.approx(0.0625)


def test_profile_by_hand():
    result = profile(table([[0.1, 0.5], [0.3, 0.9]]), [0.0, 0.3, 0.8, 1.0])
    assert result.share == (1.0, 0.5, 0.25, 0.0) and result.low is None
    result = profile(table([[0.1, 0.5], [0.3, 0.9]] * 3), [0.0, 0.3, 0.8, 1.0])
    assert result.low and result.high
    # three seeds have none above 0.8, three have one of two
    assert 0.0 <= result.low[2] < 0.25 < result.high[2] <= 0.5
    assert (result.low[0], result.high[3]) == pytest.approx((1.0, 0.0))


def test_improvement_is_mann_whitney_over_the_benchmarks():
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 6, (7, 3)) / 6, rng.integers(0, 6, (7, 3)) / 6
    expected = np.mean([stats.mannwhitneyu(x[:, k], y[:, k]).statistic / 49 for k in range(3)])
    result = improvement(table(x), table(y))
    assert result.value == pytest.approx(expected)
    assert result.interval and 0 <= result.interval[0] < result.value < result.interval[1] <= 1


def test_whole_seeds_are_resampled():
    # all benchmarks of a seed move together: the interval is no narrower than that of one benchmark
    scores = np.random.default_rng(0).random((8, 1))
    single, four = iqm(table(scores)), iqm(table(np.repeat(scores, 4, axis=1)))
    assert four.interval == pytest.approx(single.interval, abs=1e-9)
    # pairs stay pairs: a constant gain has no spread and so no interval, even if seeds differ
    assert paired_iqm(table(scores + 0.25), table(scores)).interval is None
    assert improvement(table(scores), table(scores)).interval is None


@pytest.mark.parametrize("seeds", [1, 2, 3, 4, 5])
def test_fewer_than_5_seeds_have_no_interval(seeds: int):
    scores = table(np.random.default_rng(0).random((seeds, 4)))
    estimates = [iqm(scores), optimality_gap(scores), paired_iqm(scores, table(scores.values[::-1] ** 2))]
    assert [e.interval is None for e in estimates] == [seeds < 5] * 3
    assert (improvement(scores, table(scores.values[::-1])).interval is None) == (seeds < 5)
    assert (profile(scores, [0.5]).low is None) == (seeds < 5) and len(profile(scores, [0.5]).share) == 1


def test_same_seed_same_bits():
    x = table(np.random.default_rng(0).random((12, 3)))
    assert iqm(x, seed=3) == iqm(x, seed=3) != iqm(x, seed=4)
