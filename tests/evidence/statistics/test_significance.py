from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from auxjepa.evidence.statistics import significance
from auxjepa.evidence.statistics.significance import (
    benjamini_hochberg,
    holm,
    mcnemar_p,
    seeds_to_test,
    sign_flip_p,
    smallest_p,
)

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_sign_flip_equals_scipy():
    d = np.random.default_rng(1).normal(0.5, 1, 9)
    expected = stats.permutation_test((d,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip_p(list(d)) == pytest.approx(expected.pvalue)


@given(st.lists(st.integers(-4, 4).map(lambda i: i / 10), min_size=1, max_size=8))
def test_sign_flip_counts_patterns(d: list[float]):
    # Tenths tie often, and not exactly in binary. This tests the rule for ties.
    sums = [
        abs(sum(s * round(10 * v) for s, v in zip(p, d, strict=True)))
        for p in itertools.product((1, -1), repeat=len(d))
    ]
    assert sign_flip_p(d) == pytest.approx(np.mean(np.array(sums) >= sums[0]))


def test_three_unanimous_seeds_cannot_go_below_a_quarter():
    assert sign_flip_p([10.0, 20.0, 30.0]) == smallest_p(3) == 0.25


def test_many_pairs_are_sampled_reproducibly_and_close():
    d = list(np.random.default_rng(4).normal(0.25, 1, 24))
    sampled = sign_flip_p(d)
    assert sampled == sign_flip_p(d)
    assert sampled == pytest.approx(stats.ttest_1samp(d, 0).pvalue, abs=0.02)


def test_sampling_agrees_with_enumeration(monkeypatch: pytest.MonkeyPatch):
    d = list(np.random.default_rng(2).normal(0.4, 1, 12))
    exact = sign_flip_p(d)
    monkeypatch.setattr(significance, "EXACT_UP_TO", 3)
    assert sign_flip_p(d) == pytest.approx(exact, abs=0.005)


def test_sign_flip_keeps_its_false_positive_rate():
    rng = np.random.default_rng(0)
    hits = [sign_flip_p(list(rng.standard_t(3, 7))) <= 0.05 for _ in range(1500)]
    # 2 of 2^7 patterns is the only step below 0.05 that is a multiple of 1/64: the true rate is 3/64 = 0.047
    assert np.mean(hits) == pytest.approx(3 / 64, abs=0.017)


def test_seeds_to_test():
    # 2/2^6 = 0.031; Holm over 18 variants needs 10 (issue 4)
    assert (seeds_to_test(), seeds_to_test(18)) == (6, 10)


@given(st.integers(1, 200))
def test_seeds_to_test_is_the_smallest_number(m: int):
    n = seeds_to_test(m)
    assert m * smallest_p(n) <= 0.05 < m * smallest_p(n - 1)


def test_mcnemar_equals_the_binomial_test():
    assert mcnemar_p(171, 165) == pytest.approx(stats.binomtest(171, 336).pvalue)
    assert mcnemar_p(5, 0) == pytest.approx(2 / 2**5)
    assert mcnemar_p(0, 0) == 1.0


def test_holm_by_hand():
    # sorted 0.005 0.01 0.03 0.04 -> times 4 3 2 1 -> 0.02 0.03 0.06 0.04, then never decreasing
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_benjamini_hochberg_by_hand():
    # sorted times 4/rank -> 0.02 0.02 0.04 0.04
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert benjamini_hochberg([]) == holm([]) == []


@given(p_values)
def test_corrections_keep_order_and_bounds(p: list[float]):
    h, bh = holm(p), benjamini_hochberg(p)
    for i, j in itertools.combinations(range(len(p)), 2):
        if p[i] < p[j]:
            assert h[i] <= h[j] and bh[i] <= bh[j] + 1e-12
    assert all(a <= c + 1e-12 and c <= b + 1e-12 and b <= 1 for a, b, c in zip(p, h, bh, strict=True))


def test_no_pair_is_an_error():
    with pytest.raises(ValueError, match="at least 1 pair"):
        sign_flip_p([])
