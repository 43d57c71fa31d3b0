from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.stats.weightstats import ttost_paired

from auxjepa.evidence.statistics.equivalence import equivalence, seeds_to_show
from auxjepa.evidence.statistics.records import ComparisonError
from auxjepa.evidence.statistics.rounding import standard_deviation

CLOSE = [0.05, -0.1, 0.02, 0.08, -0.04, 0.01]
differences = st.lists(st.floats(-5, 5).map(lambda v: round(v, 3)), min_size=2, max_size=9)
margins = st.floats(0.01, 5)


@pytest.mark.parametrize("values", [CLOSE, [0.4, 0.1, 0.35], [-0.31, -0.2, -0.28, -0.1, -0.33]])
@pytest.mark.parametrize("margin", [0.3, 1.0])
def test_p_equals_statsmodels(values: list[float], margin: float):
    reference = np.linspace(50.0, 60.0, len(values))
    p, _, _ = ttost_paired(reference + values, reference, -margin, margin)
    assert equivalence(values, margin).p == pytest.approx(float(p))


def test_by_hand():
    # mean 0.2, sd 0.1: t = (0.3 - 0.2) / (0.1 / sqrt(3)) = sqrt(3); with 2 degrees p = (1 - t / sqrt(t^2 + 2)) / 2
    result = equivalence([0.1, 0.2, 0.3], 0.3)
    assert result.p == pytest.approx((1 - (3 / 5) ** 0.5) / 2)
    # 90 %: t(0.95, 2) = 2.91999
    assert result.interval == pytest.approx((0.2 - 0.168586, 0.2 + 0.168586), abs=1e-5)
    assert not result.equivalent


@given(differences, margins)
def test_equivalent_where_the_interval_lies_within(values: list[float], margin: float):
    result = equivalence(values, margin)
    reach = max(map(abs, result.interval))
    assume(abs(reach - margin) > 1e-9 and standard_deviation(values) > 0)
    assert result.equivalent == (reach < margin)


@given(differences, margins)
def test_sign_and_order_do_not_matter_and_a_wider_margin_is_easier(values: list[float], margin: float):
    result = equivalence(values, margin)
    mirrored = equivalence([-v for v in reversed(values)], margin)
    assert mirrored.p == pytest.approx(result.p, abs=1e-9)
    assert mirrored.interval == pytest.approx((-result.interval[1], -result.interval[0]))
    assert equivalence(values, margin + 1).p <= result.p


def test_equal_differences_show_nothing():
    assert equivalence([0.25, 0.25], 0.3).p == 1.0 and not equivalence([0.0] * 10, 0.3).equivalent
    assert equivalence([0.5, 0.5], 0.3).p == 1.0


@pytest.mark.parametrize(
    ("values", "margin", "alpha", "match"),
    [
        ([0.1], 0.3, 0.05, "2 pairs, got 1"),
        ([0.1, 0.2], 0.0, 0.05, "margin above 0"),
        ([0.1, 0.2], 0.3, 0.5, "alpha"),
    ],
)
def test_too_few_pairs_and_wrong_margins_are_an_error(values: list[float], margin: float, alpha: float, match: str):
    with pytest.raises(ComparisonError, match=match):
        equivalence(values, margin, alpha)


def test_seeds_to_show():
    # one-sided: 1 / 2^5 = 0.031; over 18 comparisons 18 / 2^9 = 0.035
    assert (seeds_to_show(), seeds_to_show(18)) == (5, 9)
