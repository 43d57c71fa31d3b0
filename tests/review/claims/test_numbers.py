"""Numbers: units, signs, ranges, levels and counts; and numbers that are no results."""

from __future__ import annotations

import pytest

from auxjepa_review.claims.numbers import Quantity, find_quantities, plain_text


def read(text: str) -> list[Quantity]:
    return find_quantities(plain_text(text))


@pytest.mark.parametrize(
    ("text", "value", "signed", "unit"),
    [
        ("+5.92 pp", 5.92, True, "points"),
        ("-0.30 percentage points", -0.30, True, "points"),
        ("\u22120.30 p.p. on it", -0.30, True, "points"),
        ("\u2212 5.02 points", -5.02, True, "points"),
        ("(\u201310.14)", -10.14, True, ""),
        ("\uff0d2.5 points", -2.5, True, "points"),
        ("0.30 ± 0.05 points".replace(" ± 0.05", ""), 0.30, False, "points"),
        ("+0,30 pp", 0.30, True, "points"),
        ("a 5-point drop", 5.0, False, "points"),
        ("five percentage points", 5.0, False, "points"),
        ("2,500 points", 2500.0, False, "points"),
    ],
)
def test_differences_have_value_sign_and_unit(text: str, value: float, signed: bool, unit: str) -> None:
    (q,) = read(text)
    assert (q.what, q.low, q.signed, q.unit) == ("difference", value, signed, unit)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("by 2.5\u20132.9 points", 2.5, 2.9),
        ("by 2.5 to 2.9 points", 2.5, 2.9),
        ("+40\u201345 point improvement", 40, 45),
        ("losses of -13 to -16 percentage points", -16, -13),
        ("losses of \u221213 \u2013 \u221216 pp", -16, -13),
        ("between 1.5 and 1.7 points", 1.5, 1.7),
        ("by 2 % to 3 %", 2, 3),
    ],
)
def test_ranges_are_sorted(text: str, low: float, high: float) -> None:
    (q,) = read(text)
    assert (q.what, q.low, q.high) == ("range", low, high)


@pytest.mark.parametrize(
    "text", ["68.2 % to 71.4 %", "from 68.2 to 71.4", "71.4 vs. 68.2", "to 71.4 % from 68.2 %", "68.2 → 71.4"]
)
def test_two_levels_are_from_and_to(text: str) -> None:
    (q,) = read(text)
    assert (q.what, q.low, q.high) == ("levels", 68.2, 71.4)


@pytest.mark.parametrize(
    "text", ["10 of 14 methods", "10 out of 14", "10 out of the 14", "ten of fourteen", "10/14 runs"[:5]]
)
def test_counts(text: str) -> None:
    (q,) = read(text)
    assert (q.what, q.low, q.high) == ("count", 10, 14)


@pytest.mark.parametrize(
    ("text", "bound"), [(">5 points", "over"), ("more than 5 points", "over"), ("at most 5 points", "most")]
)
def test_bounds(text: str, bound: str) -> None:
    assert [q.bound for q in read(text)] == [bound]


def test_relative_percent_differs_from_points() -> None:
    assert [q.relative for q in read("a 5 % relative improvement")] == [True]
    assert [q.relative for q in read("5 % relative to the baseline, 4 points")] == [True, False]
    assert [q.relative for q in read("a 5 % absolute improvement")] == [False]


def test_a_list_shares_its_unit() -> None:
    assert [(q.low, q.unit) for q in read("5.02 and 3.21 points")] == [(5.02, "points"), (3.21, "points")]


@pytest.mark.parametrize(
    "text",
    [
        "in 2020",
        "(Smith et al., 2019)",
        "[12, 13]",
        "arXiv 2605.17165",
        "v2.1 and 1.2.3",
        "GPT-4",
        "p < 0.05",
        "+43.3 is not here [+34.8, +51.8]"[17:],
        "2.4x faster",
        "40 GB on 4 GPUs",
        "quality score of 8.4/10",
        "for 100 epochs",
    ],
)
def test_numbers_that_are_no_results(text: str) -> None:
    assert [q for q in read(text) if q.what != "level" or q.unit] == []


def test_dimensions_are_sizes() -> None:
    quantities = read("a fixed 768-dimensional embedding, 12 layers, 86M parameters and 1,024 channels")
    assert [(q.what, q.low, q.noun) for q in quantities] == [
        ("dimension", 768, "dimensions"),
        ("dimension", 12, "layers"),
        ("dimension", 86e6, "parameters"),
        ("dimension", 1024, "channels"),
    ]


def test_a_dash_between_words_and_number_is_no_minus() -> None:
    assert [(q.low, q.signed) for q in read("SSv2 \u2014 5.02 points more")] == [(5.02, False)]
