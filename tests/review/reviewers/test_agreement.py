"""Krippendorff's alpha: his worked example, the values of the former formulas, and its properties."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auxjepa.config import ConfigError
from auxjepa_review.reviewers.agreement import Level, alpha, check_installed, interval

NONE = None
# Four observers, twelve units (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", example C).
EXAMPLE = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
    [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
]


def test_the_worked_example() -> None:
    assert alpha(EXAMPLE) == pytest.approx(0.849, abs=5e-4)
    assert alpha(EXAMPLE, "ordinal") == pytest.approx(0.815, abs=5e-4)


# The values of the project's own formulas (squared spreads; midranks), which the library replaced.
FORMER = {
    ("interval", "example"): 0.8491071428571428,
    ("ordinal", "example"): 0.8153875037548813,
    ("interval", "random"): 0.34723704960574886,
    ("ordinal", "random"): 0.30738195752960495,
}


def random_ratings() -> list[list[float | None]]:
    """Ratings of six raters on nine units, a tenth of them missing."""
    rng = np.random.default_rng(7)
    ratings = rng.uniform(0, 10, (6, 9)).round(1) + 3 * rng.normal(size=9).round(1)
    return [[None if rng.random() < 0.1 else float(value) for value in row] for row in ratings]


@pytest.mark.parametrize(("level", "data"), FORMER)
def test_the_library_gives_the_values_of_the_former_formulas(level: Level, data: str) -> None:
    ratings = EXAMPLE if data == "example" else random_ratings()
    assert alpha(ratings, level) == pytest.approx(FORMER[level, data], abs=1e-12)


def test_the_interval_has_its_former_ends() -> None:
    assert interval(random_ratings()) == pytest.approx((0.02645355521424293, 0.5282756227136015), abs=1e-12)


def test_a_missing_library_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "krippendorff", None)
    with pytest.raises(ConfigError, match=r"needs krippendorff: pip install 'auxjepa\[review\]'"):
        check_installed()
    assert alpha([[1.0], [2.0]]) is None  # one document needs no library


def test_perfect_agreement_is_one_and_opposite_ratings_are_below_zero() -> None:
    assert alpha([[1, 5, 9], [1, 5, 9], [1, None, 9]]) == 1
    opposite = alpha([[1, 9], [9, 1]])
    assert opposite is not None and opposite < 0


@pytest.mark.parametrize("ratings", [[], [[]], [[1.0]], [[1.0], [None]], [[2, 2], [2, 2]]])
def test_there_is_no_alpha_without_variation_or_repeated_ratings(ratings: list) -> None:
    assert alpha(ratings) is None
    assert interval(ratings) is None


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=2, max_size=5),
    st.floats(0.1, 10),
    st.floats(-5, 5),
)
def test_a_change_of_scale_and_the_order_of_raters_change_nothing(rows: list, scale: float, shift: float) -> None:
    before = alpha(rows)
    after = alpha([[scale * v + shift for v in row] for row in reversed(rows)])
    if before is None:
        assert after is None or abs(after) < 1 + 1e-9
    else:
        assert after == pytest.approx(before, abs=1e-6)


def test_chance_is_near_zero_and_its_interval_holds_zero() -> None:
    rng = np.random.default_rng(0)
    ratings = rng.integers(0, 11, (6, 60)).tolist()
    value, within = alpha(ratings), interval(ratings)
    assert value is not None and abs(value) < 0.06
    assert within is not None and within[0] < 0 < within[1]
    assert interval(EXAMPLE) == interval(EXAMPLE)
