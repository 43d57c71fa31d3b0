from __future__ import annotations

import numpy as np
import pytest

from auxjepa.evidence.statistics.power import minimum_detectable_effect, power, seeds_needed
from auxjepa.evidence.statistics.sign_flip_power import EXACT_UP_TO, critical_values, sign_flip_power
from auxjepa.evidence.statistics.significance import sign_flip_p


def exact_ps(d: np.ndarray) -> np.ndarray:
    """Two-sided sign-flip p of each row, over all sign patterns in one table."""
    signs = 1 - 2 * ((np.arange(2 ** d.shape[1])[:, None] >> np.arange(d.shape[1])) & 1)
    total = np.abs(d.sum(axis=1, keepdims=True))
    return (np.abs(d @ signs.T) >= total - 1e-9).mean(axis=1)


@pytest.mark.parametrize(("seeds", "comparisons"), [(6, 1), (8, 1), (8, 4), (10, 4), (10, 12), (12, 12)])
def test_power_at_the_detectable_effect_is_80_percent(seeds: int, comparisons: int) -> None:
    effect, studies = minimum_detectable_effect(1.0, seeds, comparisons), 1200
    z = np.random.default_rng([seeds, comparisons, 3]).normal(effect, 1, (studies, seeds))
    found = np.mean(comparisons * exact_ps(z) <= 0.05)
    assert found == pytest.approx(0.8, abs=3.5 * (0.16 / studies) ** 0.5)


def test_the_table_of_patterns_is_that_of_the_test() -> None:
    z = np.random.default_rng(0).normal(0.8, 1, (20, 7))
    assert exact_ps(z) == pytest.approx([sign_flip_p(row.tolist()) for row in z])


def test_the_t_test_is_too_hopeful_with_just_enough_seeds() -> None:
    assert sign_flip_power(1.435, 6) < 0.65 < 0.79 < power(1.435, 6)
    assert sign_flip_power(1.0, 14) == pytest.approx(power(1.0, 14), abs=0.01)


def test_power_is_0_where_no_result_is_significant() -> None:
    assert sign_flip_power(50.0, 5) == 0 and sign_flip_power(50.0, 3, comparisons=12) == 0
    assert critical_values(5, 0.05) is None and critical_values(1, 0.5) is None and critical_values(6, 0.05) is not None
    assert minimum_detectable_effect(1.0, 3, 12) == float("inf")


@pytest.mark.parametrize("seeds", [6, 9, 11, EXACT_UP_TO, EXACT_UP_TO + 1, 200])
def test_power_grows_with_the_effect_and_has_the_level_at_0(seeds: int) -> None:
    values = [sign_flip_power(d, seeds) for d in np.linspace(0, 6, 80)]
    assert np.isfinite(values).all() and (np.diff(values) >= -1e-12).all() and values[-1] > 0.999
    assert 0.02 < values[0] < 0.055
    assert sign_flip_power(-1.0, seeds) == sign_flip_power(1.0, seeds)


def test_seeds_needed_is_the_smallest_number_of_the_exact_test() -> None:
    for effect, comparisons in ((1.5, 1), (1.0, 4), (2.0, 12)):
        n = seeds_needed(effect, 1.0, comparisons)
        assert n is not None
        assert sign_flip_power(effect, n, comparisons=comparisons) >= 0.8
        assert sign_flip_power(effect, n - 1, comparisons=comparisons) < 0.8
