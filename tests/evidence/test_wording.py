"""Numbers and lists as text."""

from __future__ import annotations

import math

from auxjepa.evidence.statistics.effects import paired_effect
from auxjepa.evidence.statistics.records import Estimate
from auxjepa.evidence.wording import (
    format_count,
    format_effect,
    format_estimate,
    format_interval,
    format_limit,
    format_number,
    format_p,
    format_percent,
    format_quantity,
    format_signed,
    format_signed_estimate,
    format_signed_interval,
    join_words,
)


def test_numbers_have_a_true_minus_and_zero_has_no_sign() -> None:
    assert [format_signed(v) for v in (2.34, -2.34, 0.04, -0.04)] == ["+2.3", "−2.3", "0.0", "0.0"]
    assert [format_number(v, 2) for v in (2.345, -0.5)] == ["2.35", "−0.50"]
    assert format_signed_interval((-1.0, 2.0)) == "[−1.0, +2.0]" and format_interval((-1.0, 2.0)) == "[−1.0, 2.0]"


def test_p_values_shares_and_counts() -> None:
    assert [format_p(p) for p in (0.25, 0.0004, 0.03125)] == ["0.25", "< 0.001", "0.031"]
    assert [format_count(n, "seed") for n in (0, 1, 3)] == ["0 seeds", "1 seed", "3 seeds"]
    assert [format_quantity(v) for v in (640, 4000, 170_000)] == ["640", "4,000", "0.17 M"]
    assert [format_percent(share) for share in (0.0, 0.125, 1.0)] == ["0 %", "12 %", "100 %"]


def test_a_limit_is_never_zero() -> None:
    assert [format_limit(v) for v in (4.16, 0.5, 0.049, 0.0996, 0.00042, 0.0, None, math.inf)] == [
        "4.2", "0.5", "0.05", "0.10", "0.0004", "", "", "",
    ]  # fmt: skip
    assert [format_limit(v, 2) for v in (12.475, 0.0049)] == ["12.47", "0.005"]


def test_estimates_and_effects_show_an_interval_only_if_they_have_one() -> None:
    assert format_estimate(Estimate(13.25, (11.2, 14.34))) == "13.2 [11.2, 14.3]"
    assert format_estimate(Estimate(1.5, None), 2) == "1.50"
    assert format_signed_estimate(Estimate(-1.0, (-2.0, 0.0))) == "−1.0 [−2.0, 0.0]"
    names = {"variant": "ld", "reference": "baseline", "benchmark": "order"}
    assert format_effect(paired_effect({0: 3.0}, {0: 1.0}, **names)) == "+2.0"
    assert format_effect(paired_effect({0: 3.0, 1: 3.0}, {0: 1.0, 1: 1.0}, **names)) == "+2.0"


def test_lists_in_words() -> None:
    assert [join_words(w) for w in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
