from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from auxjepa.evidence.statistics.power import minimum_detectable_effect, power, seeds_needed
from auxjepa.evidence.statistics.sign_flip_power import sign_flip_power


def test_power_of_a_textbook_case():
    # d = 0.5, n = 34 pairs, two-sided 0.05: power 0.8078 (G*Power, matched pairs)
    assert power(0.5, 34) == pytest.approx(0.8078, abs=1e-4)


def test_power_against_simulation():
    x = np.random.default_rng(0).normal(1.2, 1, (4000, 6))
    assert power(1.2, 6) == pytest.approx(np.mean(stats.ttest_1samp(x, 0, axis=1).pvalue < 0.05), abs=0.025)


def test_power_of_no_effect_is_alpha_and_of_one_pair_nothing():
    assert power(0.0, 5) == pytest.approx(0.05)
    assert power(3.0, 1) == 0.0


def test_power_of_a_huge_effect_is_one():
    assert [power(d, 3) for d in (50.0, 500.0)] == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize(("n", "m"), [(6, 1), (8, 4), (10, 12), (17, 1), (20, 4)])
def test_detectable_effect_has_the_target_power(n: int, m: int):
    sd = 2.5
    assert sign_flip_power(minimum_detectable_effect(sd, n, m) / sd, n, 0.05, m) == pytest.approx(0.8, abs=1e-6)


@pytest.mark.parametrize(("n", "m"), [(2, 1), (3, 4), (5, 1), (7, 4)])
def test_no_effect_is_detectable_with_too_few_seeds(n: int, m: int):
    assert minimum_detectable_effect(2.5, n, m) == float("inf")


def test_seeds_needed_is_the_smallest_number():
    # d = 0.5 needs 34 pairs for 80 % power, as in every table of the paired t test
    assert seeds_needed(1.0, 2.0) == 34
    assert power(0.5, 33) < 0.8 <= power(0.5, 34)


@pytest.mark.parametrize("m", [1, 5, 18, 50])
def test_power_is_a_number_that_grows_with_effect_and_seeds(m: int):
    for pairs in (2, 3, 5, 8, 10, 20, 50, 200, 1000):
        values = [power(d, pairs, 0.05 / m) for d in np.linspace(0.01, 40, 60)]
        assert np.isfinite(values).all() and (np.diff(values) > -1e-9).all() and 0 <= min(values) <= max(values) <= 1
    for d in (0.3, 1.0, 3.0, 6.4, 12.0):
        values = [power(d, pairs, 0.05 / m) for pairs in range(2, 120)]
        assert np.isfinite(values).all() and (np.diff(values) > -1e-9).all()


def test_a_huge_effect_needs_no_more_seeds_than_the_exact_test():
    assert [seeds_needed(d, 1.0, 5) for d in (3.0, 6.4, 8.8, 40.0)] == [8, 8, 8, 8]


def test_seeds_needed_never_below_what_the_exact_test_needs():
    assert seeds_needed(40.0, 1.0, comparisons=18) == 10


def test_effects_that_are_too_small_and_equal_differences():
    assert seeds_needed(0.001, 5.0) is None
    assert seeds_needed(0.0, 0.0) is None
    assert seeds_needed(1.0, 0.0) == 6
    with pytest.raises(ValueError, match="at least 2 pairs"):
        minimum_detectable_effect(1.0, 1)
