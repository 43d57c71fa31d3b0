"""Values that are equal up to rounding have no difference and no standard deviation."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.evidence.statistics.rounding import differences, remove_rounding, standard_deviation


@pytest.mark.parametrize(
    "values", [[0.1 + 0.2, 0.3], [100.0, 100.0 + 1e-12, 100.0 - 1e-12], [0.0, 0.0], [1e8, 1e8 + 1e-6]]
)
def test_rounding_has_no_standard_deviation(values: list[float]) -> None:
    assert standard_deviation(values) == 0.0


def test_small_differences_have_a_standard_deviation() -> None:
    assert standard_deviation([0.0, 1e-6]) == pytest.approx(np.std([0.0, 1e-6], ddof=1))
    assert standard_deviation([1.0, 2.0, 4.0]) == pytest.approx(np.std([1.0, 2.0, 4.0], ddof=1))


def test_differences_of_equal_values_are_exactly_zero() -> None:
    assert differences([0.1 + 0.2, 0.5, 20.0], [0.3, 0.25, 20.0]).tolist() == [0.0, 0.25, 0.0]


def test_rounding_is_relative_to_the_largest_score() -> None:
    values = np.array([[1e-7, -1e-7], [1e-3, 0.0]])
    assert remove_rounding(values, [1e3, -2.0]).tolist() == [[0.0, 0.0], [1e-3, 0.0]]
    assert remove_rounding(values, [1.0]).tolist() == values.tolist()
